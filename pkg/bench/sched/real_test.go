package sched

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// another program that measures, or the test is skipped: these take a minute, and a
// machine that does little else. Without it they fail where REQUIRE_NAME is set.
func another(t *testing.T, name string) {
	t.Helper()
	if os.Getenv("GOLANG_WSL_TEST_LONG") != "1" {
		t.Skip("GOLANG_WSL_TEST_LONG is not 1")
	}
	if _, err := exec.LookPath(name); err != nil {
		if os.Getenv("REQUIRE_"+strings.ToUpper(name)) != "" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
}

// headlines are the medians of what quick methods have measured, in us.
func headlines(t *testing.T, id string) (us []float64) {
	t.Helper()
	run := new(bench.Run)
	require.NoError(t, New(Options{Quick: true, Only: []string{id}}).Measure(t.Context(), run))
	for _, s := range run.Series {
		us = append(us, float64(s.Quantile(0.5))/1000)
	}
	return us
}

// KernelTimer is what cyclictest(8) measures: the same system call, the same clock,
// slack and policy, one thread, deadlines every millisecond. --laptop, because else
// root's holds the CPUs out of deep sleep.
//
// The medians must agree within a factor of 1.5. They differ by 5 % on a virtual
// machine at a load of 5; but the one thread is bound to a CPU and the other is not,
// and who else runs on that CPU moves either. It is best of 5, as the load of one
// second is not that of the next.
func TestKernelTimerAgreesWithCyclictest(t *testing.T) {
	another(t, "cyclictest")
	var ours, theirs float64
	for range 5 {
		ours, theirs = headlines(t, "C3")[0], cyclictest(t)
		t.Logf("KernelTimer %.1f us, cyclictest %.0f us", ours, theirs)
		if ours < 1.5*theirs && theirs < 1.5*ours {
			return
		}
	}
	t.Errorf("the medians are %.1f and %.0f us", ours, theirs)
}

// cyclictest is its median, from lines such as "000078 000042": us, samples.
func cyclictest(t *testing.T) (us float64) {
	t.Helper()
	command := strings.Fields("cyclictest --quiet --laptop --policy=other --threads=1 --interval=1000 --loops=1500 --histogram=5000")
	text, err := exec.CommandContext(t.Context(), command[0], command[1:]...).Output()
	require.NoError(t, err)
	counted := 0
	for line := range strings.Lines(string(text)) {
		var at, n int
		if _, err := fmt.Sscanf(line, "%d %d", &at, &n); err != nil {
			continue
		}
		if counted += n; counted >= 750 {
			return float64(at)
		}
	}
	t.Fatalf("no histogram of 1,500 samples:\n%s", text)
	return 0
}

var perOperation = regexp.MustCompile(`([\d.]+) usecs/op`)

// What "perf bench sched pipe" calls an operation is two wake-ups of a thread by
// another, one there and one back. CrossP is one, and the sleep of 3 us that the
// runtime takes before it steals a goroutine, which is late as KernelTimer is.
//
// So its median must be half an operation, 3 us and the median of KernelTimer. A
// factor of 2 is allowed above, as a CPU that had gone to sleep wakes slowly, and the
// two of a pipe may share one that has not. Below it is half of the wake-up alone:
// a kernel with no timer slack is no error.
func TestCrossPAgreesWithPerf(t *testing.T) {
	another(t, "perf")
	var said string
	for range 5 {
		text, err := exec.CommandContext(context.Background(), "perf", "bench", "sched", "pipe", "-l", "50000").CombinedOutput()
		require.NoError(t, err, string(text))
		found := perOperation.FindSubmatch(text)
		require.NotNil(t, found, string(text))
		operation, err := strconv.ParseFloat(string(found[1]), 64)
		require.NoError(t, err)
		late, cross := headlines(t, "C3")[0], headlines(t, "B3")
		require.Len(t, cross, 2, "one CPU")
		said = fmt.Sprintf("a wake-up of perf %.1f us, KernelTimer %.1f us, CrossP %.1f and %.1f us", operation/2, late, cross[0], cross[1])
		t.Log(said)
		if cross[0] > operation/4 && cross[0] < 2*(operation/2+3+late) {
			return
		}
	}
	t.Error(said)
}
