package gotest

import (
	"debug/buildinfo"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Binary is a test binary, and how go test would have run it.
type Binary struct {
	Path string   `json:"path"`
	Dir  string   `json:"dir"`  // that of its package, where it runs
	Args []string `json:"args"` // "-test.bench=.", without the binary itself
	Env  []string `json:"env"`
	// Package is its import path, and GoVersion what built it, by [Binary.Identify].
	Package   string `json:"package"`
	GoVersion string `json:"go_version"`
	// Settings are those of the build that change what is measured: "-race",
	// "GOAMD64", "DefaultGODEBUG", "-pgo", as debug/buildinfo has them.
	Settings map[string]string `json:"settings"`
}

// Identify reads from the binary what it is the test of.
func (b *Binary) Identify() error {
	info, err := buildinfo.ReadFile(b.Path)
	if err != nil {
		return fmt.Errorf("read %s: %w", b.Path, err)
	}
	b.Package, b.GoVersion = strings.TrimSuffix(info.Path, ".test"), info.GoVersion
	b.Settings = make(map[string]string)
	for _, s := range info.Settings {
		switch s.Key {
		case "DefaultGODEBUG", "GOEXPERIMENT", "GOAMD64", "GOARM64", "-pgo", "-race", "-tags":
			b.Settings[s.Key] = s.Value
		}
	}
	return nil
}

// Check is why the binary cannot be measured as it would be called: a [*FlagError].
func (b *Binary) Check() error {
	for _, f := range ofTheBinary {
		if value, ok := b.flag(f.Flag); ok && value != "" && value != "false" {
			return &f
		}
	}
	return nil
}

// flag is the value of a flag of the testing package. The last one counts.
func (b *Binary) flag(name string) (value string, ok bool) {
	flags, _ := b.testing()
	for _, a := range flags {
		if rest, found := strings.CutPrefix(a, "-test."+name); found && (rest == "" || rest[0] == '=') {
			value, ok = strings.TrimPrefix(rest, "="), true
		}
	}
	return value, ok
}

// A Pass is one way of running a binary.
type Pass struct {
	// Once runs each benchmark for one iteration: it finds out which there are, and
	// whether they fail.
	Once bool
	// BenchTime is for how long each benchmark runs, where the caller of go test has
	// not said so; 0 leaves it to the testing package, which takes a second.
	BenchTime time.Duration
	// CPUProfile, MemProfile and Trace are files to be written; "" is none.
	CPUProfile, MemProfile, Trace string
}

// Arguments are those of the binary in a pass. Tests run only where somebody has
// asked for them by -run: go test would run all of them before the benchmarks.
func (b *Binary) Arguments(p Pass) []string {
	var own []string
	add := func(flag, value string) { own = append(own, "-test."+flag+"="+value) }
	if _, ok := b.flag("run"); !ok {
		add("run", "^$")
	}
	if v, _ := b.flag("v"); v == "test2json" {
		add("v", "false")
	}
	if _, ok := b.flag("benchtime"); !ok && p.BenchTime > 0 {
		add("benchtime", p.BenchTime.String())
	}
	if p.Once {
		add("benchtime", "1x")
		add("count", "1")
		if cpu, ok := b.flag("cpu"); ok {
			first, _, _ := strings.Cut(cpu, ",")
			add("cpu", first)
		}
	}
	for _, f := range [][2]string{{"cpuprofile", p.CPUProfile}, {"memprofile", p.MemProfile}, {"trace", p.Trace}} {
		if f[1] != "" {
			add(f[0], f[1])
		}
	}
	_, end := b.testing()
	return slices.Insert(slices.Clone(b.Args), end, own...)
}

// testing are the flags of the testing package among the arguments, as they will be
// parsed, and where the last of them ends. They have their value in the same word.
// Parsing ends at the first word that is neither a flag nor the value of a flag of
// the test's own; of such a flag nobody here knows whether it has one.
func (b *Binary) testing() (flags []string, end int) {
	own := false
	for i, a := range b.Args {
		switch {
		case strings.HasPrefix(a, "-test."):
			flags, end, own = append(flags, a), i+1, false
		case strings.HasPrefix(a, "-") && strings.Trim(a, "-") != "":
			own = !strings.Contains(a, "=")
		case own:
			own = false
		default:
			return flags, end
		}
	}
	return flags, end
}

// Timeout is how long go test would have let the binary run; 0 is for ever.
func (b *Binary) Timeout() time.Duration {
	value, _ := b.flag("timeout")
	d, _ := time.ParseDuration(value)
	return d
}

// Count is how often each benchmark runs in one process.
func (b *Binary) Count() int {
	value, _ := b.flag("count")
	n, err := strconv.Atoi(value)
	if err != nil {
		return 1
	}
	return n
}
