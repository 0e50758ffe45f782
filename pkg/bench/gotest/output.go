package gotest

import (
	"bufio"
	"bytes"
	"io"
	"slices"
	"strings"

	"golang.org/x/perf/benchfmt"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// An Output is what a test binary has written.
type Output struct {
	// Values are the numbers, one for each benchmark and unit: of a benchmark that ran
	// several times in this process, the median. Names are as printed, without
	// "Benchmark": "Encode/size=1k-2"; units are as printed: "ns/op".
	Values []bench.Value
	// Lines is how many results there were.
	Lines int
	// Facts are the lines "pkg: encoding/json" and their like.
	Facts []bench.Key
	// Failure is the line that says best why it failed; "" where none does.
	Failure string
	// Lost are benchmarks whose result cannot be read, as something was written into
	// the middle of its line.
	Lost []string
}

// Fact is what a line of the output says of a name, or "".
func (o *Output) Fact(name string) string {
	i := slices.IndexFunc(o.Facts, func(k bench.Key) bool { return k.Name == name })
	if i < 0 {
		return ""
	}
	return o.Facts[i].Value
}

// mostLine is how much of a line is looked at: a result is shorter, and benchfmt
// takes no longer one.
const mostLine = 32 << 10

// Parse reads the output of a test binary. What is no result is no error: a program
// may write what it wants. The error is that of r.
func Parse(r io.Reader) (*Output, error) {
	out := new(Output)
	p := &parser{out: out, values: make(map[valueKey][]float64), higher: make(map[string]bool)}
	lines := bufio.NewReaderSize(r, mostLine)
	for {
		line, cut, err := lines.ReadLine()
		if err != nil {
			p.finish()
			if err == io.EOF {
				err = nil
			}
			return out, err
		}
		text := slices.Clone(line)
		for cut && err == nil {
			_, cut, err = lines.ReadLine()
		}
		p.line(text)
	}
}

// ReadErrors looks for why it failed in what was written to stderr as well: a panic is
// there.
func (o *Output) ReadErrors(r io.Reader) error {
	errors, err := Parse(r)
	if rankOf(errors.Failure) > rankOf(o.Failure) {
		o.Failure = errors.Failure
	}
	return err
}

type valueKey struct{ name, unit string }

// A parser is an output that is being read.
type parser struct {
	out    *Output
	keys   []valueKey // in the order in which they come first
	values map[valueKey][]float64
	higher map[string]bool // by unit, as the program itself has said it
	head   string          // "--- FAIL: BenchmarkX", as long as lines below it come
}

func (p *parser) line(text []byte) {
	if bytes.HasPrefix(text, []byte("Benchmark")) || bytes.HasPrefix(text, []byte("Unit ")) {
		p.result(text)
		return
	}
	name, value, ok := strings.Cut(string(text), ": ")
	if ok && slices.Contains([]string{"goos", "goarch", "pkg", "cpu"}, name) && p.out.Fact(name) == "" {
		p.out.Facts = append(p.out.Facts, bench.Key{Name: name, Value: strings.TrimSpace(value)})
		return
	}
	p.failure(strings.TrimRight(string(text), " \t\r"))
}

// result reads a line by benchstat's own reader.
func (p *parser) result(text []byte) {
	r := benchfmt.NewReader(bytes.NewReader(append(text, '\n')), "go test")
	for r.Scan() {
		switch rec := r.Result().(type) {
		case *benchfmt.Result:
			p.out.Lines++
			for _, v := range rec.Values {
				p.add(string(rec.Name.Full()), v)
			}
			return
		case *benchfmt.UnitMetadata:
			if rec.Key == "better" {
				p.higher[rec.OrigUnit] = rec.Value == "higher"
			}
			return
		}
	}
	p.lost(string(text))
}

// lost notes a name without its numbers: "BenchmarkX-2 <tab>hello".
func (p *parser) lost(text string) {
	name, rest, ok := strings.Cut(text, "\t")
	name, rest = strings.TrimSpace(name), strings.TrimSpace(rest)
	if !ok || rest == "" || strings.Contains(name, " ") {
		return
	}
	p.out.Lost = append(p.out.Lost, strings.TrimPrefix(name, "Benchmark"))
	p.failure(rest) // a panic, where stderr is the same file
}

func (p *parser) add(name string, v benchfmt.Value) {
	number, unit := v.Value, v.Unit
	if v.OrigUnit != "" { // benchfmt makes seconds of nanoseconds
		number, unit = v.OrigValue, v.OrigUnit
	}
	key := valueKey{name, unit}
	if _, ok := p.values[key]; !ok {
		p.keys = append(p.keys, key)
	}
	p.values[key] = append(p.values[key], number)
}

func (p *parser) finish() {
	for _, key := range p.keys {
		higher, said := p.higher[key.unit]
		p.out.Values = append(p.out.Values, bench.Value{
			Name: key.name, Unit: key.unit, Role: bench.Headline, Number: median(p.values[key]),
			Higher: higher || !said && strings.HasSuffix(key.unit, "/s"),
		})
	}
}

// median is that of the lines of one process, which are no replicates: the process
// is what is counted.
func median(values []float64) float64 {
	slices.Sort(values)
	n := len(values)
	return (values[(n-1)/2] + values[n/2]) / 2
}

// failures begin lines that say why a test binary failed, those that say it best
// last.
var failures = []string{"FAIL", "testing: ", "--- FAIL: ", "flag provided but not defined: ", "panic: ", "fatal error: "}

// rankOf is how well a line says why, from 1; 0 is one that does not.
func rankOf(line string) (rank int) {
	for i, begin := range failures {
		if strings.HasPrefix(line, begin) {
			rank = i + 1
		}
	}
	return rank
}

// failure keeps the line that says it best, of several alike the first. What is below
// "--- FAIL: BenchmarkX" says more than that alone: its last line is the error.
func (p *parser) failure(line string) {
	if rest := strings.TrimSpace(line); p.head != "" && strings.HasPrefix(line, "    ") && rest != "" {
		p.out.Failure = p.head + ": " + rest
		return
	}
	p.head = ""
	line = strings.TrimSpace(line)
	if rankOf(line) <= rankOf(p.out.Failure) {
		return
	}
	if p.out.Failure = line; strings.HasPrefix(line, "--- FAIL: ") {
		p.head = line
	}
}
