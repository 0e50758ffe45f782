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
