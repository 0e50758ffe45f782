package syscalls

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// Each row has a name of its own and says what Go loses. The Go files that it names
// are there.
func TestRowsExplainThemselves(t *testing.T) {
	out, err := exec.Command("go", "env", "GOROOT").Output()
	require.NoError(t, err)
	source := filepath.Join(strings.TrimSpace(string(out)), "src")
	goFile := regexp.MustCompile(`[a-z0-9_/]+\.go\b`)
	seen := make(map[string]bool)
	for _, p := range table() {
		require.False(t, seen[p.name], p.name)
		seen[p.name] = true
		require.NotContains(t, p.name, " ")
		require.NotContains(t, p.name, ",", "--only takes lists")
		require.NotEmpty(t, p.loses, p.name)
		require.NotContains(t, p.loses, "\n", p.name)
		require.False(t, strings.HasSuffix(p.loses, "."), p.name)
		for _, name := range goFile.FindAllString(p.loses, -1) {
			_, err := os.Stat(filepath.Join(source, name))
			require.NoError(t, err, p.name)
		}
	}
	require.GreaterOrEqual(t, len(seen), 45)
}

// On a Linux that nobody has broken nothing hangs, crashes or does something else,
// and the rows leave no file, mount, group, terminal or process behind.
func TestThisMachine(t *testing.T) {
	for _, o := range []Options{{Dir: t.TempDir()}, {Dir: inMemory(t)}, {Dir: t.TempDir(), Parallel: 8}} {
		before := traces(t)
		got := answers(t, o)
		require.Len(t, got, len(table()))
		works := 0
		for name, a := range got {
			require.NotContains(t, []Verdict{Wrong, Hangs, Killed, Crashed}, a.Verdict, "%s: %s", name, a.Detail)
			if a.Verdict == Works {
				works++
			}
		}
		require.Greater(t, works, 45)
		left, err := os.ReadDir(o.Dir)
		require.NoError(t, err)
		require.Empty(t, left)
		require.Equal(t, before, traces(t))
		requireNoForks(t)
	}
}

func inMemory(t *testing.T) string {
	dir, err := os.MkdirTemp("/dev/shm", "syscalls-*")
	if err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// traces are what rows make outside their directory.
func traces(t *testing.T) (list []string) {
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	require.NoError(t, err)
	list = append(list, string(mounts))
	if root, err := cgroupRoot(); err == nil {
		groups, err := filepath.Glob(filepath.Join(root, "golang-wsl-bench-*"))
		require.NoError(t, err)
		list = append(list, groups...)
	}
	return list
}

// A file system without extents, birth times and parts of a second: ext2 with the
// inodes of 1993.
func TestAnOldFileSystem(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can mount")
	}
	image, dir := filepath.Join(t.TempDir(), "image"), t.TempDir()
	require.NoError(t, os.WriteFile(image, nil, 0o600))
	require.NoError(t, os.Truncate(image, 8<<20))
	for _, c := range [][]string{{"mke2fs", "-q", "-t", "ext2", "-I", "128", image}, {"mount", "-o", "loop", image, dir}} {
		if out, err := exec.Command(c[0], c[1:]...).CombinedOutput(); err != nil {
			t.Skip(c, err, string(out))
		}
	}
	t.Cleanup(func() { require.NoError(t, unix.Unmount(dir, 0)) })
	here, there := answers(t, Options{}), answers(t, Options{Dir: dir})
	for name, want := range map[string]Verdict{"fallocate": "EOPNOTSUPP", "statx/STATX_BTIME": Wrong, "utimensat": Wrong} {
		require.Equal(t, want, there[name].Verdict, name)
		delete(here, name)
	}
	for name := range here {
		require.Equal(t, here[name].Verdict, there[name].Verdict, "%s: %s", name, there[name].Detail)
	}
}

// Rows that need root are told apart from rows that do not work.
func TestAnOrdinaryUser(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can become somebody else")
	}
	dir, err := os.MkdirTemp("/dev/shm", "syscalls-*")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	const nobody = 65534
	require.NoError(t, os.Chmod(dir, 0o777))
	exe := openTo(t, dir)
	sys := syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	start := startProgram(exe, sys)
	// What is tried belongs to root, as does all that Report makes: nobody writes there.
	got := answers(t, Options{Dir: dir, Start: start, Only: []string{"bpf", "socket/SOCK_RAW", "syslog", "openat2/RESOLVE_BENEATH", "memfd_create"}})
	require.Equal(t, Verdict("EPERM"), got["socket/SOCK_RAW"].Verdict)
	require.Equal(t, Works, got["memfd_create"].Verdict)
	require.Equal(t, Unsure, got["openat2/RESOLVE_BENEATH"].Verdict, "the directory is in the way, not the kernel")
	require.Contains(t, got["openat2/RESOLVE_BENEATH"].Detail, "create a file: permission denied")
	for _, name := range []string{"bpf", "syslog"} { // sysctls decide
		require.Contains(t, []Verdict{"EPERM", Works}, got[name].Verdict, name)
	}
}

