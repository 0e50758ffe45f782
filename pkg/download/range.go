package download

import (
	"errors"
	"fmt"
	"net/http"
)

// version is what the headers of an answer call its content.
type version struct{ etag, modified string }

func versionOf(header http.Header) version {
	return version{header.Get("ETag"), header.Get("Last-Modified")}
}

// differs compares ETags where both have one, else dates where both have one.
func (v version) differs(w version) bool {
	if v.etag != "" && w.etag != "" {
		return v.etag != w.etag
	}
	return v.modified != "" && w.modified != "" && v.modified != w.modified
}

func (v version) String() string {
	if v.etag != "" {
		return v.etag
	}
	return v.modified
}

// version is what the validator in the part's seal stands for.
func (s seal) version() version {
	if isStrong(s.validator) {
		return version{etag: s.validator}
	}
	return version{modified: s.validator}
}

// acceptRest takes a 206. It must begin at the byte that was asked for, in the
// content that was begun; servers that get one of them wrong are asked for the
// whole content next.
func (s *stream) acceptRest(a *answer) error {
	text := a.Header.Get("Content-Range")
	r, ok := parseContentRange(text)
	if !ok || r.start != s.part.size {
		return s.distrust(fmt.Errorf("wanted the bytes from %d, got content-range %q", s.part.size, text))
	}
	if err := s.agree(r.total); err != nil {
		return err
	}
	// If-Range cannot ask about a weak ETag (RFC 9110, section 13.1.5), and not
	// every server obeys it.
	if v := versionOf(a.Header); v.differs(s.version) {
		return s.distrust(fmt.Errorf("wanted the rest of %s, got that of %s", s.version, v))
	}
	return nil
}

// acceptEnd takes a 416: all bytes are there already, if the server says so.
func (s *stream) acceptEnd(a *answer) error {
	r, ok := parseContentRange(a.Header.Get("Content-Range"))
	if !ok || r.start >= 0 {
		return s.distrust(errors.New("the server refused a range without a reason"))
	}
	if err := s.agree(r.total); err != nil {
		return err
	}
	if r.total != s.part.size {
		return s.distrust(errors.New("the server refused a range inside the content"))
	}
	return nil
}

// agree compares the total that an answer names with what is known of it.
func (s *stream) agree(total int64) error {
	fits := total < 0 || total >= s.part.size && (s.total < 0 || total == s.total)
	switch {
	case fits:
		s.total = max(s.total, total)
		return nil
	case s.opened:
		return s.changed()
	}
	return s.distrust(errors.New("the part file belongs to other content"))
}

// distrust makes the next try ask for the whole content.
func (s *stream) distrust(fault error) error {
	s.fromZero = true
	return fault
}
