package doctor

import (
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestHasCounters(t *testing.T) {
	for source, want := range map[string]bool{
		"cpu": true, "cpu_core": true, "armv8_pmuv3_0": true, "apple_icestorm_pmu": true,
		"software": false, "cpum": false, "msr": false, "uncore_imc": false,
	} {
		require.Equal(t, want, hasCounters([]string{"tracepoint", source}), source)
	}
}

func TestOpenFiles(t *testing.T) {
	for line, want := range map[string]uint64{
		"Max open files            1024                 524288               files": 524288,
		"Max open files            1024                 unlimited            files": 1<<64 - 1,
		"Max open files            1024":                                            0,
		"Max file size             unlimited            unlimited            bytes": 0,
	} {
		m := &Machine{Root: fstest.MapFS{"proc/self/limits": {Data: []byte(line + "\n")}}}
		n, ok := m.openFiles()
		require.Equal(t, want, n, line)
		require.Equal(t, want > 0, ok, line)
	}
}

// Without /proc nothing is known of the kernel, and nothing is said of it.
func TestNoProc(t *testing.T) {
	d := readMachine(t, "no-proc")
	checks, err := Choose(Checks(), []string{"cgroup", "psi", "perf"})
	require.NoError(t, err)
	results, err := Run(t.Context(), d.machine(), checks, time.Minute)
	require.NoError(t, err)
	for _, r := range results {
		require.Equal(t, Skipped, r.Status, "%+v", r)
	}
}
