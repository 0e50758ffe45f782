package main

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A payload that leaves its session, and does not end when asked to.
const clinging = `trap "" TERM INT HUP; (setsid sleep 876543 &); setsid sh -c "sleep 876543 & sleep 876543" $0 & sleep 0.05`

// Ended at any moment, by whatever, run leaves no process, no file and no mark on one.
func TestRunLeavesNothing(t *testing.T) {
	times := 4
	if os.Getenv("GOLANG_WSL_TEST_LONG") == "1" {
		times = 50
	}
	exe, err := os.Executable()
	require.NoError(t, err)
	for _, signal := range []syscall.Signal{syscall.SIGKILL, syscall.SIGINT, syscall.SIGTERM} {
		t.Run(signal.String(), func(t *testing.T) {
			seed := uint64(time.Now().UnixNano())
			random := rand.New(rand.NewPCG(seed, 0))
			met := 0
			for i := range times {
				wait := time.Duration(random.Int64N(int64(time.Second)))
				tmp, token := t.TempDir(), "cling-"+strconv.FormatUint(random.Uint64(), 36)
				cmd := exec.Command(exe, "run", "--runs", "100", "--wait", "0", "--nice", "1", "--", "sh", "-c", clinging, token)
				cmd.Env = append(os.Environ(), "TMPDIR="+tmp, "TOKEN="+token, mainInTest+"=1", "GORACE=atexit_sleep_ms=0")
				require.NoError(t, cmd.Start())
				time.Sleep(wait)
				require.NoError(t, cmd.Process.Signal(signal))
				if len(inTemp(t, tmp)) > 0 {
					met++
				}
				_ = cmd.Wait()
				if signal != syscall.SIGKILL { // it is done when it says so
					require.Empty(t, clingingTo(t, token), "seed %d, %d after %s", seed, i, wait)
					require.Empty(t, inTemp(t, tmp), "seed %d, %d after %s", seed, i, wait)
				}
				require.Eventually(t, func() bool { return len(clingingTo(t, token))+len(inTemp(t, tmp)) == 0 },
					20*time.Second, 10*time.Millisecond, "seed %d, %d after %s: %q %q", seed, i, wait, clingingTo(t, token), inTemp(t, tmp))
			}
			t.Logf("%d of %d met a tool at work", met, times)
			require.Positive(t, met)
		})
	}
}

func inTemp(t *testing.T, dir string) (names []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		if e.Name() != "golang-wsl-bench.lock" { // a lock is a file that stays
			names = append(names, e.Name())
		}
	}
	return names
}

// clingingTo are the processes with a word in their arguments or their environment.
func clingingTo(t *testing.T, token string) (found []string) {
	t.Helper()
	dirs, err := filepath.Glob("/proc/[0-9]*")
	require.NoError(t, err)
	for _, dir := range dirs {
		args, _ := os.ReadFile(dir + "/cmdline")
		env, _ := os.ReadFile(dir + "/environ")
		if strings.Contains(string(args)+string(env), token) {
			found = append(found, filepath.Base(dir)+" "+strings.ReplaceAll(string(args), "\x00", " "))
		}
	}
	return found
}
