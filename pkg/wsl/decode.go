package wsl

import (
	"bytes"
	"strings"
	"unicode/utf16"
)

// Decode makes text of what wsl.exe wrote: UTF-16LE without a byte order mark,
// unless WSL_UTF8 is 1 and Windows new enough; some builds begin in one and go on
// in the other (docker/desktop-feedback#302). Each stretch is judged by whether
// every second byte is NUL or not. Carriage returns and NULs are gone from the text.
func Decode(data []byte) string {
	var b strings.Builder
	data = bytes.TrimPrefix(data, []byte("\xff\xfe"))
	for len(data) > 0 {
		n := wideLen(data)
		if n == 0 {
			n = narrowLen(data)
			b.WriteString(strings.ToValidUTF8(string(data[:n]), "\ufffd"))
		} else {
			units := make([]uint16, n/2)
			for i := range units {
				units[i] = uint16(data[2*i]) | uint16(data[2*i+1])<<8
			}
			b.WriteString(string(utf16.Decode(units)))
		}
		data = data[n:]
	}
	return strings.NewReplacer("\x00", "", "\r", "", "\ufeff", "").Replace(b.String())
}

// wideLen is how much of data is UTF-16LE: up to where it ends with a line, or
// turns into bytes. It is 0 where data begins with other text. A line of UTF-16LE
// begins with two ASCII characters, and has one in four at least: the columns are
// filled with blanks.
func wideLen(data []byte) int {
	if !bytes.ContainsRune(data[:narrowLen(data)], 0) {
		return 0
	}
	end := bytes.Index(data, []byte("\n\x00"))
	if end < 0 || end%2 != 0 {
		end = len(data) &^ 1
	} else {
		end += 2
	}
	nul := 0
	for i := 1; i < end; i += 2 {
		if data[i] == 0 {
			nul++
		}
	}
	if end == 0 || nul*8 < end {
		return 0
	}
	return end
}

// narrowLen is the length of the first line of other text.
func narrowLen(data []byte) int {
	if i := bytes.IndexByte(data, '\n'); i >= 0 {
		return i + 1
	}
	return len(data)
}
