package bench

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"golang.org/x/perf/benchfmt"
)

// Errors of [Read] that say what kind of file it is.
var (
	ErrForeign   = errors.New("not written by golang-wsl bench")
	ErrTruncated = errors.New("the end is missing")
	ErrNewer     = errors.New("written by a newer golang-wsl")
)

// A FormatError says where a file is wrong.
type FormatError struct {
	File string
	Line int // counted from 1; 0 is the whole file
	Err  error
}

func (e *FormatError) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %v", e.File, e.Err)
	}
	return fmt.Sprintf("%s:%d: %v", e.File, e.Line, e.Err)
}

func (e *FormatError) Unwrap() error { return e.Err }

// Read reads what [Write] or [WriteJSON] has written, the whole of it. The error is
// a [*FormatError] with the name of the file, or that of r. Runs come in the order
// in which they began.
func Read(r io.Reader, name string) (*Set, error) {
	lines := newCommentReader(r)
	first, err := lines.peek(len(magic))
	switch {
	case err != nil && !errors.Is(err, io.EOF):
		return nil, fmt.Errorf("read %s: %w", name, err)
	case len(first) > 0 && first[0] == '{':
		return readJSON(lines.r, name)
	case !strings.HasPrefix(magic, string(first)), len(first) == 0:
		return nil, &FormatError{name, 0, ErrForeign}
	}
	in := &reader{
		name: name, comments: lines, results: benchfmt.NewReader(lines, name),
		known: make(map[string][]*described), set: &Set{Schema: Schema},
	}
	return in.set, in.read()
}

// WriteJSON writes the runs with all their samples.
func WriteJSON(w io.Writer, set *Set) error {
	out := *set
	out.Schema = Schema
	return json.NewEncoder(w).Encode(out)
}

func readJSON(r io.Reader, name string) (*Set, error) {
	set := new(Set)
	err := json.NewDecoder(r).Decode(set)
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF):
		return nil, &FormatError{name, 0, ErrTruncated}
	case err != nil:
		return nil, &FormatError{name, 0, err}
	case set.Schema == 0:
		return nil, &FormatError{name, 0, ErrForeign}
	case set.Schema > Schema:
		return nil, &FormatError{name, 0, ErrNewer}
	case slices.Contains(set.Runs, nil):
		return nil, &FormatError{name, 0, errors.New("a run is null")}
	}
	return set, nil
}

// A reader is a file that is being read.
type reader struct {
	name     string
	comments *commentReader
	results  *benchfmt.Reader
	known    map[string][]*described // by name
	own      []*described            // those that the run has for itself
	set      *Set
	run      *Run // the one whose lines are read
	head     fileRun
	env      []Key
	config   []benchfmt.Config // that env was made of
	lines    int
	end      *fileEnd
}

func (r *reader) read() error {
	line := 0
	for r.results.Scan() {
		var err error
		switch rec := r.results.Result().(type) {
		case *benchfmt.SyntaxError:
			err, line = errors.New(rec.Msg), rec.Line
		case *benchfmt.Result:
			_, line = rec.Pos()
			err = r.result(rec, line)
		}
		if err != nil {
			return r.wrong(line, err)
		}
	}
	if err := r.results.Err(); err != nil {
		return fmt.Errorf("read %s: %w", r.name, err)
	}
	if err := r.before(math.MaxInt); err != nil {
		return err
	}
	if r.end == nil || r.end.Runs != len(r.set.Runs) || r.end.Lines != r.lines {
		return &FormatError{r.name, 0, ErrTruncated}
	}
	r.finish()
	slices.SortStableFunc(r.set.Runs, func(a, b *Run) int { return a.Begin.Compare(b.Begin) })
	return nil
}

// wrong is an error at a line. What is wrong with the last line of a file is that it
// was cut off.
func (r *reader) wrong(line int, err error) error {
	if r.comments.atEnd && line >= r.comments.line {
		err = ErrTruncated
	}
	return &FormatError{r.name, line, err}
}

// before reads the comments above a line.
func (r *reader) before(line int) error {
	for _, c := range r.comments.take(line) {
		if err := r.comment(c); err != nil {
			return r.wrong(c.line, err)
		}
	}
	return nil
}

// comment reads one that [Write] writes. Others are comments.
func (r *reader) comment(c comment) error {
	text := func(begin string) ([]byte, bool) { return bytes.CutPrefix(c.text, []byte(begin)) }
	if r.end != nil {
		return errors.New("it goes on after its end")
	}
	if rest, ok := text("# series "); ok {
		var d descriptor
		err := json.Unmarshal(rest, &d)
		r.known[d.Name] = append(r.known[d.Name], d.described())
		return err
	}
	if rest, ok := text("# run "); ok {
		return r.begin(rest)
	}
	if rest, ok := text("# end "); ok {
		r.end = new(fileEnd)
		return json.Unmarshal(rest, r.end)
	}
	if rest, ok := text(magic); ok {
		if c.line != 1 {
			return errors.New("another file begins here")
		}
		var head fileHead
		err := json.Unmarshal(rest, &head)
		if err == nil && head.Schema > Schema {
			err = ErrNewer
		}
		r.set.Partial, r.set.Failed = head.Partial, head.Failed
		return err
	}
	return nil
}

// begin begins a run.
func (r *reader) begin(head []byte) error {
	r.finish()
	r.head = fileRun{}
	if err := json.Unmarshal(head, &r.head); err != nil {
		return err
	}
	r.own = nil
	for _, d := range r.head.Series {
		r.own = append(r.own, d.described())
	}
	h := r.head
	r.run = &Run{Probe: h.Probe, Config: h.Config, Begin: h.Begin, Wall: h.Wall, Marks: h.Marks, Partial: h.Partial}
	if h.Empty {
		r.run.Env = h.Env
	}
	r.set.Runs = append(r.set.Runs, r.run)
	return nil
}

// finish ends the run that is read, with the series that have no lines.
func (r *reader) finish() {
	if r.run == nil {
		return
	}
	for _, d := range r.head.NoSample {
		r.run.Add(d.series(0))
	}
}
