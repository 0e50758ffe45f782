package vm

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// measured is what golang-wsl bench writes with --json.
type measured struct {
	Runs []struct {
		Series []struct {
			Name, Unit string
			Samples    []int64
		}
		Env []struct{ Name, Value string }
	}
	Failed []struct{ Error string }
}

// one is the series of the only run, with its environment.
func (m measured) one(t *testing.T) (series map[string][]int64, env map[string]string) {
	t.Helper()
	require.Empty(t, m.Failed)
	require.Len(t, m.Runs, 1)
	series, env = make(map[string][]int64), make(map[string]string)
	for _, s := range m.Runs[0].Series {
		series[s.Name] = s.Samples
	}
	for _, e := range m.Runs[0].Env {
		env[e.Name] = e.Value
	}
	return series, env
}

// The question that WSL2 is asked most: how much slower are files below /mnt/c?
func TestBenchFS(t *testing.T) {
	m := need(t)
	series, env := decode[measured](t, m.dev(t, "golang-wsl", "bench", "fs", "--quick", "--go=false", "--json",
		"--only", "create,stat-hit,stat-miss,chmod,rename,unlink,open-read,append-fsync,inotify", "/ext4", "/mnt/c")).one(t)
	require.Equal(t, "ext4", env["fs-a"])
	require.Equal(t, "9p", env["fs-b"])
	require.Equal(t, "false", env["fs-a-windows"])
	require.Equal(t, "true", env["fs-b-windows"])
	for _, operation := range []string{"create", "stat/name=hit", "stat/name=miss", "chmod", "rename", "unlink", "open-read/bytes=4KiB"} {
		ratios := series["FS/"+operation+"/ratio=b:a"]
		require.NotEmpty(t, ratios, operation)
		slices.Sort(ratios)
		// In millionths. Each is a way to the host and back in the one, memory in the other.
		require.Greater(t, ratios[len(ratios)/2], int64(2e6), operation)
	}
	require.NotEmpty(t, series["FS/inotify/place=a"])
}

func TestBenchSched(t *testing.T) {
	m := need(t)
	series, env := decode[measured](t, m.dev(t, "golang-wsl", "bench", "sched", "--quick", "--json")).one(t)
	require.Equal(t, "wsl2", env["kind"])
	require.Equal(t, "6.6.87.2-microsoft-standard-WSL2", env["kernel"])
	for _, name := range []string{"CrossP/park=50us/procs=2/cpus=2", "KernelTimer/every=1ms/procs=2/cpus=2", "GoTimer/every=1ms/procs=2/cpus=2"} {
		require.NotEmpty(t, series[name], name)
	}
}

// Of a real kernel all that Go programs need works.
func TestBenchSyscalls(t *testing.T) {
	m := need(t)
	got := decode[struct {
		Rows []struct{ Group, Name, Verdict string }
	}](t, m.dev(t, "golang-wsl", "bench", "syscalls", "--dir", "/home/dev", "--deadline", "1m", "--json"))
	verdicts := make(map[string]string)
	for _, row := range got.Rows {
		verdicts[row.Name] = row.Verdict
		if row.Group == "start" {
			require.Equal(t, "works", row.Verdict, row.Name)
		}
	}
	require.Equal(t, "works", verdicts["futex"])
}
