package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// buildChecks are about what builds need.
func buildChecks() []Check {
	return []Check{
		{
			ID: "goamd64", Title: "GOAMD64 against the CPU", Look: lookGOAMD64,
			Reads:   "`GOAMD64` as the environment, `env.sh`, `go env -w` and `go.env` of the active Go have it, `/proc/cpuinfo`",
			Decides: "a level that some CPU here does not have, or that is none, is an error",
			Why:     "what is built here does not start here, tests among it: it says that it can only be run on processors of that level",
			Cure:    "unset GOAMD64",
		},
		{
			ID: "cgo", Title: "C compiler for cgo", Look: lookCgo,
			Reads:   "`CC`, `CGO_ENABLED`, `PATH`, the active version, `go.mod` and the .go files beside it",
			Decides: "no compiler is an error if `CC` or `CGO_ENABLED=1` asks for one, a warning if the project needs cgo or Go is older than 1.20, else info; one on a Windows drive is none",
			Why:     "without a C compiler Go 1.20 and later leave out what is written with cgo, or the build fails",
			Cure:    "install gcc and the headers of the C library",
		},
		{
			ID: "race", Title: "race detector, tried", Look: lookRace, Deadline: raceTime + 5*time.Second,
			Reads:   "a program that the first go on `PATH` builds and runs with `-race`, `/proc/sys/vm/mmap_rnd_bits`",
			Decides: "a race detector that does not start, or programs that miss a header or a library, are a warning; what fails otherwise, or takes longer than 25 s, is info",
			Why:     "go test -race, the only thing that finds data races, does not work here",
			Cure:    "go run -race of any program shows the whole message",
		},
	}
}

// levels are what a program that was built for a level asks of the CPU when it
// starts, in the words of /proc/cpuinfo (runtime/asm_amd64.s; pni is SSE3, abm has
// LZCNT). Each has those of the level before as well. That the system saves the
// registers of AVX shows in avx and avx512f: Linux hides them otherwise.
var levels = []struct{ name, flags string }{
	{"v1", ""},
	{"v2", "pni ssse3 cx16 sse4_1 sse4_2 popcnt lahf_lm"},
	{"v3", "fma movbe avx f16c abm bmi1 avx2 bmi2"},
	{"v4", "avx512f avx512dq avx512cd avx512bw avx512vl"},
}

func lookGOAMD64(_ context.Context, m *Machine) Finding {
	value, from := m.goValue("GOAMD64")
	level := -1
	for i, l := range levels {
		if l.name == value {
			level = i
		}
	}
	switch {
	case m.Arch != "amd64" || m.cross():
		return skipped("builds are for another architecture")
	case value == "" || level == 0:
		return ok("v1, which every CPU has")
	case level < 0:
		return Finding{
			Status: Error, Text: fmt.Sprintf("GOAMD64 is %s, from %s; it must be v1, v2, v3 or v4", value, from),
			Cure: m.change("GOAMD64", "v1", from),
		}
	}
	text, _ := m.read("/proc/cpuinfo")
	least, missing := least(text)
	switch {
	case least < 0:
		return skipped("/proc/cpuinfo has no flags")
	case level <= least:
		return ok("%s, and the CPU has %s", value, levels[least].name)
	}
	return Finding{
		Status: Error, Text: fmt.Sprintf("GOAMD64 is %s, from %s, but the CPU has only %s", value, from, levels[least].name),
		Evidence: []string{fmt.Sprintf("missing for %s: %s", levels[least+1].name, strings.Join(missing, " "))},
		Cure:     m.change("GOAMD64", levels[least].name, from),
	}
}

// least is the level that all CPUs have, and what one of them has not got for the
// next. It is -1 where nothing is said of any.
func least(cpuinfo string) (level int, missing []string) {
	level = -1
	for line := range strings.Lines(cpuinfo) {
		name, list, _ := strings.Cut(line, ":")
		if strings.TrimSpace(name) != "flags" || !strings.HasSuffix(line, "\n") { // the last one may be cut off
			continue
		}
		if has, lacks := levelOf(strings.Fields(list)); level < 0 || has < level {
			level, missing = has, lacks
		}
	}
	return level, missing
}

func levelOf(flags []string) (level int, missing []string) {
	for i, l := range levels {
		for flag := range strings.FieldsSeq(l.flags) {
			if !slices.Contains(flags, flag) {
				missing = append(missing, flag)
			}
		}
		if len(missing) > 0 {
			return i - 1, missing
		}
	}
	return len(levels) - 1, nil
}
