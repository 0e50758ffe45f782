package config

import "fmt"

// An Error is what is wrong with a file.
type Error struct {
	// Line is counted from 1.
	Line int
	// Key is what the problem is with, its table in front: "wsl2.data_dir". It is
	// "" where the file is not TOML.
	Key string
	// Text is the problem, without the line: `stall: "soon" is not a duration`.
	Text string
	// Near is the known key or table that is most like an unknown one, without
	// its table where both are in the same; "" where none is like it.
	Near string
	// Want is how the value is written; "" where that is not the problem.
	Want string
}

func (e *Error) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Text) }
