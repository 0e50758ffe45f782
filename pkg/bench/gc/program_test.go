package gc

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// tiny builds testdata/tiny with the Go of this test.
func tiny(t *testing.T) string {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "tiny")
	out, err := exec.Command("go", "build", "-o", binary, "testdata/tiny/main.go").CombinedOutput()
	require.NoError(t, err, "%s", out)
	return binary
}

// start runs a program with gctrace and more of an environment.
func start(binary string, env ...string) func(context.Context, io.Writer) error {
	return func(ctx context.Context, stderr io.Writer) error {
		cmd := exec.CommandContext(ctx, binary)
		cmd.Env = append(append(os.Environ(), "GODEBUG=gctrace=1", "GOGC=", "GOMEMLIMIT="), env...)
		cmd.Stderr = stderr
		return cmd.Run()
	}
}

// whole measures until no line was cut: tiny writes while it collects, and so it
// cuts one now and then.
func whole(t *testing.T, p Program) (*bench.Run, *Report) {
	t.Helper()
	for try := 1; ; try++ {
		probe := Of(p)
		run, err := bench.Once(t.Context(), probe)
		incomplete := new(IncompleteError)
		alone := err != nil && strings.Contains(err.Error(), "no line of gctrace") // the only one was cut
		if try < 10 && (alone || errors.As(err, &incomplete)) {
			continue
		}
		require.NoError(t, err)
		return run, probe.Report()
	}
}

// What gctrace says of a program is what debug.ReadGCStats says in it.
func TestProgramAgreesWithItself(t *testing.T) {
	binary, said := tiny(t), new(bytes.Buffer)
	run, report := whole(t, Program{Name: "tiny", Stderr: said, Start: func(ctx context.Context, stderr io.Writer) error {
		said.Reset()
		return start(binary)(ctx, stderr)
	}})
	require.Equal(t, FromTrace, report.Source)

	found := stats.FindStringSubmatch(said.String())
	require.NotNil(t, found, said.String())
	require.NotContains(t, said.String(), "gc 1 @")
	require.Contains(t, said.String(), "calls the collector\nNumGC=")
	numGC, _ := strconv.Atoi(found[1])
	total, _ := strconv.ParseFloat(found[2], 64)
	require.Equal(t, numGC, report.NumGC)
	require.Len(t, run.Series[0].Samples, numGC)
	require.LessOrEqual(t, float64(report.PauseTotal), total)
	require.LessOrEqual(t, total, 1.1*float64(report.PauseTotal)+3e3*float64(numGC))
	require.Positive(t, report.Count()[Forced])
	require.Equal(t, numGC, report.Count()[Forced]+report.Count()[HeapGoal])
	require.NotNil(t, report.CPU)
	require.InDelta(t, 50, report.CPU.GC, 50)
	require.NotEmpty(t, report.Pressure.Samples)
	var kept Report
	require.NoError(t, json.Unmarshal(run.Detail, &kept))
	require.Equal(t, *report, kept)
}

func TestProgramObeysItsSettings(t *testing.T) {
	binary := tiny(t)
	measure := func(s Settings) *Report {
		run, report := whole(t, Program{Start: start(binary, "GOGC="+s.GOGC, "GOMEMLIMIT="+s.GOMEMLIMIT), Settings: s, Root: fstest.MapFS{}})
		require.Equal(t, bench.Absent, run.Get("absent-memavailable"))
		if s.GOGC != "" {
			require.Equal(t, s.GOGC, run.Get("gogc"))
		}
		return report
	}
	often := measure(Settings{GOGC: "25"})
	seldom := measure(Settings{GOGC: "800"})
	require.Greater(t, often.NumGC, 2*seldom.NumGC)
	limited := measure(Settings{GOMEMLIMIT: "8MiB"})
	require.Greater(t, limited.Count()[MemoryLimit], limited.NumGC/2)
	off := measure(Settings{GOGC: "off"})
	require.Equal(t, map[Trigger]int{Forced: off.NumGC}, off.Count())
	require.Zero(t, off.Cycles[0].Goal)
}

func TestProgramThatIsCutOff(t *testing.T) {
	text := recorded(t)["go1.26.8"]
	cut := strings.Index(text, "gc 3 @") + 60
	probe := Of(Program{Start: func(_ context.Context, stderr io.Writer) error {
		_, err := io.WriteString(stderr, text[:cut])
		return err
	}})
	run, err := bench.Once(t.Context(), probe)
	var incomplete *IncompleteError
	require.ErrorAs(t, err, &incomplete)
	require.True(t, run.Partial)
	require.Equal(t, 1, probe.Report().Unreadable)
	require.ErrorContains(t, err, "gctrace is incomplete: 1 unreadable lines, 0 cycles without one; the first is \"step 2000, no newline step 3000, no newline gc 3 @0.020s")
}

func TestProgramWithoutCycles(t *testing.T) {
	for name, p := range map[string]Program{
		"not Go":          {Start: start("true")},
		"a wrong setting": {Settings: Settings{GOMEMLIMIT: "1GB"}},
		"does not start":  {Start: start("/does/not/exist")},
	} {
		run, err := bench.Once(t.Context(), Of(p))
		require.Error(t, err, name)
		require.True(t, run.Partial)
	}
	_, err := bench.Once(t.Context(), Of(Program{Start: start("true")}))
	require.ErrorIs(t, err, ErrNoCycle)
}

func TestProgramIsStoppedWithContext(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
	defer cancel()
	probe := Of(Program{Start: func(ctx context.Context, stderr io.Writer) error {
		_, _ = io.WriteString(stderr, "gc 1 @0.001s 0%: 0.1+0.2+0.3 ms clock, 1+2/3/4+5 ms cpu, 1->1->1 MB, 4 MB goal, 0 MB stacks, 0 MB globals, 2 P\n")
		<-ctx.Done()
		return ctx.Err()
	}})
	run, err := bench.Once(ctx, probe)
	require.ErrorIs(t, err, context.DeadlineExceeded)
	require.True(t, run.Partial)
	require.Equal(t, 1, probe.Report().NumGC)
	require.Contains(t, string(run.Detail), `"n":1,`, "what there is so far")
	require.Greater(t, len(probe.Report().Pressure.Samples), 1)
}
