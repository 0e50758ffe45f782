package sandbox

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// page is a journal that is only written down.
type page struct{ bytes.Buffer }

func (*page) Close() error { return nil }

func TestGuardUndoesInReverse(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "scratch", "of", "ours")
	file := filepath.Join(t.TempDir(), "knob")
	require.NoError(t, os.WriteFile(file, []byte("two"), 0o666))
	text := new(page)
	j := NewJournal(text)
	_, err := j.File(file, "one\n")
	require.NoError(t, err)
	_, err = j.File(file, "two\n") // changed twice: the first value is what it was
	require.NoError(t, err)
	_, err = j.Dir(dir)
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(filepath.Join(dir, "x"), 0o777))
	require.NoError(t, Guard(context.Background(), text, Machine{}))
	require.NoDirExists(t, dir)
	got, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, "one\n", string(got))
}

func TestGuardLeavesWhatIsUndone(t *testing.T) {
	for name, end := range map[string]func(*Journal, func()){
		"undone": func(_ *Journal, undone func()) { undone() },
		"done":   func(j *Journal, _ func()) { _ = j.Done() },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			text := new(page)
			j := NewJournal(text)
			undone, err := j.Dir(dir)
			require.NoError(t, err)
			end(j, undone)
			require.NoError(t, Guard(context.Background(), text, Machine{}))
			require.DirExists(t, dir)
		})
	}
}

// The last line may be cut: what it announces was never made.
func TestGuardReadsWhatIsThere(t *testing.T) {
	dir := t.TempDir()
	text := new(page)
	_, err := NewJournal(text).Dir(dir)
	require.NoError(t, err)
	text.WriteString(`{"id":2,"dir":"/ho`)
	require.NoError(t, Guard(context.Background(), text, Machine{}))
	require.NoDirExists(t, dir)
}

func TestGuardOfThingsThatAreGone(t *testing.T) {
	text := new(page)
	j := NewJournal(text)
	gone := filepath.Join(t.TempDir(), "gone")
	_, err := j.File(gone, "1")
	require.NoError(t, err)
	_, err = j.Dir(gone)
	require.NoError(t, err)
	_, err = j.Mark(newMark())
	require.NoError(t, err)
	cmd := exec.Command("true")
	require.NoError(t, cmd.Start())
	_, err = j.Child(cmd.Process.Pid)
	require.NoError(t, err)
	require.NoError(t, cmd.Wait())
	require.NoError(t, Guard(context.Background(), text, Machine{}))
	require.NoFileExists(t, gone, "what is not there is not made")
}

// What one thing cannot be undone for does not keep the others.
func TestGuardGoesOn(t *testing.T) {
	dir := t.TempDir()
	text := new(page)
	j := NewJournal(text)
	_, err := j.Dir(dir)
	require.NoError(t, err)
	_, err = j.File("/proc/self/mounts", "x") // nobody may write there
	require.NoError(t, err)
	text.WriteString(`{"id":9,"future":"x"}` + "\n")
	err = Guard(context.Background(), text, Machine{})
	require.ErrorContains(t, err, "/proc/self/mounts")
	require.ErrorContains(t, err, "does not know: 9")
	require.NoDirExists(t, dir)
}

func TestGuardKillsAChildsGroup(t *testing.T) {
	cmd := exec.Command("sh", "-c", "sleep 987654 & echo ready; wait")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	out := capture(t, cmd)
	require.NoError(t, cmd.Start())
	text := new(page)
	_, err := NewJournal(text).Child(cmd.Process.Pid)
	require.NoError(t, err)
	require.Eventually(t, func() bool { return strings.Contains(out(), "ready") }, 10*time.Second, time.Millisecond)
	require.NoError(t, Guard(context.Background(), text, Machine{}))
	require.ErrorContains(t, cmd.Wait(), "killed")
}

func TestJournalRefuses(t *testing.T) {
	j := NewJournal(new(page))
	for _, dir := range []string{"/", "/home", "relative/dir", "/tmp/../..", "/tmp/x/"} {
		_, err := j.Dir(dir)
		require.Error(t, err, dir)
	}
	_, err := j.File("/tmp/x", strings.Repeat("x", mostSaved+1))
	require.ErrorContains(t, err, "too much")
	require.NoError(t, j.Done())
	require.NoError(t, j.Done())
	_, err = j.Dir("/tmp/x/y")
	require.ErrorIs(t, err, os.ErrClosed)
}

func TestJournalOfNobody(t *testing.T) {
	var j *Journal
	undone, err := j.Dir("/tmp/x/y")
	require.NoError(t, err)
	undone()
	require.NoError(t, j.Done())
	require.NoError(t, j.Abandon())
}

// Where the guardian is dead nothing is made any more.
func TestGuardianThatIsGone(t *testing.T) {
	j, err := StartGuard([]string{"/bin/true"}, os.Stderr)
	require.NoError(t, err)
	require.NoError(t, j.wait())
	j.wait = nil
	_, err = j.Dir("/tmp/x/y")
	require.ErrorIs(t, err, syscall.EPIPE)
	_, err = Open(context.Background(), Options{Shim: []string{self(t), "exec-with"}, Journal: j})
	require.ErrorIs(t, err, syscall.EPIPE)
}
