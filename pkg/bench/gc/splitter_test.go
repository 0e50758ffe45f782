package gc

import (
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// recorded is what testdata/tiny has written, built by each version of Go, with
// GODEBUG=gctrace=1.
func recorded(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("testdata/go*.txt")
	require.NoError(t, err)
	texts := make(map[string]string)
	for _, name := range files {
		text, err := os.ReadFile(name)
		require.NoError(t, err)
		texts[strings.TrimSuffix(filepath.Base(name), ".txt")] = string(text)
	}
	require.Len(t, texts, 13)
	return texts
}

// split writes a text in pieces of so many bytes.
func split(t testing.TB, text string, piece int) (*Trace, string) {
	t.Helper()
	var rest bytes.Buffer
	s := NewSplitter(&rest)
	for ; len(text) > piece; text = text[piece:] {
		n, err := s.Write([]byte(text[:piece]))
		require.NoError(t, err)
		require.Equal(t, piece, n)
	}
	_, err := s.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, s.Close())
	return s.Trace(), rest.String()
}

var stats = regexp.MustCompile(`NumGC=(\d+) PauseTotal=(\d+)`)

// The program has written at its end what debug.ReadGCStats says. gctrace has two
// digits of each pause, rounded down.
func TestParseRecorded(t *testing.T) {
	for name, text := range recorded(t) {
		t.Run(name, func(t *testing.T) {
			trace, err := Parse(strings.NewReader(text))
			require.NoError(t, err)
			require.False(t, trace.Mixed)
			found := stats.FindStringSubmatch(text)
			numGC, _ := strconv.Atoi(found[1])
			total, _ := strconv.ParseInt(found[2], 10, 64)
			require.Len(t, trace.Cycles, numGC)
			var sum int64
			for i, c := range trace.Cycles {
				require.Equal(t, i+1, c.N)
				require.Equal(t, 2, c.Phases.Procs)
				require.Positive(t, c.Goal)
				sum += int64(c.Pause)
			}
			require.LessOrEqual(t, sum, total)
			require.LessOrEqual(t, float64(total), 1.1*float64(sum)+3e3*float64(numGC))
		})
	}
}

func TestLineIsReadWhole(t *testing.T) {
	line := "gc 12 @0.112s 2%: 0.018+1.3+0.076 ms clock, 0.054+0.35/1.2/3.0+0.23 ms cpu, 4->5->2 MB, 6 MB goal, 7 MB stacks, 8 MB globals, 3 P"
	want := Cycle{
		N: 12, At: 112 * time.Millisecond, Pause: 94 * time.Microsecond, Goal: 6 << 20, Live: 2 << 20,
		Phases: &Phases{
			Percent: 2, Procs: 3, Start: 4 << 20, End: 5 << 20, Stacks: 7 << 20, Globals: 8 << 20,
			Clock: [3]time.Duration{18e3, 1300e3, 76e3},
			CPU:   [5]time.Duration{54e3, 350e3, 1200e3, 3e6, 230e3},
		},
	}
	for _, change := range []struct{ name, old, new string }{
		{"1.18 to 1.26", "", ""},
		{"before 1.18", " 7 MB stacks, 8 MB globals,", ""},
		{"1.26 looks for leaks", "2%:", "2% (checking for goroutine leaks):"},
	} {
		trace, err := Parse(strings.NewReader(strings.Replace(line, change.old, change.new, 1) + "\n"))
		require.IsType(t, new(IncompleteError), err, change.name) // cycles 1 to 11
		want := want
		phases := *want.Phases
		if want.Phases = &phases; change.name == "before 1.18" {
			phases.Stacks, phases.Globals = 0, 0
		}
		require.Equal(t, []Cycle{want}, trace.Cycles, change.name)
		require.Equal(t, 11, trace.Missing)
	}
	trace, _ := Parse(strings.NewReader(line + " (forced)\n"))
	require.Equal(t, Forced, trace.Cycles[0].Trigger)
}

