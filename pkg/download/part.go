package download

import (
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"
)

// part is the file that holds the bytes [0, size) of a download. What they
// belong to is its seal, in the file beside it.
type part struct {
	path string
	file *os.File
	size int64
	seal seal
}

// seal names the content that a part file is the beginning of.
type seal struct {
	url       string // redacted
	validator string // strong ETag or Last-Modified, fit for If-Range; "" for none
	total     int64  // -1 when unknown
}

func sealPath(path string) string { return path + ".etag" }

// Discard removes the part file and what is kept beside it; missing files are
// fine. Callers use it for a download whose digest was wrong.
func Discard(path string) error {
	var errs []error
	for _, name := range []string{sealPath(path), path} {
		if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// discardEmpty removes a part file without a byte in it.
func discardEmpty(path string) {
	if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Size() == 0 {
		_ = Discard(path)
	}
}

// openPart opens or creates the part file. Bytes of another URL, or without a
// validator that a server could confirm, do not count.
func openPart(path, safeURL string) (*part, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	info, err := file.Stat()
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	p := &part{path: path, file: file, seal: seal{total: -1}}
	data, err := os.ReadFile(sealPath(path))
	if err != nil {
		return p, nil
	}
	s, ok := parseSeal(data)
	if ok && s.url == safeURL && (s.total < 0 || info.Size() <= s.total) {
		p.seal, p.size = s, info.Size()
	}
	return p, nil
}

// restart empties the part for the content that s names.
func (p *part) restart(s seal) error {
	p.size, p.seal = 0, seal{total: -1}
	if err := p.breakSeal(); err != nil {
		return err
	}
	info, err := p.file.Stat()
	if err != nil {
		return err
	}
	if info.Size() > 0 {
		if err := p.file.Truncate(0); err != nil {
			return err
		}
	}
	return p.reseal(s)
}

// reseal records s before any byte that belongs to it is written. A torn write
// does not parse, and the next process starts anew.
func (p *part) reseal(s seal) error {
	if s == p.seal {
		return nil
	}
	p.seal = s
	if s.validator == "" {
		return p.breakSeal()
	}
	return os.WriteFile(sealPath(p.path), s.format(), 0o600)
}

// breakSeal makes the part worthless to the next process.
func (p *part) breakSeal() error {
	err := os.Remove(sealPath(p.path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (p *part) close() error {
	if p.file == nil {
		return nil
	}
	err := p.file.Close()
	p.file = nil
	return err
}

// append writes data at the end.
func (p *part) append(data []byte) error {
	n, err := p.file.WriteAt(data, p.size)
	p.size += int64(n)
	return err
}

func (s seal) format() []byte {
	return fmt.Appendf(nil, "%s\n%s\n%d\n", s.url, s.validator, s.total)
}

func parseSeal(data []byte) (seal, bool) {
	lines := strings.Split(string(data), "\n")
	if len(lines) != 4 || lines[3] != "" || !isValidator(lines[1]) {
		return seal{}, false
	}
	total, err := strconv.ParseInt(lines[2], 10, 64)
	if err != nil || total < -1 {
		return seal{}, false
	}
	return seal{url: lines[0], validator: lines[1], total: total}, true
}

func isValidator(text string) bool {
	if _, err := http.ParseTime(text); err == nil {
		return true
	}
	return isStrong(text)
}

// isStrong tells an ETag that promises the same bytes (RFC 9110, section
// 8.8.3), and that can be sent back.
func isStrong(etag string) bool {
	if len(etag) < 2 || etag[0] != '"' || etag[len(etag)-1] != '"' {
		return false
	}
	return !strings.ContainsFunc(etag[1:len(etag)-1], func(r rune) bool {
		return r <= ' ' || r == '"' || r == 0x7f
	})
}

// validatorOf picks what If-Range may carry: a strong ETag, else a Last-Modified
// at least a second older than the answer (RFC 9110, section 8.8.2.2).
func validatorOf(header http.Header) string {
	if etag := header.Get("ETag"); isStrong(etag) {
		return etag
	}
	modified := header.Get("Last-Modified")
	when, err := http.ParseTime(modified)
	if err != nil {
		return ""
	}
	if now, err := http.ParseTime(header.Get("Date")); err == nil && now.Sub(when) < time.Second {
		return ""
	}
	return modified
}
