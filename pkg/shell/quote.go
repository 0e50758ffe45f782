package shell

import "strings"

// Quote returns text as one word of the shell's language, whatever is in it but
// NUL bytes. Between single quotes POSIX shells and zsh know no escape at all, so
// that a quote ends the word, is added by itself, and the word goes on. That also
// holds for zsh's option rc_quotes, which would take two quotes in a row for one.
// fish knows two escapes between single quotes. Any other shell is taken for a
// POSIX one.
func Quote(shell, text string) string {
	escape := strings.NewReplacer(`'`, `'\''`)
	if shell == "fish" {
		escape = strings.NewReplacer(`\`, `\\`, `'`, `\'`)
	}
	return "'" + escape.Replace(text) + "'"
}

// Word is text as one word of a POSIX shell, to be read and copied by people: quotes are
// around it only where they are needed.
func Word(text string) string {
	plain := func(r rune) bool {
		return strings.ContainsRune("-_./=,:+%@^", r) || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	}
	if text != "" && !strings.ContainsFunc(text, func(r rune) bool { return !plain(r) }) {
		return text
	}
	return Quote("sh", text)
}

// Line is words as a line that a POSIX shell reads as these words again, each as [Word]
// has it.
func Line(words []string) string {
	list := make([]string, len(words))
	for i, w := range words {
		list[i] = Word(w)
	}
	return strings.Join(list, " ")
}