// Byte for byte, what the program has written itself comes through.
func TestRestPassesThrough(t *testing.T) {
	for name, text := range recorded(t) {
		// What is not gctrace, found in another way: tiny's own words, and lines.
		var want strings.Builder
		for _, line := range strings.SplitAfter(text, "\n") {
			own, _, cut := strings.Cut(line, "gc ")
			if want.WriteString(own); cut || line == "GC forced\n" {
				continue
			}
		}
		expected := strings.ReplaceAll(want.String(), "GC forced\n", "")
		for _, piece := range []int{1, 2, 7, 4096} {
			trace, rest := split(t, text, piece)
			require.Equal(t, expected, rest, "%s in pieces of %d", name, piece)
			require.NoError(t, trace.Err())
		}
	}
}

func TestWhatCannotBeGctraceComesAtOnce(t *testing.T) {
	var rest bytes.Buffer
	s := NewSplitter(&rest)
	for _, c := range []struct{ write, passed string }{
		{"Password: ", "Password: "},
		{"g", ""},
		{"o on\n", "go on\n"},
		{"starting", "startin"}, // then it may be the g of "gc"
		{"\ngc 1 @0.001s 0%: ", "g\n"},
		{"0.1+0.2+0.3 ms clock, 1+2/3/4+5 ms cpu, 1->1->1 MB, 4 MB goal, 0 MB stacks, 0 MB globals, 2 P\n", ""},
	} {
		rest.Reset()
		_, err := s.Write([]byte(c.write))
		require.NoError(t, err)
		require.Equal(t, c.passed, rest.String(), "after %q", c.write)
	}
	require.Len(t, s.Trace().Cycles, 1)
}

// Whatever is missing at the end, or in the middle, no trace is said to be whole.
func TestCutLines(t *testing.T) {
	text := recorded(t)["go1.26.8"]
	line := regexp.MustCompile(`gc \d+ @.*`)
	whole, _ := Parse(strings.NewReader(text))
	for _, at := range line.FindAllStringIndex(text, -1) {
		for cut := at[0] + len("gc "); cut <= at[1]; cut++ {
			trace, err := Parse(strings.NewReader(text[:cut]))
			if strings.LastIndex(text[:at[0]], "\n") != at[0]-1 && !part.MatchString(text[at[0]:cut]) {
				continue // "no newline gc 1": so may a program speak
			}
			var incomplete *IncompleteError
			require.ErrorAs(t, err, &incomplete, "cut after %q", text[at[0]:cut])
			require.Equal(t, 1, incomplete.Unreadable)
			require.NotEmpty(t, incomplete.Sample)
			require.Less(t, len(trace.Cycles), len(whole.Cycles))
		}
		for begin := at[0] + 1; begin < at[1]-len(" MB globals, 2 P (forced)"); begin++ {
			_, err := Parse(strings.NewReader(text[begin:]))
			require.Error(t, err, "begins with %q", text[begin:at[1]])
		}
	}
}

// The runtime writes a line piece by piece, and another goroutine's line can come
// in between. Either all of it is understood, or it is said that it is not.
func TestLinesWithAnotherInBetween(t *testing.T) {
	text := recorded(t)["go1.24.13"]
	whole, err := Parse(strings.NewReader(text))
	require.NoError(t, err)
	pieces := regexp.MustCompile(` \(forced\)|[\d.]+|[^\d.(]*[^\d.( ]| `).FindAllStringIndex(text, -1)
	broken := 0
	for _, p := range pieces {
		trace, rest := split(t, text[:p[0]]+"hello\n"+text[p[0]:], 3)
		require.Contains(t, rest, "hello\n")
		if trace.Err() != nil {
			broken++
			continue
		}
		require.Equal(t, whole.Cycles, trace.Cycles, "hello at %d: %q", p[0], text[max(p[0]-20, 0):p[0]])
	}
	require.Greater(t, broken, len(whole.Cycles)*30)
}

