package main

import (
	"crypto/sha256"
	"encoding/hex"
	"io"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/sandbox"
)

// ofThisProgram are keys that say of this program what must be said of the one that is
// run.
var ofThisProgram = []string{
	"goversion", "godebug-default", "goexperiment", "goamd64", "goarm64", "pgo", "race", "tags",
	"gomaxprocs", "gogc", "gomemlimit", "cgroup-cpu-max", "cgroup-memory-max",
}

// keys are the facts about a run: the machine's, and those of the program and its cell.
func (p *process) keys(machine []bench.Key) []bench.Key {
	keys := slices.DeleteFunc(slices.Clone(machine), func(k bench.Key) bool { return slices.Contains(ofThisProgram, k.Name) })
	set := func(name, value string) {
		keys = slices.DeleteFunc(keys, func(k bench.Key) bool { return k.Name == name })
		if value != "" {
			keys = append(keys, bench.Key{Name: name, Value: value})
		}
	}
	for _, k := range p.u.keys {
		set(k.Name, k.Value)
	}
	for _, name := range []string{"GOGC", "GOMEMLIMIT"} {
		set(strings.ToLower(name), p.g.app.env(name))
	}
	set("gomaxprocs", p.procs())
	set("sandbox", p.rung())
	for _, name := range []string{"cpu", "memory", "tasks", "cpus"} {
		set("sandbox-"+name, p.limit(name))
	}
	if p.g.box == nil {
		return keys
	}
	set("aslr", p.setting("aslr"))
	set("timerslack-ns", p.setting("timer-slack"))
	set("sandbox-nice", p.setting("nice"))
	if n := countCPUs(p.limit("cpus")); n > 0 {
		set("cpus", strconv.Itoa(n))
	}
	return keys
}

func (p *process) rung() string {
	if p.report.Rung == "" {
		return sandbox.None
	}
	return p.report.Rung
}

// limit is what a limit that was asked for really is; "none" where nobody asked.
func (p *process) limit(name string) string {
	if e, ok := effect(p.report.Limits, name); ok && e.Requested != "" {
		return e.Effective
	}
	return sandbox.None
}

func (p *process) setting(name string) string {
	e, _ := effect(p.report.Settings, name)
	return e.Effective
}

func effect(list []sandbox.Effect, name string) (sandbox.Effect, bool) {
	i := slices.IndexFunc(list, func(e sandbox.Effect) bool { return e.Name == name })
	if i < 0 {
		return sandbox.Effect{}, false
	}
	return list[i], true
}

// procsSuffix is what the testing package ends the name of a benchmark with, unless
// GOMAXPROCS is 1.
var procsSuffix = regexp.MustCompile(`-([0-9]+)$`)

// procs is GOMAXPROCS of the program: by the names of its benchmarks, where they agree;
// else, of a Go program, by what the shim would have had.
func (p *process) procs() string {
	if p.tests == nil {
		if len(p.u.keys) > 0 && p.u.keys[0].Name == "goversion" {
			return p.setting("gomaxprocs")
		}
		return ""
	}
	found := ""
	for _, v := range p.tests.Values {
		procs := "1"
		if m := procsSuffix.FindStringSubmatch(v.Name); m != nil {
			procs = m[1]
		}
		if found != "" && found != procs {
			return "" // -cpu has several
		}
		found = procs
	}
	return found
}

// countCPUs is how many there are in a list of the kernel: "0,2-3".
func countCPUs(list string) (n int) {
	cpus, err := parseCPUs(list)
	if err != nil {
		return 0
	}
	return len(cpus)
}

// sum is the SHA-256 of what is run.
func (u *unit) sum() string {
	f, err := os.Open(u.path)
	if err != nil {
		return u.path
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return u.path
	}
	return hex.EncodeToString(h.Sum(nil))
}
