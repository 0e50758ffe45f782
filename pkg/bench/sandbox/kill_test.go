package sandbox

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// tool is a tool that has a guardian, changes a file, makes a directory, and opens a
// box again and again, with payloads that want to stay, until it is killed.
func tool(args []string) error {
	rung, dir, token := args[0], args[1], args[2]
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	j, err := StartGuard([]string{exe, "guard"}, os.Stderr)
	if err != nil {
		return err
	}
	// On this the test waits: kills before it are of a tool that has done nothing.
	fmt.Println("begins")
	knob := filepath.Join(dir, "knob")
	for {
		if err := round(exe, rung, knob, filepath.Join(dir, "scratch"), token, j); err != nil {
			return err
		}
	}
}

func round(exe, rung, knob, scratch, token string, j *Journal) (err error) {
	undoFile, err := j.File(knob, "as it was\n")
	if err != nil {
		return err
	}
	undoDir, err := j.Dir(scratch)
	if err != nil {
		return err
	}
	if err := errors.Join(os.MkdirAll(filepath.Join(scratch, "below"), 0o777), os.WriteFile(knob, []byte("changed\n"), 0o666)); err != nil {
		return err
	}
	box, err := Open(context.Background(), Options{
		Rung: rung, Limits: Limits{CPU: 0.8, Memory: 1 << 30, Tasks: 50},
		Settings: Settings{Nice: 1}, Shim: []string{exe, "exec-with"}, Journal: j,
	})
	if err != nil {
		return err
	}
	for i := range 2 {
		if err := cell(box, strconv.Itoa(i), token); err != nil {
			return err
		}
	}
	if err := errors.Join(box.Close(), os.RemoveAll(scratch), os.WriteFile(knob, []byte("as it was\n"), 0o666)); err != nil {
		return err
	}
	undoDir()
	undoFile()
	return nil
}

// cell has a payload that ignores signals, and two that have left it and its session.
func cell(box *Box, name, token string) error {
	c, err := box.Cell(name)
	if err != nil {
		return err
	}
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	script := `trap "" TERM HUP INT; (setsid sh -c "sleep 987654 & sleep 987654" $0 &); (env -i setsid sleep 987654 &); sleep 0.02`
	argv := c.Argv("/bin/sh", "sh", "-c", script, token)
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.SysProcAttr = c.SysProcAttr()
	cmd.Env = append(os.Environ(), "TOKEN="+token)
	cmd.ExtraFiles = []*os.File{w}
	err = cmd.Start()
	w.Close()
	if err != nil {
		return err
	}
	err = c.Started(cmd.Process.Pid, r)
	r.Close()
	return errors.Join(err, cmd.Wait(), c.Close())
}

// leftovers are what there is of a tool, and of its guardian.
type leftovers struct{ Knob, Processes, Groups, Scopes, Scratch string }

// look finds processes by a word in their arguments or environment, and by the directory
// that they are in: neither is how the code finds them. Groups are looked for where the
// rung makes some.
func look(t *testing.T, rung, dir, token string) (l leftovers) {
	t.Helper()
	knob, err := os.ReadFile(filepath.Join(dir, "knob"))
	require.NoError(t, err)
	l.Knob = string(knob)
	l.Processes = strings.Join(append(processesWith(t, token), processesIn(t, dir)...), "\n")
	if rung != Process {
		l.Groups = strings.Join(groupsOfOurs(t), "\n")
		l.Scopes = scopesOfOurs(t)
	}
	if _, err := os.Stat(filepath.Join(dir, "scratch")); err == nil {
		l.Scratch = "is there"
	}
	return l
}

// processesIn are those of which the working directory is dir.
func processesIn(t *testing.T, dir string) (found []string) {
	t.Helper()
	links, err := filepath.Glob("/proc/[0-9]*/cwd")
	require.NoError(t, err)
	for _, link := range links {
		if where, err := os.Readlink(link); err == nil && where == dir {
			found = append(found, filepath.Dir(link))
		}
	}
	return found
}

// Killed at any moment, the tool leaves nothing: 50 moments, of which some are while
// it opens, some while payloads run, some while it closes.
func killAtRandom(t *testing.T, rung string, times int, within time.Duration) {
	t.Helper()
	dir, token := t.TempDir(), "token-"+newToken()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "knob"), []byte("as it was\n"), 0o666))
	before := look(t, rung, dir, token)
	seed := uint64(time.Now().UnixNano())
	random := rand.New(rand.NewPCG(seed, 0))
	busy := 0
	for i := range times {
		wait := time.Duration(random.Int64N(int64(within)))
		cmd := exec.Command(self(t), "tool", rung, dir, token)
		cmd.Dir = dir
		said := capture(t, cmd)
		require.NoError(t, cmd.Start())
		require.Eventually(t, func() bool { return strings.Contains(said(), "begins") }, 20*time.Second, time.Millisecond)
		time.Sleep(wait)
		require.NoError(t, cmd.Process.Kill())
		if look(t, rung, dir, token) != before {
			busy++
		}
		require.EqualError(t, cmd.Wait(), "signal: killed", said())
		var after leftovers
		if !eventually(15*time.Second, func() bool { after = look(t, rung, dir, token); return after == before }) {
			text, _ := json.MarshalIndent(after, "", "  ")
			t.Fatalf("seed %d, kill %d after %s left\n%s\nit said: %s", seed, i, wait, text, said())
		}
		require.NotContains(t, said(), "undo", "seed %d, kill %d after %s", seed, i, wait)
	}
	t.Logf("%d kills on the rung %s, %d of them while there was something to undo", times, rung, busy)
	require.Greater(t, busy, times/3, "kills must meet a tool that is busy")
}

func eventually(patience time.Duration, done func() bool) bool {
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(5 * time.Millisecond) {
		if done() {
			return true
		}
	}
	return false
}

// groupsOfOurs are the control groups that this package has made.
func groupsOfOurs(t *testing.T) (found []string) {
	t.Helper()
	_ = filepath.WalkDir(unified, func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && strings.HasPrefix(d.Name(), ours) {
			found = append(found, name)
		}
		return nil // some go away meanwhile
	})
	return found
}

// scopesOfOurs asks systemctl, which has code of its own for that.
func scopesOfOurs(t *testing.T) string {
	t.Helper()
	if _, err := exec.LookPath("systemctl"); err != nil {
		return ""
	}
	args := []string{"list-units", "--all", "--plain", "--no-legend", ours + "*"}
	if os.Geteuid() != 0 {
		args = append([]string{"--user"}, args...)
	}
	out, err := exec.Command("systemctl", args...).CombinedOutput()
	if err != nil {
		return "" // there is no manager
	}
	return string(out)
}

// kills is 50 where there is time.
func kills() int {
	if os.Getenv("GOLANG_WSL_TEST_LONG") == "1" {
		return 50
	}
	return 10
}

func TestKillProcess(t *testing.T) { killAtRandom(t, Process, kills(), 250*time.Millisecond) }