func TestOthersThatLookLikeIt(t *testing.T) {
	for _, text := range []string{
		"init errors @0 ms, 0.017 ms clock, 0 bytes, 0 allocs\n",
		"gc is good\n", "we call gc 5 times\n", "5 MB\n", "no newline gc 1",
		"pacer: 47% CPU (25 exp.) for 64064+2016+154730 B work (154730 B exp.) in 4014080 B -> 4202496 B (∆goal 8192, cons/mark 0)\n",
		"scav 0 KiB work (bg), 0 KiB work (eager), 5472 KiB now, 99% util (forced)\n",
		"scan: total 0+1+2=3 objs, 0+1=1 spans\n",
	} {
		trace, rest := split(t, text, 1)
		require.NoError(t, trace.Err())
		require.Empty(t, trace.Cycles)
		require.Equal(t, text, rest)
	}
}

func TestAbsurdNumbersAreUnreadable(t *testing.T) {
	line := "gc 1 @0.1s 2%: 1+1+1 ms clock, 1+1/1/1+1 ms cpu, 1->1->1 MB, 6 MB goal, 0 MB stacks, 0 MB globals, 2 P\n"
	for _, number := range []string{"17592186044416", "99999999999999999999"} { // MiB that are no 64 bits
		trace, rest := split(t, strings.Replace(line, "6 MB", number+" MB", 1), 50)
		require.Equal(t, 1, trace.Unreadable)
		require.Contains(t, rest, number)
	}
	trace, err := Parse(strings.NewReader(strings.Replace(line, "6 MB", "17592186044415 MB", 1)))
	require.NoError(t, err)
	require.EqualValues(t, uint64(math.MaxUint64)>>20<<20, trace.Cycles[0].Goal)
}

func TestLongLinesAndErrors(t *testing.T) {
	long := strings.Repeat("gc ", 1<<14) + "\n"
	trace, rest := split(t, long+"gc 9 @\n", 100)
	require.Equal(t, long+"gc 9 @\n", rest)
	require.NoError(t, trace.Err())

	s := NewSplitter(failing{})
	_, err := s.Write([]byte("hello\n"))
	require.ErrorIs(t, err, errors.ErrUnsupported)
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, errors.ErrUnsupported }

// go test hands GODEBUG down to the compiler: then the numbers begin again.
func TestSeveralProgramsAreMixed(t *testing.T) {
	texts := recorded(t)
	trace, err := Parse(strings.NewReader(texts["go1.26.8"] + texts["go1.18.10"]))
	require.NoError(t, err)
	require.True(t, trace.Mixed)
	report := new(Report)
	trace.explain(limits{percent: 100})
	trace.report(report)
	require.Nil(t, report.CPU)
	require.Empty(t, report.Heap)
	require.Equal(t, 6+9, report.NumGC)
}

func FuzzSplitter(f *testing.F) {
	f.Add("gc 1 @0.019s 4%: 0.44+3.2+0.002 ms clock, 0.88+0.026/1.2/0+0.005 ms cpu, 4->4->4 MB, 4 MB goal, 0 MB stacks, 0 MB globals, 2 P (forced)\n", 3)
	f.Add("step gc 1 @\nGC forced\ngc 2 @0.1s 99999999999999%: ", 1)
	f.Fuzz(func(t *testing.T, text string, piece int) {
		trace, rest := split(t, text, len(text)+1)
		again, restAgain := split(t, text, 1+max(piece, 0)%100)
		require.Equal(t, rest, restAgain)
		require.Equal(t, trace, again)
		require.LessOrEqual(t, len(rest), len(text))
		for _, c := range trace.Cycles {
			require.NotNil(t, c.Phases)
			require.GreaterOrEqual(t, c.Pause, time.Duration(0))
		}
		trace.explain(limits{percent: 100})
		trace.report(new(Report))
	})
}