// openTo puts this test binary where everybody can run it.
func openTo(t *testing.T, dir string) string {
	exe, err := os.Executable()
	require.NoError(t, err)
	b, err := os.ReadFile(exe)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "test"), b, 0o755))
	return filepath.Join(dir, "test")
}

func TestKeysAreTheSameForMachinesThatAnswerAlike(t *testing.T) {
	row := func(name string, v Verdict) Row { return Row{Name: name, Answer: Answer{Verdict: v}} }
	r := Report{Rows: []Row{row("b", "ENOSYS"), row("c", Works), row("a", "ENOSYS"), row("d", Works), row("e", Works), row("f", Hangs)}}
	require.Equal(t, []bench.Key{
		{Name: "syscalls", Value: "works=3 ENOSYS=2 hangs=1"},
		{Name: "syscalls-not", Value: "a=ENOSYS b=ENOSYS f=hangs"},
	}, r.Keys())
}

func TestMeasureFillsInTheEnvironment(t *testing.T) {
	var probe bench.Probe = New(Options{Dir: t.TempDir(), Only: []string{"eventfd2"}, Start: startTest(t, syscall.SysProcAttr{})})
	var run bench.Run
	require.NoError(t, probe.Measure(t.Context(), &run))
	require.Equal(t, "works=1", run.Get("syscalls"))
	require.Equal(t, "syscalls", probe.Name())
}

func TestVerdictsAsJSON(t *testing.T) {
	b, err := json.Marshal(Row{Group: "files", Name: "statx", Loses: "x", Answer: Answer{Verdict: "ENOSYS"}})
	require.NoError(t, err)
	require.JSONEq(t, `{"group":"files","name":"statx","loses":"x","verdict":"ENOSYS"}`, string(b))
}

func TestErrnoNames(t *testing.T) {
	for errno, want := range map[unix.Errno]string{
		unix.ENOSYS: "ENOSYS", unix.EOPNOTSUPP: "EOPNOTSUPP", unix.EAGAIN: "EAGAIN", 9999: "errno 9999",
	} {
		require.Equal(t, want, errnoName(errno))
	}
}

func TestBadOptions(t *testing.T) {
	start := startTest(t, syscall.SysProcAttr{})
	_, err := New(Options{Dir: t.TempDir(), Start: start, Only: []string{"openat3"}}).Report(t.Context())
	require.ErrorContains(t, err, `no row is called "openat3"`)
	_, err = New(Options{Dir: filepath.Join(t.TempDir(), "not-there"), Start: start}).Report(t.Context())
	require.ErrorIs(t, err, os.ErrNotExist)
	_, err = New(Options{Dir: "/proc", Start: start}).Report(t.Context())
	require.ErrorContains(t, err, "no place to try files in")
}

// A directory that goes away: what needs it is unsure, what does not works.
func TestADirectoryVanishes(t *testing.T) {
	dir := t.TempDir()
	start := startTest(t, syscall.SysProcAttr{})
	got := answers(t, Options{Dir: dir, Only: []string{"eventfd2", "linkat"}, Start: func(ctx context.Context, name, own string) (Exit, error) {
		if err := os.RemoveAll(filepath.Dir(own)); err != nil {
			return Exit{}, err
		}
		return start(ctx, name, own)
	}})
	require.Equal(t, Works, got["eventfd2"].Verdict)
	require.Equal(t, Unsure, got["linkat"].Verdict)
}

func TestWhoDoesNotStart(t *testing.T) {
	got := answers(t, Options{Only: []string{"eventfd2"}, Start: startProgram("/not/there", syscall.SysProcAttr{})})
	require.Equal(t, Unsure, got["eventfd2"].Verdict)
	require.Contains(t, got["eventfd2"].Detail, "could not be started")
}

// A process in the kernel's hands does not end when it is killed: Start that does
// not come back is what Report sees of one.
func TestWhatCannotBeKilledIsLeftBehind(t *testing.T) {
	over := make(chan struct{})
	defer close(over)
	stuck := func(context.Context, string, string) (Exit, error) { <-over; return Exit{}, nil }
	got := answers(t, Options{Only: []string{"eventfd2"}, Start: stuck, Deadline: 2 * time.Second}) // in which files must go away, too
	require.Equal(t, Answer{Hangs, "no answer in 2s; the process cannot be killed, and is left behind"}, got["eventfd2"])
}

// The end of the context leaves the rows that are done, and kills the others.
func TestEndedEarly(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	start := startTest(t, syscall.SysProcAttr{})
	dir := t.TempDir()
	begin := time.Now()
	report, err := New(Options{
		Dir: dir, Parallel: 2, Start: start,
		Progress: func(done, all int) {
			require.Equal(t, len(table()), all)
			if done == 10 {
				cancel()
			}
		},
	}).Report(ctx)
	require.ErrorIs(t, err, context.Canceled)
	require.GreaterOrEqual(t, len(report.Rows), 8)
	require.Less(t, len(report.Rows), len(table()))
	require.True(t, report.Partial)
	require.Less(t, time.Since(begin), 10*time.Second)
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, left)
	requireNoForks(t)
}
