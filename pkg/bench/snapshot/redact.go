package snapshot

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// A Redactor takes names out of texts. What it puts in their place, "[user]", is the
// same in every text.
//
//	r := snapshot.NewRedactor(machine.Secrets(ctx))
//	fmt.Println(r.Text("/home/anna/go: permission denied")) // [home]/...: permission denied
//
// A name is found in any case, and in the forms that programs write it in: with its
// blanks escaped, as a part of a path of Windows, in JSON, as UTF-16, and as the short
// name that Windows makes of it. A name of less than 8 letters is found as a word
// only: anna is not taken out of annals. Addresses of network cards are taken out
// whether they are known or not.
type Redactor struct {
	forms []form    // the longest first
	first [256]bool // bytes that one of them may begin with, as most do not
}

// A form is one way to write a secret.
type form struct {
	folded []rune
	as     string
	bound  bool // it counts as a word only
	path   bool
	keep   bool // of a path: what is below it
}

// wholeWord is the length from which a name is taken out of longer words as well.
const wholeWord = 8

// NewRedactor makes a Redactor that knows these.
func NewRedactor(s Secrets) *Redactor {
	r := new(Redactor)
	for _, list := range []struct {
		as    string
		names []string
	}{{"host", s.Hosts}, {"user", s.Users}, {"distribution", s.Distributions}} {
		n := 0
		for _, name := range list.names {
			if name = strings.TrimSpace(name); name != "" {
				n++
				r.name(name, numbered(list.as, n))
			}
		}
	}
	count := make(map[string]int)
	for _, d := range s.Dirs {
		count[d.As]++
		r.dir(d, numbered(d.As, count[d.As]))
	}
	for _, mac := range s.MACs {
		for _, written := range macForms(mac) {
			r.add(written, form{as: "[mac]", bound: true})
		}
	}
	slices.SortStableFunc(r.forms, func(a, b form) int { return len(b.folded) - len(a.folded) })
	return r
}

func numbered(as string, n int) string {
	if n == 1 {
		return "[" + as + "]"
	}
	return "[" + as + number(int64(n)) + "]"
}

func (r *Redactor) add(written string, f form) {
	for _, c := range written {
		f.folded = append(f.folded, foldRune(c))
	}
	if len(f.folded) == 0 {
		return
	}
	r.forms = append(r.forms, f)
	for c := range r.first {
		r.first[c] = r.first[c] || c >= utf8.RuneSelf || strings.ContainsRune(`\%+`, rune(c)) || foldRune(rune(c)) == f.folded[0]
	}
}

func (r *Redactor) name(name, as string) {
	r.add(name, form{as: as, bound: len([]rune(name)) < wholeWord})
	r.add(shortName(name), form{as: as})
}

func (r *Redactor) dir(d Dir, as string) {
	clean := strings.TrimSuffix(d.Path, "/")
	for _, p := range []string{clean, onDrive(clean)} {
		r.add(p, form{as: as, bound: true, path: true, keep: d.Keep})
	}
}

// Text is a text without the secrets. Nothing else in it is changed.
func (r *Redactor) Text(text string) string {
	var b strings.Builder
	kept := 0 // up to there the text is in b
	for i := 0; i < len(text); {
		f, size := r.at(text, i)
		if size == 0 {
			_, n := utf8.DecodeRuneInString(text[i:])
			i += n
			continue
		}
		b.WriteString(text[kept:i] + f.as)
		i += size
		if n := tail(text[i:]); f.path && !f.keep && n > 1 {
			b.WriteString(text[i:i+1] + "...")
			i += n
		}
		kept = i
	}
	return anyMAC(b.String() + text[kept:])
}

// at is the longest form that begins there, and how many bytes it has.
func (r *Redactor) at(text string, i int) (form, int) {
	if !r.first[text[i]] {
		return form{}, 0
	}
	for _, f := range r.forms {
		if n := f.match(text[i:]); n > 0 && (!f.bound || begins(text, i) && ends(text, i+n)) {
			return f, n
		}
	}
	return form{}, 0
}

var uuid = regexp.MustCompile(`(?i)\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b`)

// Snapshot is a copy without the secrets, and without the identities of disks and
// partitions, which are on kernel command lines.
func (r *Redactor) Snapshot(s *Snapshot) *Snapshot {
	clean := func(text string) string { return uuid.ReplaceAllString(r.Text(text), "[uuid]") }
	c := &Snapshot{Schema: s.Schema, Taken: s.Taken, Facts: slices.Clone(s.Facts)}
	for i, f := range c.Facts {
		f.Name, f.Value, f.Raw, f.Absent, f.Source = clean(f.Name), clean(f.Value), clean(f.Raw), clean(f.Absent), clean(f.Source)
		c.Facts[i] = f
	}
	return c
}

func isWord(c rune) bool { return unicode.IsLetter(c) || unicode.IsDigit(c) }

// escapes end with a letter or a digit that is no part of the word behind it.
var escapes = regexp.MustCompile(`(?i)(\\[abfnrtv]|\\[0-7]{3}|\\x[0-9a-f]{2}|\\u[0-9a-f]{4}|%[0-9a-f]{2})$`)

// begins reports whether a word may begin there.
func begins(text string, i int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:i])
	first, _ := utf8.DecodeRuneInString(text[i:])
	return !isWord(before) || !isWord(first) || escapes.MatchString(text[max(0, i-6):i])
}

// ends reports whether a word may end there.
func ends(text string, i int) bool {
	after, _ := utf8.DecodeRuneInString(text[i:])
	return !isWord(after)
}

// tail is how many bytes a path goes on.
func tail(text string) int {
	if text == "" || text[0] != '/' && text[0] != '\\' {
		return 0
	}
	wide := len(text) > 1 && text[1] == 0
	for i, c := range text {
		if c == 0 && wide {
			continue
		}
		if unicode.IsSpace(c) || unicode.IsControl(c) || strings.ContainsRune("\"'`:;,|<>()[]{}", c) {
			return i
		}
	}
	return len(text)
}
