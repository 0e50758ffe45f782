package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/shell"
)

// A book is a text in Markdown.
type book struct{ strings.Builder }

func (b *book) line(format string, args ...any) { fmt.Fprintf(b, format+"\n", args...) }

// code adds lines that somebody can type.
func (b *book) code(lines ...string) {
	b.line("\n```sh\n%s\n```\n", strings.Join(lines, "\n"))
}

// reproduce is how somebody else measures the same, and what must be alike for that.
func (e *Evidence) reproduce() string {
	b := new(book)
	b.line("# How to measure this again\n")
	begin, _ := e.span()
	b.line("%s measured this on %s.", e.Tool, begin.UTC().Format("2 January 2006 at 15:04 UTC"))
	b.line("%s", e.counted())
	b.alike(e)
	b.steps(e)
	b.check()
	b.limits(e)
	return b.String()
}

func (e *Evidence) counted() string {
	text := fmt.Sprintf("Each run is a process. There are %s runs; those that were disturbed, partial or for warming up are kept, and do not count.", e.Set.Tally())
	if e.versus() {
		text += " A and B took turns."
	}
	return text
}

// alike is what bench compare refuses where it differs, and what else numbers depend on.
func (b *book) alike(e *Evidence) {
	b.line("\n## What must be alike\n")
	b.line("Numbers of two machines can be held against each other only where these are the same. `golang-wsl bench compare` refuses to where they are not.\n")
	b.line("| What | Here |\n| --- | --- |")
	must := bench.MustAgree()
	for _, name := range must {
		if value := e.value(name); value != "" {
			b.line("| %s | %s |", name, cell(value))
		}
	}
	b.line("\nThese decide how fast it is, and may differ: that is then what you measure.\n")
	b.line("| What | Here |\n| --- | --- |")
	for _, name := range []string{"cpu", "cpus", "kernel", "goos", "goarch", "cgroup-cpu-max", "cgroup-memory-max"} {
		if value := e.value(name); value != "" && !slices.Contains(must, name) {
			b.line("| %s | %s |", name, cell(value))
		}
	}
	if e.Sandbox != nil {
		for _, l := range e.Sandbox.Limits {
			if l.Requested != "" {
				b.line("| limit %s | asked for %s, and had %s |", cell(l.Name), cell(l.Requested), cell(l.Effective))
			}
		}
	}
	b.line("\nThe programs, by the SHA-256 of their binaries. Another build of the same sources may have another.\n")
	b.line("| What | Here |\n| --- | --- |")
	b.line("| %s | %s |", cell(e.Tool.Name), cell(e.Tool.SHA256))
	for _, u := range e.Command.Units {
		b.line("| %s | %s |", cell(bench.Config{Probe: u.Probe, Name: u.Config}.String()), cell(u.SHA256))
	}
}

// value is what the runs say of a key: of several what each says.
func (e *Evidence) value(name string) string {
	var found []string
	for _, r := range e.Set.Runs {
		if v := r.Get(name); v != "" && !slices.Contains(found, v) {
			found = append(found, v)
		}
	}
	return strings.Join(found, " and ")
}

// cell is a text as part of a table.
func cell(text string) string {
	if text == "" {
		return "-"
	}
	return strings.NewReplacer("|", "\\|", "\n", " ", "\r", " ").Replace(text)
}

// steps is what to do, in order.
func (b *book) steps(e *Evidence) {
	b.line("\n## Steps\n")
	n := 0
	step := func(format string, args ...any) {
		n++
		b.line("%d. %s", n, fmt.Sprintf(format, args...))
	}
	step("Have %s, and Go as above.", e.Tool)
	for _, s := range e.Command.Sides {
		of := "the program"
		if s.Name != "" {
			of = s.Name + ", `" + shell.Line(s.Words) + "`,"
		}
		step("Have %s in a directory with its sources: here it was `%s`%s.", of, s.Dir, origin(s))
	}
	if len(e.Command.Env) > 0 {
		step("Set the environment:")
		var lines []string
		for _, k := range e.Command.Env {
			lines = append(lines, "export "+k.Name+"="+shell.Word(k.Value))
		}
		b.code(lines...)
	}
	step("Close what else runs. Then, in that directory:")
	b.code(again(e.Command.Line))
	step("Hold the two against each other:")
	b.code("golang-wsl bench compare audit.zip again.zip")
}

func origin(s Side) (text string) {
	if s.Revision != "" {
		text += fmt.Sprintf(", at revision `%s`", s.Revision)
	}
	if s.Note != "" {
		text += " (" + s.Note + ")"
	}
	return text
}

// again is the command line with another file to write, and without the key of somebody
// else.
func again(line []string) string {
	words := make([]string, 0, len(line))
	for i, w := range line {
		switch {
		case w == "--":
			return strings.Join(append(words, shell.Line(line[i:])), " ")
		case w == "--sign", i > 0 && line[i-1] == "--sign", strings.HasPrefix(w, "--sign="):
			continue
		case i > 0 && (line[i-1] == "-o" || line[i-1] == "--output"):
			w = "again.zip"
		case strings.HasPrefix(w, "--output=") || strings.HasPrefix(w, "-o="):
			w = "--output=again.zip"
		}
		words = append(words, shell.Word(w))
	}
	return strings.Join(words, " ")
}

// check is how to find out whether this file and its neighbours are as they were.
func (b *book) check() {
	b.line("## Check this report\n")
	b.line("`verify` holds each byte against its hash, and makes tables, graphs and page again from what was measured:")
	b.code("golang-wsl bench verify audit.zip")
	b.line("Without golang-wsl: the SHA-256 of each file is in manifest.json, and benchstat (golang.org/x/perf/cmd/benchstat) reads bench.txt as well as what the processes wrote:")
	b.code("unzip -d audit audit.zip", "find audit -type f -exec sha256sum {} +", "benchstat audit/bench.txt")
}

// limits is what the numbers do not say.
func (b *book) limits(e *Evidence) {
	b.line("## What it does not say\n")
	v := e.verdict()
	for _, g := range append(v.Reasons, v.Warnings...) {
		b.line("* %s", oneLine(g.String()))
	}
	b.line("* What was measured here is an observation: of this program, on this machine, at that time. Another machine is another observation.")
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }
