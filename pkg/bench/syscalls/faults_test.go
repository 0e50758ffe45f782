package syscalls

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// calls are the system calls that rows are named after. Rows that go by a flag of
// clone, and sigaltstack, are left out: without those no Go program starts.
var calls = map[string]uint32{
	"tgkill": unix.SYS_TGKILL, "clock_nanosleep": unix.SYS_CLOCK_NANOSLEEP,
	"getrandom": unix.SYS_GETRANDOM, "sched_setaffinity": unix.SYS_SCHED_SETAFFINITY, "prlimit64": unix.SYS_PRLIMIT64,
	"timer_create": unix.SYS_TIMER_CREATE, "sched_setattr": unix.SYS_SCHED_SETATTR, "prctl/PR_SET_TIMERSLACK": unix.SYS_PRCTL,
	"rseq": unix.SYS_RSEQ, "membarrier": unix.SYS_MEMBARRIER, "madvise/MADV_DONTNEED": unix.SYS_MADVISE,
	"prctl/PR_SET_VMA_ANON_NAME": unix.SYS_PRCTL, "memfd_create": unix.SYS_MEMFD_CREATE, "mincore": unix.SYS_MINCORE,
	"mlock": unix.SYS_MLOCK, "mlockall": unix.SYS_MLOCKALL, "userfaultfd": unix.SYS_USERFAULTFD,
	"process_vm_readv": unix.SYS_PROCESS_VM_READV, "epoll_pwait": unix.SYS_EPOLL_PWAIT, "epoll_ctl/EPOLLET": unix.SYS_EPOLL_CTL,
	"epoll_pwait2": unix.SYS_EPOLL_PWAIT2, "eventfd2": unix.SYS_EVENTFD2, "timerfd_create": unix.SYS_TIMERFD_SETTIME,
	"signalfd4": unix.SYS_SIGNALFD4, "inotify": unix.SYS_INOTIFY_ADD_WATCH, "fanotify": unix.SYS_FANOTIFY_MARK,
	"io_setup": unix.SYS_IO_SETUP, "io_uring_setup": unix.SYS_IO_URING_SETUP, "openat2/RESOLVE_BENEATH": unix.SYS_OPENAT2,
	"faccessat2": unix.SYS_FACCESSAT2, "statx": unix.SYS_STATX, "statx/STATX_BTIME": unix.SYS_STATX, "fallocate": unix.SYS_FALLOCATE,
	"renameat2/RENAME_NOREPLACE": unix.SYS_RENAMEAT2, "renameat2/RENAME_EXCHANGE": unix.SYS_RENAMEAT2,
	"unlinkat/open": unix.SYS_UNLINKAT, "linkat": unix.SYS_LINKAT, "symlinkat": unix.SYS_SYMLINKAT, "fchmodat": unix.SYS_FCHMODAT,
	"utimensat": unix.SYS_UTIMENSAT, "setxattr": unix.SYS_SETXATTR, "name_to_handle_at": unix.SYS_NAME_TO_HANDLE_AT,
	"sync_file_range": unix.SYS_SYNC_FILE_RANGE, "syncfs": unix.SYS_SYNCFS, "bind/AF_UNIX": unix.SYS_BIND,
	"flock": unix.SYS_FLOCK, "fcntl/F_SETLK": unix.SYS_FCNTL, "fcntl/F_OFD_SETLK": unix.SYS_FCNTL,
	"copy_file_range": unix.SYS_COPY_FILE_RANGE, "sendfile": unix.SYS_SENDFILE, "splice": unix.SYS_SPLICE, "tee": unix.SYS_TEE,
	"accept4": unix.SYS_ACCEPT4, "socket/AF_INET6": unix.SYS_SOCKET, "setsockopt/SO_REUSEPORT": unix.SYS_SETSOCKOPT,
	"setsockopt/TCP_KEEPINTVL": unix.SYS_SETSOCKOPT, "setsockopt/UDP_SEGMENT": unix.SYS_SETSOCKOPT,
	"recvmsg/MSG_CMSG_CLOEXEC": unix.SYS_RECVMSG, "recvmsg/SCM_CREDENTIALS": unix.SYS_RECVMSG, "recvmmsg": unix.SYS_RECVMMSG,
	"socket/SOCK_RAW": unix.SYS_SOCKET, "pidfd_open": unix.SYS_PIDFD_OPEN, "pidfd_send_signal": unix.SYS_PIDFD_SEND_SIGNAL,
	"waitid/P_PIDFD": unix.SYS_WAITID, "waitid/WNOWAIT": unix.SYS_WAITID, "clone3": unix.SYS_CLONE3,
	"prctl/PR_SET_PDEATHSIG": unix.SYS_PRCTL, "close_range": unix.SYS_CLOSE_RANGE, "ptrace": unix.SYS_PTRACE,
	"personality": unix.SYS_PERSONALITY, "perf_event_open": unix.SYS_PERF_EVENT_OPEN, "kcmp": unix.SYS_KCMP,
	"unshare/CLONE_NEWUSER": unix.SYS_UNSHARE, "unshare/CLONE_NEWNET": unix.SYS_UNSHARE, "setns": unix.SYS_SETNS,
	"mount/tmpfs": unix.SYS_MOUNT, "seccomp": unix.SYS_SECCOMP, "seccomp/USER_NOTIF": unix.SYS_SECCOMP,
	"landlock_restrict_self": unix.SYS_LANDLOCK_RESTRICT_SELF, "bpf": unix.SYS_BPF, "syslog": unix.SYS_SYSLOG,
}

// A kernel that answers ENOSYS to one system call: its rows say so.
func TestWhatTheKernelRefusesIsSaid(t *testing.T) {
	eachCall(t, unix.ENOSYS, func(t *testing.T, name string, a Answer) {
		want := Verdict("ENOSYS")
		if name == "mount/tmpfs" { // it needs mount for its preparations as well
			want = Unsure
		}
		require.Equal(t, want, a.Verdict, a.Detail)
	})
}

// A kernel that says yes to one system call and does nothing, as WSL1 does with
// SO_REUSEPORT: no row believes it, but for two that have nothing to see.
func TestWhatTheKernelPretendsIsSeen(t *testing.T) {
	eachCall(t, 0, func(t *testing.T, name string, a Answer) {
		if name == "sync_file_range" || name == "syncfs" {
			require.Equal(t, Works, a.Verdict, a.Detail)
			return
		}
		require.NotEqual(t, Works, a.Verdict, a.Detail)
		require.NotEqual(t, Crashed, a.Verdict, a.Detail)
		t.Log(name, a.Verdict, a.Detail)
	})
}

// eachCall tries each row under a filter that answers its system call.
func eachCall(t *testing.T, errno unix.Errno, check func(t *testing.T, name string, a Answer)) {
	here := answers(t, Options{})
	for name, nr := range calls {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if here[name].Verdict != Works {
				t.Skip("not on this machine:", here[name])
			}
			f := filter(nr, unix.SECCOMP_RET_ERRNO|uint32(errno))
			a := answers(t, Options{Only: []string{name}, Deadline: 4 * time.Second, Start: startTest(t, syscall.SysProcAttr{}, f)})
			check(t, name, a[name])
		})
	}
}

func filter(nr, verdict uint32) string { return fmt.Sprintf("%d:%#x", nr, verdict) }

// Of all rows only those change that go by the system call.
func TestAFaultMovesItsRowsOnly(t *testing.T) {
	here := answers(t, Options{})
	for _, c := range []struct {
		nr, verdict uint32
		want        map[string]Verdict
	}{
		{unix.SYS_OPENAT2, unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS), map[string]Verdict{"openat2/RESOLVE_BENEATH": "ENOSYS"}},
		{unix.SYS_COPY_FILE_RANGE, unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM), map[string]Verdict{"copy_file_range": "EPERM"}},
		{unix.SYS_FALLOCATE, unix.SECCOMP_RET_ERRNO | uint32(unix.EOPNOTSUPP), map[string]Verdict{"fallocate": "EOPNOTSUPP"}},
		{unix.SYS_STATX, unix.SECCOMP_RET_ERRNO | uint32(unix.EINVAL), map[string]Verdict{"statx": "EINVAL", "statx/STATX_BTIME": "EINVAL"}},
		{unix.SYS_FLOCK, unix.SECCOMP_RET_ERRNO, map[string]Verdict{"flock": Wrong}},
		{unix.SYS_MEMFD_CREATE, unix.SECCOMP_RET_KILL_PROCESS, map[string]Verdict{"memfd_create": Killed}},
		{unix.SYS_PIDFD_OPEN, unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS), map[string]Verdict{
			"pidfd_open": "ENOSYS", "pidfd_send_signal": Unsure, "waitid/P_PIDFD": Unsure,
		}},
	} {
		got := answers(t, Options{Start: startTest(t, syscall.SysProcAttr{}, filter(c.nr, c.verdict))})
		for name, a := range got {
			want, ok := c.want[name]
			if !ok {
				want = here[name].Verdict
			}
			require.Equal(t, want, a.Verdict, "%s, with %d answered by %#x: %s", name, c.nr, c.verdict, a.Detail)
		}
	}
	require.Contains(t, answers(t, Options{
		Only:  []string{"memfd_create"},
		Start: startTest(t, syscall.SysProcAttr{}, filter(unix.SYS_MEMFD_CREATE, unix.SECCOMP_RET_KILL_PROCESS)),
	})["memfd_create"].Detail, "SIGSYS")
}

func TestHowProcessesEnd(t *testing.T) {
	got := tryOdd(t, Options{Deadline: time.Second}, "test/hangs", "test/killed", "test/segfault", "test/exit", "test/panic")
	require.Equal(t, Answer{Hangs, "no answer in 1s"}, got["test/hangs"])
	require.Equal(t, Answer{Killed, "by SIGKILL"}, got["test/killed"])
	require.Equal(t, Answer{Crashed, "its process ended with code 2 and no answer"}, got["test/segfault"])
	require.Equal(t, Answer{Crashed, "its process ended with code 3 and no answer"}, got["test/exit"])
	require.Equal(t, Answer{Crashed, "its process ended with code 2 and no answer"}, got["test/panic"])
	requireNoForks(t)
}

// requireNoForks sees that nothing of the test binary's children is left.
func requireNoForks(t *testing.T) {
	t.Helper()
	require.Eventually(t, func() bool { return len(forks(t)) == 0 }, 5*time.Second, 20*time.Millisecond, "%v", forks(t))
}

// forks are the processes that were started as children by this test binary, dead
// ones that nobody has waited for as well, and theirs.
func forks(t *testing.T) (left []string) {
	exe, err := os.Executable()
	require.NoError(t, err)
	all, err := os.ReadDir("/proc")
	require.NoError(t, err)
	for _, p := range all {
		line, err := os.ReadFile("/proc/" + p.Name() + "/cmdline")
		if err == nil && strings.HasPrefix(string(line), exe+"\x00child\x00") {
			left = append(left, strings.ReplaceAll(string(line), "\x00", " "))
		}
	}
	return left
}
