package doctor

import (
	"fmt"
	"strings"
)

// A Fix is a cure as things to do: files that get another content, then commands of
// golang-wsl. Nothing else is touched. A machine on which it was done has nothing
// left of it to do.
type Fix struct {
	Edits    []Edit
	Commands []Command
}

// An Edit gives a file another content.
type Edit struct {
	File     string // absolute, behind all links
	Old, New []byte // if the file is no longer Old, it is to be left alone
	What     string // "take out the carriage returns"
}

// A Command is one of golang-wsl.
type Command struct {
	Args    []string // behind "golang-wsl"
	Touches []string // the files and directories that it may change
}

// Lines say what a Fix does, one line for each thing.
func (f *Fix) Lines() (lines []string) {
	for _, e := range f.Edits {
		lines = append(lines, fmt.Sprintf("edit %s: %s", e.File, e.What))
	}
	for _, c := range f.Commands {
		words := make([]string, len(c.Args))
		for i, arg := range c.Args {
			words[i] = quote(arg)
		}
		lines = append(lines, fmt.Sprintf("run golang-wsl %s, which changes %s", strings.Join(words, " "), strings.Join(c.Touches, ", ")))
	}
	return lines
}
