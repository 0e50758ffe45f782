package shell

import (
	"bytes"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
)

// The marks around a block. What had to be added to the file beside the block is
// noted in the first, so that taking the block out gives the very bytes back.
const (
	beginStart = "# >>> golang-wsl"
	beginEnd   = " >>>"
	endMark    = "# <<< golang-wsl <<<"
	about      = `# Written by "golang-wsl setup"; "golang-wsl setup --undo" takes it out.`

	inNewFile = ", in a new file"
)

// markLine finds marks, with the notes of later versions too, and with the CR
// that an editor gives to every line of a file.
var markLine = regexp.MustCompile(`(?m)^# (?:>>> golang-wsl(, [a-z ]+)? >>>|<<< golang-wsl <<<)\r?$\n?`)

// added is how many line ends came before a block, by the note in its mark.
var added = map[string]int{
	", after a line without an end":                     1,
	", after a line that goes on":                       1, // its end has a backslash before it
	", after a line that goes on and is without an end": 2,
}

// Insert puts a block of lines into the content of an rc file: at the end, where
// what others set up is already done. Where there are blocks, one remains, up to
// date, in the place of the first. To insert twice is the same as once. The
// lines end in a line end, and no mark is among them.
//
// Every byte outside blocks stays. A mark without its counterpart is text of the
// user's: a block is a begin mark and the next mark, where that is an end mark.
// The block's own lines end in LF in a file with CRLF as well: to bash a CR is
// part of the last word.
//
// created says that there is no file yet, for [Remove] to tell.
func Insert(content []byte, lines string, created bool) []byte {
	found := blocks(content)
	if len(found) == 0 {
		note := noteFor(content)
		if created {
			note = inNewFile
		}
		out := append(slices.Clip(content), bytes.Repeat([]byte("\n"), added[note])...)
		return append(out, block(note, lines)...)
	}
	extra := superfluous(content)
	return rewrite(content, func(b span) []byte {
		if slices.Contains(extra, b) {
			return nil
		}
		return block(b.note, lines)
	})
}

// Remove takes all blocks out of the content of an rc file, and with them what
// [Insert] had added. created reports that a block was the start of the file: if
// nothing is left, nobody else has written to it.
func Remove(content []byte) (rest []byte, created bool) {
	for _, b := range blocks(content) {
		created = created || b.note == inNewFile
	}
	return rewrite(content, func(span) []byte { return nil }), created
}

// HasBlock reports whether there is a block in the content of an rc file.
func HasBlock(content []byte) bool { return len(blocks(content)) > 0 }

// Blocks counts the blocks in the content of an rc file.
func Blocks(content []byte) int { return len(blocks(content)) }

func block(note, lines string) []byte {
	return []byte(beginStart + note + beginEnd + "\n" + about + "\n" + lines + endMark + "\n")
}

// noteFor says what is missing between content and a block after it.
func noteFor(content []byte) string {
	text, ended := bytes.CutSuffix(content, []byte("\n"))
	goesOn := bytes.HasSuffix(text, []byte(`\`))
	switch {
	case goesOn && ended:
		return ", after a line that goes on"
	case goesOn:
		return ", after a line that goes on and is without an end"
	case !ended && len(text) > 0:
		return ", after a line without an end"
	}
	return ""
}

// A span is a part of a content, of whole lines: one mark, or a block.
type span struct {
	start, end int
	begins     bool
	note       string // of the begin mark
}

func marks(content []byte) (list []span) {
	for _, m := range markLine.FindAllSubmatchIndex(content, -1) {
		mark := span{start: m[0], end: m[1], begins: content[m[0]+2] == '>'}
		if m[2] >= 0 {
			mark.note = string(content[m[2]:m[3]])
		}
		list = append(list, mark)
	}
	return list
}

// isBlock reports whether list[i] and the mark after it are those of a block.
func isBlock(list []span, i int) bool {
	return i >= 0 && i+1 < len(list) && list[i].begins && !list[i+1].begins
}

func blocks(content []byte) (found []span) {
	list := marks(content)
	for i := range list {
		if isBlock(list, i) {
			found = append(found, join(list[i], list[i+1]))
		}
	}
	return found
}

func join(begin, end span) span {
	return span{begin.start, end.end, true, begin.note}
}

// superfluous are the blocks after the first. One between a lone begin mark and
// a lone end mark is not: without it these two would look like a block, and the
// next setup would replace the user's lines between them.
func superfluous(content []byte) (found []span) {
	list := marks(content)
	first := true
	for i := 0; i < len(list); {
		if !isBlock(list, i) {
			i++
			continue
		}
		apart := i > 0 && list[i-1].begins && i+2 < len(list) && !list[i+2].begins
		if first || apart {
			first = false
			i += 2
			continue
		}
		found = append(found, join(list[i], list[i+1]))
		list = slices.Delete(list, i, i+2)
	}
	return found
}

// rewrite puts in the place of each block what replace makes of it. Where it
// makes nothing, the line ends that came with the block go as well, unless a line
// has come after it in the meantime.
func rewrite(content []byte, replace func(span) []byte) []byte {
	out := make([]byte, 0, len(content)+512)
	at, came := 0, 0
	for i, b := range blocks(content) {
		if i == 0 || b.start > at { // a block right after another came with none
			came = cameWith(content, b)
		}
		out = append(out, content[at:b.start]...)
		if text := replace(b); text != nil {
			out = append(out, text...)
			came = 0
		}
		at = b.end
	}
	if at == len(content) {
		return out[:len(out)-came]
	}
	return append(out, content[at:]...)
}

// cameWith is how many line ends before a block were added for it: as many as
// its note says, if they would be added again.
func cameWith(content []byte, b span) int {
	n := added[b.note]
	before, ok := bytes.CutSuffix(content[:b.start], bytes.Repeat([]byte("\n"), n))
	if !ok || noteFor(before) != b.note {
		return 0
	}
	return n
}

// plain is what needs no quoting in any shell.
var plain = regexp.MustCompile(`^[A-Za-z0-9_./-]+$`)

// Source is the line with which an rc file of the shell reads a hook, if that is
// there; that for bash is for any POSIX shell. A hook below home is named by
// $HOME: rc files are carried to other machines.
func Source(shell, home, hook string) (string, error) {
	word := Quote(shell, hook)
	below, err := filepath.Rel(home, hook)
	if err == nil && filepath.IsLocal(below) {
		word = `"$HOME"/` + Quote(shell, below)
		if plain.MatchString(below) {
			word = `"$HOME/` + below + `"`
		}
	}
	line := "if [ -r " + word + " ]; then . " + word + "; fi\n"
	if shell == "fish" {
		line = "if test -r " + word + "; source " + word + "; end\n"
	}
	if markLine.MatchString(line) {
		return "", fmt.Errorf("a line of %q is like a mark of this program's", hook)
	}
	return line, nil
}
