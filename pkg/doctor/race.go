package doctor

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/wsl"
)

// raceTime is how long a program may take to be built and run with -race. The first
// one builds the runtime as well, some 8 s on two cores.
const raceTime = 25 * time.Second

// Why a program with -race is not built or does not run.
var (
	raceUnsupported = regexp.MustCompile(`-race (is not|is only|requires cgo)`)
	raceUnmapped    = regexp.MustCompile(`.*(ThreadSanitizer|unexpected memory mapping).*`)
	raceUnbuilt     = regexp.MustCompile(`.*(\.h: No such file|cannot find -l|cannot find \S*crt|C compiler .* not found|executable file not found).*`)
)

func lookRace(ctx context.Context, m *Machine) Finding {
	goCommand := m.first("go")
	enabled, _ := m.goValue("CGO_ENABLED")
	_, windows := m.onWindows(goCommand)
	switch {
	case goCommand == "" || windows:
		return skipped("no go for Linux is first on PATH")
	case m.cross():
		return skipped("builds are for another system or architecture")
	case enabled == "0" || !m.compiler().works():
		return skipped("it needs cgo; see the check cgo")
	case m.Try == nil:
		return skipped("nothing is tried here")
	}
	ctx, cancel := context.WithTimeout(ctx, raceTime)
	defer cancel()
	output, err := m.Try.Race(ctx, goCommand)
	return m.judgeRace(ctx, output, err)
}

func (m *Machine) judgeRace(ctx context.Context, output string, err error) Finding {
	switch {
	case errors.Is(err, context.DeadlineExceeded):
		return Finding{Status: Info, Text: fmt.Sprintf("the trial took longer than %s; go test -race shows", raceTime)}
	case err != nil:
		return Finding{Status: Info, Text: "it could not be tried: " + firstLine(err.Error())}
	case strings.Contains(output, "WARNING: DATA RACE"):
		return ok("finds a race")
	case raceUnsupported.MatchString(output):
		return skipped(firstLine(output))
	case raceUnmapped.MatchString(output):
		return m.unmapped(ctx, strings.TrimSpace(raceUnmapped.FindString(output)))
	case raceUnbuilt.MatchString(output):
		return Finding{
			Status: Warning, Text: "programs with -race are not built: " + strings.TrimSpace(raceUnbuilt.FindString(output)),
			Cure: m.installCompiler(),
		}
	}
	lines := strings.Split(strings.TrimSpace(output), "\n")
	return Finding{Status: Info, Text: "a program with -race did not run as it should", Evidence: lines[max(0, len(lines)-5):]}
}

// unmapped is about a runtime that does not find its memory where it wants it: the
// kernel places things too randomly, or is that of WSL1 (microsoft/WSL#121).
func (m *Machine) unmapped(ctx context.Context, line string) Finding {
	f := Finding{Status: Warning, Text: "programs with -race do not start: " + line}
	text, _ := m.read("/proc/sys/vm/mmap_rnd_bits")
	bits, err := strconv.Atoi(strings.TrimSpace(text))
	if err == nil {
		f.Evidence = []string{fmt.Sprintf("vm.mmap_rnd_bits is %d", bits)}
	}
	switch {
	case m.Report.Kind == wsl.WSL1:
		name, _ := m.distroName(ctx)
		f.Cure = toWSL2(name)
	case bits > 28:
		f.Cure = "sudo sysctl vm.mmap_rnd_bits=28"
	}
	return f
}
