package snapshot

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A spelling is what a text may have for one letter of a name.
type spelling struct {
	letter rune
	size   int // bytes
}

// spellings are what a text may mean at a place: the letter that is there, and what it
// is an escape of. Programs escape what others have escaped: any number of backslashes
// is taken for one.
func spellings(text string) (list []spelling) {
	c, size := utf8.DecodeRuneInString(text)
	list = append(list, spelling{c, size})
	switch {
	case c == '%':
		if letter, size := percent(text); size > 0 {
			list = append(list, spelling{letter, size})
		}
	case c == '+':
		list = append(list, spelling{' ', 1}) // a blank in the query of a URL
	case c == '\\':
		rest := strings.TrimLeft(text, `\`)
		run := len(text) - len(rest)
		list = append(list, spelling{'\\', run})
		if letter, size := escaped(rest); size > 0 {
			list = append(list, spelling{letter, run + size})
		}
	}
	return list
}

// percent decodes one letter as URLs have it: %C3%BC.
func percent(text string) (letter rune, size int) {
	var b []byte
	for len(text) >= 3 && text[0] == '%' && len(b) < utf8.UTFMax && !utf8.FullRune(b) {
		v, err := strconv.ParseUint(text[1:3], 16, 8)
		if err != nil {
			break
		}
		b, text = append(b, byte(v)), text[3:]
	}
	if len(b) == 0 {
		return 0, 0
	}
	letter, _ = utf8.DecodeRune(b)
	return letter, 3 * len(b)
}

// escaped decodes what may stand behind a backslash: 040 of mountinfo, x2d of systemd,
// u00fc of JSON and Go, and a blank or a slash as it is.
func escaped(text string) (letter rune, size int) {
	for _, e := range []struct {
		prefix       string
		digits, base int
	}{{"", 3, 8}, {"x", 2, 16}, {"u", 4, 16}, {"U", 8, 16}} {
		if n := len(e.prefix) + e.digits; len(text) >= n && strings.HasPrefix(text, e.prefix) {
			if v, err := strconv.ParseUint(text[len(e.prefix):n], e.base, 32); err == nil {
				return rune(v), n
			}
		}
	}
	if text != "" && strings.ContainsRune(` /-'"&`, rune(text[0])) {
		return rune(text[0]), 1
	}
	return 0, 0
}

// match is how many bytes at the beginning of a text spell a name, or 0. A slash is a
// backslash as well, where the name is a path. NULs between the letters are those of
// UTF-16 that nobody has decoded.
func (f form) match(text string) int {
	at, wide := 0, false
	for i, want := range f.folded {
		for i > 0 && at < len(text) && text[at] == 0 {
			at, wide = at+1, true
		}
		size := 0
		switch {
		case at == len(text):
		case text[at] < utf8.RuneSelf && !strings.ContainsRune(`\%+`, rune(text[at])):
			if foldRune(rune(text[at])) == want {
				size = 1
			}
		default:
			for _, s := range spellings(text[at:]) {
				if got := foldRune(s.letter); got == want || f.path && want == '/' && got == '\\' {
					size = max(size, s.size)
				}
			}
		}
		if size == 0 {
			return 0
		}
		at += size
	}
	if wide && at < len(text) && text[at] == 0 {
		at++
	}
	return at
}

// foldRune is the same for letters that differ by case only.
func foldRune(c rune) rune {
	if c < utf8.RuneSelf {
		if 'a' <= c && c <= 'z' && c != 'k' && c != 's' { // of which there are more
			return c - 'a' + 'A'
		}
		if c != 'k' && c != 'K' && c != 's' && c != 'S' {
			return c
		}
	}
	least := c
	for next := unicode.SimpleFold(c); next != c; next = unicode.SimpleFold(next) {
		least = min(least, next)
	}
	return least
}

// shortName is how Windows calls the directory of a user whose name is no 8.3 name.
// The number is nearly always 1. It is "" for others.
func shortName(name string) string {
	bare := strings.Map(func(c rune) rune {
		if unicode.IsSpace(c) || c == '.' {
			return -1
		}
		return c
	}, name)
	runes := []rune(bare)
	if len(runes) <= 8 && bare == name || len(runes) < 3 {
		return ""
	}
	return string(runes[:min(6, len(runes))]) + "~1"
}

var drive = regexp.MustCompile(`^/(?:mnt/(?:host/)?)?([a-z])(/.*)$`)

// onDrive is a path on a drive of Windows with the letter of that, or "".
func onDrive(name string) string {
	if found := drive.FindStringSubmatch(name); found != nil {
		return found[1] + ":" + found[2]
	}
	return ""
}
