package gc

import (
	"bytes"
	"fmt"
	"io"
	"regexp"
)

// A Splitter is what a program with GODEBUG=gctrace=1 writes its errors to. It keeps
// the lines of gctrace and passes the rest on as it comes: what the program says
// itself, and what other settings of GODEBUG do.
//
// The runtime writes a line in some forty pieces, so that another goroutine can
// write between them. Such a line is no longer readable: it is passed on as well,
// and counted. A Splitter is not for several goroutines at once.
type Splitter struct {
	rest   io.Writer
	trace  Trace
	line   []byte // the present one, without what is too long
	passed int    // of line, to rest
	cut    bool   // line is not all of it
	timed  bool   // "GC forced" was there since the last cycle
}

// NewSplitter returns a Splitter that passes on to rest. [Splitter.Close] ends it.
func NewSplitter(rest io.Writer) *Splitter { return &Splitter{rest: rest} }

// Parse reads what a program has written. With an [*IncompleteError] the trace is
// only a part of its cycles.
func Parse(r io.Reader) (*Trace, error) {
	s := NewSplitter(io.Discard)
	if _, err := io.Copy(s, r); err != nil {
		return s.Trace(), fmt.Errorf("read gctrace: %w", err)
	}
	if err := s.Close(); err != nil {
		return s.Trace(), err
	}
	return s.Trace(), s.trace.Err()
}

// A Trace is the cycles of one program, in the order in which they were written.
type Trace struct {
	Cycles     []Cycle
	Unreadable int // lines that are a part of one of gctrace
	Missing    int // cycles that have no readable line, by the numbers of the others
	// Mixed says that several programs wrote: one that starts others hands GODEBUG
	// down. Which cycle is whose cannot be known, nor whether one is missing.
	Mixed  bool
	sample string
}

// An IncompleteError says that cycles are missing.
type IncompleteError struct {
	Unreadable, Missing int
	Sample              string // the first unreadable line
}

func (e *IncompleteError) Error() string {
	text := fmt.Sprintf("gctrace is incomplete: %d unreadable lines, %d cycles without one", e.Unreadable, e.Missing)
	if e.Sample != "" {
		text += fmt.Sprintf("; the first is %q", e.Sample)
	}
	return text
}

// Err is an [*IncompleteError], or nil where the trace is whole. A trace without any
// line is whole: a program need not collect, and need not be one of Go.
func (t *Trace) Err() error {
	if t.Unreadable == 0 && t.Missing == 0 {
		return nil
	}
	return &IncompleteError{t.Unreadable, t.Missing, t.sample}
}

// Trace is what there is so far.
func (s *Splitter) Trace() *Trace { return &s.trace }

// longest is more than any line of gctrace has.
const longest = 1 << 10

var (
	// opening is what a line of gctrace may begin with, at the end of what is there.
	opening = regexp.MustCompile(`(?:g(?:c(?: (?:\d+(?: (?:@.*)?)?)?)?)?|G(?:C(?: (?:f(?:o(?:r(?:c(?:ed?)?)?)?)?)?)?)?)$`)
	begun   = regexp.MustCompile(`^gc \d+ @`)
	// part is what nobody else writes: the beginning of a line of gctrace, or a piece
	// out of its middle. "init errors @0 ms, 0.017 ms clock" of inittrace is none.
	part = regexp.MustCompile(`gc \d+ @[\d.]|[+/][\d.]+ ms (?:clock|cpu),|\d MB goal,| MB stacks, \d| MB globals, \d|^ \(forced\)$`)
	// stump is what only the end of a text may leave of a line.
	stump = regexp.MustCompile(`^gc(?: \d*(?: .*)?)?$`)
)

var forcedLine = []byte("GC forced")

// Write never fails by what is written, only if what it passes on to does.
func (s *Splitter) Write(p []byte) (n int, err error) {
	for len(p) > 0 && err == nil {
		line, rest, whole := bytes.Cut(p, []byte("\n"))
		if err = s.more(line); err == nil && whole {
			err = s.end(true)
		}
		n += len(p) - len(rest)
		p = rest
	}
	return n, err
}

// Close ends the last line. It does not close what is passed on to.
func (s *Splitter) Close() error {
	if stump.Match(s.line) {
		s.unreadable()
		return s.pass(len(s.line))
	}
	return s.end(false)
}

// more takes a piece of a line and passes on what is not one of gctrace.
func (s *Splitter) more(piece []byte) error {
	for len(piece) > 0 {
		room := longest - len(s.line)
		if room == 0 { // the beginning of so long a line is judged when it ends
			if err := s.pass(len(s.line)); err != nil {
				return err
			}
			s.cut = true
			_, err := s.rest.Write(piece)
			return err
		}
		n := min(room, len(piece))
		s.line, piece = append(s.line, piece[:n]...), piece[n:]
	}
	if begun.Match(s.line[s.passed:]) {
		return nil
	}
	if at := opening.FindIndex(s.line[s.passed:]); at != nil {
		return s.pass(s.passed + at[0])
	}
	return s.pass(len(s.line))
}

// pass passes on the line up to a place.
func (s *Splitter) pass(to int) error {
	if to <= s.passed {
		return nil
	}
	_, err := s.rest.Write(s.line[s.passed:to])
	s.passed = to
	return err
}

// end judges a line. What is before a cycle in it and after it is not the runtime's.
func (s *Splitter) end(newline bool) error {
	before, after, found := s.take(newline)
	err := s.pass(before)
	s.passed = max(s.passed, after)
	if err == nil {
		err = s.pass(len(s.line))
	}
	if newline && err == nil && (!found || after < len(s.line) || s.cut) {
		_, err = s.rest.Write([]byte("\n"))
	}
	s.line, s.passed, s.cut = s.line[:0], 0, false
	return err
}

// take keeps what a line says of a cycle. It is from before to after. Without a
// newline it may not be all of it: "(forced)" is last.
func (s *Splitter) take(newline bool) (before, after int, found bool) {
	if !newline {
		if part.Match(s.line) {
			s.unreadable()
		}
		return 0, 0, false
	}
	if groups := cycleLine.FindSubmatchIndex(s.line); groups != nil && groups[0] >= s.passed {
		if c, ok := parseCycle(s.line, groups); ok {
			s.add(c)
			return groups[0], groups[1], true
		}
	}
	if at := bytes.LastIndex(s.line, forcedLine); at >= s.passed && at+len(forcedLine) == len(s.line) {
		s.timed = true
		return at, len(s.line), true
	}
	if part.Match(s.line) {
		s.unreadable()
	}
	return 0, 0, false
}

func (s *Splitter) add(c Cycle) {
	if s.timed && c.Trigger == "" {
		c.Trigger = Periodic
	}
	s.timed = false
	t := &s.trace
	last := 0
	if n := len(t.Cycles); n > 0 {
		last = t.Cycles[n-1].N
	}
	if t.Mixed = t.Mixed || c.N <= last; t.Mixed {
		t.Missing = 0
	} else {
		t.Missing += c.N - last - 1
	}
	t.Cycles = append(t.Cycles, c)
}

func (s *Splitter) unreadable() {
	if s.trace.Unreadable == 0 {
		s.trace.sample = string(s.line)
	}
	s.trace.Unreadable++
}
