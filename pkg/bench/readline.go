package bench

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"golang.org/x/perf/benchfmt"
)

// result reads one line.
func (r *reader) result(res *benchfmt.Result, line int) error {
	if err := r.before(line); err != nil {
		return err
	}
	if r.run == nil || r.end != nil {
		return errors.New("a result outside a run")
	}
	if len(r.run.Env) == 0 {
		r.facts(res)
	}
	r.lines++
	name := bytes.TrimSuffix(bytes.TrimSuffix(res.Name, []byte(asPartial)), []byte(asDisturbed))
	known := r.describe(name, unit(res.Values[0]))
	if known == nil {
		return fmt.Errorf("nothing says what %s is", name)
	}
	if known.isValue() {
		r.run.AddValue(Value{Name: known.Name, Unit: known.Unit, Role: known.Role, Higher: known.Higher, Number: number(res.Values[0])})
		return nil
	}
	series := known.series(res.Iters)
	series.Quantiles = make([]Quantile, len(res.Values))
	for i, v := range res.Values {
		if i >= len(quantiles) || unit(v) != known.metrics[i] {
			return fmt.Errorf("%s is no quantile of %s", unit(v), name)
		}
		series.Quantiles[i] = Quantile{quantiles[i], int64(number(v))}
	}
	r.run.Add(series)
	return nil
}

// unit is that of a value as it is written: benchfmt makes seconds of nanoseconds.
func unit(v benchfmt.Value) string {
	if v.OrigUnit != "" {
		return v.OrigUnit
	}
	return v.Unit
}

func number(v benchfmt.Value) float64 {
	if v.OrigUnit != "" {
		return v.OrigValue
	}
	return v.Value
}

func (d descriptor) series(count int) Series {
	return Series{Name: d.Name, Unit: d.Unit, Role: d.Role, Batch: d.Batch, Missed: d.Missed, Note: d.Note, Count: count}
}

// A described name is a descriptor with the units that its lines have.
type described struct {
	descriptor
	metrics []string
}

func (d descriptor) described() *described { return &described{d, d.units()} }

// describe finds what a name is, in this run or in all.
func (r *reader) describe(name []byte, unit string) *described {
	fits := func(d *described) bool { return d.Name == string(name) && d.metrics[0] == unit }
	for _, list := range [][]*described{r.own, r.known[string(name)]} {
		if i := slices.IndexFunc(list, fits); i >= 0 {
			return list[i]
		}
	}
	return nil
}

// facts are the configuration lines above a result. Runs of one configuration
// share them.
func (r *reader) facts(res *benchfmt.Result) {
	same := func(a, b benchfmt.Config) bool { return a.Key == b.Key && bytes.Equal(a.Value, b.Value) }
	if !slices.EqualFunc(r.config, res.Config, same) {
		r.config, r.env = res.Clone().Config, nil
		for _, c := range r.config {
			if c.Key != "probe" && c.Key != "config" {
				r.env = append(r.env, Key{c.Key, strings.TrimSpace(string(c.Value))})
			}
		}
	}
	r.run.Env = append(slices.Clip(r.env), r.head.Env...)
}

// A comment is a line that begins with #.
type comment struct {
	line int
	text []byte
}

// A commentReader takes the comments out of what is read, which benchfmt would pass
// over, and leaves an empty line for each.
type commentReader struct {
	r     *bufio.Reader
	line  int  // how many have been read
	begun bool // of the line after that a part has been read
	atEnd bool
	rest  []byte // what is still to be given away
	found []comment
}

func newCommentReader(r io.Reader) *commentReader {
	return &commentReader{r: bufio.NewReaderSize(r, 1<<20)} // a comment is one line
}

func (c *commentReader) peek(n int) ([]byte, error) { return c.r.Peek(n) }

func (c *commentReader) Read(p []byte) (int, error) {
	if len(c.rest) == 0 {
		text, err := c.r.ReadSlice('\n')
		if len(text) == 0 && err != nil {
			c.atEnd = c.atEnd || errors.Is(err, io.EOF)
			return 0, err
		}
		c.rest = c.take1(text, err)
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

// take1 counts a line, or a part of one that is too long, and keeps it if it is a
// comment.
func (c *commentReader) take1(text []byte, err error) []byte {
	begun := c.begun
	if c.begun = errors.Is(err, bufio.ErrBufferFull); !begun {
		c.line++
	}
	c.atEnd = errors.Is(err, io.EOF)
	if begun || text[0] != '#' {
		return text
	}
	c.found = append(c.found, comment{c.line, bytes.Clone(bytes.TrimSpace(text))})
	return []byte("\n")
}

// take are the comments above a line that have not been taken yet.
func (c *commentReader) take(line int) []comment {
	i := 0
	for i < len(c.found) && c.found[i].line < line {
		i++
	}
	taken := c.found[:i:i]
	c.found = c.found[i:]
	return taken
}
