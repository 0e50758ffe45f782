package download

import (
	"strconv"
	"strings"
)

// contentRange is a Content-Range header (RFC 9110, section 14.4).
type contentRange struct {
	start int64 // -1 in an answer that satisfies no range
	total int64 // -1 when the server does not say
}

// parseContentRange reads "bytes 0-9/10", "bytes 0-9/*" and "bytes */10".
func parseContentRange(text string) (contentRange, bool) {
	rest, ok := strings.CutPrefix(text, "bytes ")
	if !ok {
		return contentRange{}, false
	}
	span, size, ok := strings.Cut(rest, "/")
	if !ok {
		return contentRange{}, false
	}
	r := contentRange{start: -1, total: -1}
	if size != "*" {
		if r.total, ok = parseSize(size); !ok {
			return contentRange{}, false
		}
	}
	if span == "*" {
		return r, r.total >= 0
	}
	first, last, _ := strings.Cut(span, "-")
	start, ok1 := parseSize(first)
	end, ok2 := parseSize(last)
	if !ok1 || !ok2 || end < start || r.total >= 0 && end >= r.total {
		return contentRange{}, false
	}
	r.start = start
	return r, true
}

func parseSize(text string) (int64, bool) {
	n, err := strconv.ParseUint(text, 10, 63)
	return int64(n), err == nil
}
