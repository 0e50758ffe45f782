package vm

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// ran is what golang-wsl bench run writes with --json.
type ran struct {
	Runs []struct {
		Values []struct {
			Name   string
			Number float64
		}
	}
	Sandbox struct {
		Rung   string
		Limits []struct{ Name, Requested, Effective, By string }
	}
}

// each is who uses the machine, and on which rung that is.
func (m *machine) each(t *testing.T, test func(t *testing.T, rung string, run func(*testing.T, ...string) result)) {
	for rung, run := range map[string]func(*testing.T, ...string) result{"system-scope": m.root, "user-scope": m.dev} {
		t.Run(rung, func(t *testing.T) { test(t, rung, run) })
	}
}

// In a sandbox with half of a CPU, what takes a second of it takes two.
func TestRunCPU(t *testing.T) {
	need(t).each(t, func(t *testing.T, rung string, run func(*testing.T, ...string) result) {
		got := decode[ran](t, run(t, "golang-wsl", "bench", "run", "--quick", "--wait", "0", "--warmup", "0", "--cpu", "50%", "--json",
			"--", "bash", "-c", "for ((i = 0; i < 150000; i++)); do :; done"))
		require.Equal(t, rung, got.Sandbox.Rung)
		require.Contains(t, got.Sandbox.Limits, struct{ Name, Requested, Effective, By string }{"cpu", "0.5", "0.5", "cpu.max"})
		require.Len(t, got.Runs, 1)
		values := make(map[string]float64)
		for _, v := range got.Runs[0].Values {
			values[v.Name] = v.Number
		}
		t.Logf("%.2f s of CPU in %.2f s", values["CPU"]/1e9, values["Wall"]/1e9)
		require.Greater(t, values["CPU"], 0.5e9, "too short to say anything")
		require.InDelta(t, 0.5, values["CPU"]/values["Wall"], 0.1)
	})
}

// What needs more memory than it may have is ended, and that is what is said.
func TestRunMemory(t *testing.T) {
	need(t).each(t, func(t *testing.T, _ string, run func(*testing.T, ...string) result) {
		got := run(t, "golang-wsl", "bench", "run", "--quick", "--wait", "0", "--warmup", "0", "--mem", "48M",
			"--", "bash", "-c", "head -c 200M /dev/zero | tail -n 1 | wc -c")
		require.NotZero(t, got.code, got.stdout)
		require.Contains(t, got.stderr, "out of memory: the kernel killed")
		require.Contains(t, got.stderr, "above a limit of 50331648 bytes")
	})
}

// However the tool ends, its payload and its groups end too.
func TestRunKilled(t *testing.T) {
	m := need(t)
	m.each(t, func(t *testing.T, _ string, run func(*testing.T, ...string) result) {
		run(t, "bash", "-c", `for moment in 0.3 0.8 1.3 1.8 payload; do
				golang-wsl-bench run --quick --wait 0 --warmup 0 --cpu 50% -- sleep 987654 >/dev/null 2>&1 &
				if [ $moment = payload ]; then
					until pgrep -x sleep >/dev/null; do sleep 0.1; done
				else
					sleep $moment
				fi
				kill -9 $!
				wait
			done
			for i in {1..100}; do pgrep -x 'sleep|golang-wsl-benc' >/dev/null || exit 0; sleep 0.2; done
			ps -ef; exit 1`).requireOK(t)
	})
	m.requireEmpty(t)
}
