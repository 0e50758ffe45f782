package syscalls

import (
	"encoding/binary"
	"fmt"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// eventsTable is how a program learns that something has happened.

func eventsTable() []probe {
	return []probe{
		{name: "epoll_pwait", try: tryEpoll,
			loses: "no network: \"epollwait on fd failed\" ends the program (runtime/netpoll_epoll.go; microsoft/WSL#3194)"},
		{name: "epoll_ctl/EPOLLET", try: tryEdge,
			loses: "reads and writes on sockets and pipes wait for ever, or spin (runtime/netpoll_epoll.go; microsoft/WSL#8923)"},
		{name: "epoll_pwait2", try: tryEpoll2,
			loses: "nothing yet; without it timers of Go stay at whole milliseconds (golang/go#53824)"},
		{name: "eventfd2", try: tryEventfd,
			loses: "no network: the poller cannot be woken (runtime/netpoll_epoll.go, netpollinit)"},
		{name: "timerfd_create", try: tryTimerfd,
			loses: "nothing in Go itself; event loops of libraries under cgo, precise tickers"},
		{name: "signalfd4", try: trySignalfd,
			loses: "nothing in Go itself, which has os/signal; event loops of C libraries"},
		{name: "inotify", try: tryInotify,
			loses: "fsnotify: gopls, air, templ and \"watch\" modes do not see changes, here at least"},
		{name: "fanotify", try: tryFanotify,
			loses: "nothing in Go itself; watchers of whole file systems. It asks for CAP_SYS_ADMIN mostly"},
		{name: "io_setup", try: tryAIO,
			loses: "nothing in Go itself; databases that read by libaio under cgo"},
		{name: "io_uring_setup", try: tryUring,
			loses: "nothing in Go itself; libraries such as giouring. Containers and sysctls often switch it off"},
	}
}

// patience is how long an event may take that should be there at once.

const patience = time.Second

// ready waits until a descriptor has something to read.

func ready(fd int, what string) error {
	one := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	err := again(func() error {
		_, err := unix.Poll(one, int(patience.Milliseconds()))
		return err
	})
	if err == nil && one[0].Revents&(unix.POLLIN|unix.POLLHUP) == 0 {
		return wrongf("nobody was told %s within %v", what, patience)
	}
	return setup("poll", err)
}

// epoll watches one descriptor.

type epoll int

func newEpoll(fd int, events uint32) (epoll, error) {
	e, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return 0, fmt.Errorf("epoll_create1: %w", err)
	}
	if err := unix.EpollCtl(e, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: events, Fd: int32(fd)}); err != nil {
		return 0, fmt.Errorf("epoll_ctl: %w", err)
	}
	return epoll(e), nil
}

// wait is the number of events within so many milliseconds, as Go's runtime asks.

func (e epoll) wait(ms int) (n int, err error) {
	var events [4]unix.EpollEvent
	err = again(func() error {
		r, _, errno := unix.Syscall6(unix.SYS_EPOLL_PWAIT, uintptr(e), uintptr(unsafe.Pointer(&events)), uintptr(len(events)), uintptr(ms), 0, 0)
		n = int(r)
		if errno != 0 {
			return errno
		}
		return nil
	})
	return n, err
}

func pipe() (r, w int, err error) {
	var p [2]int
	err = setup("pipe2", unix.Pipe2(p[:], unix.O_CLOEXEC|unix.O_NONBLOCK))
	return p[0], p[1], err
}

func pair(kind int) (a, b int, err error) {
	p, err := unix.Socketpair(unix.AF_UNIX, kind|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	return p[0], p[1], setup("socketpair", err)
}

// send writes to a descriptor that has room.

func send(fd int, text string) error {
	n, err := unix.Write(fd, []byte(text))
	if err == nil && n != len(text) {
		return setup("write", fmt.Errorf("%d bytes of %d", n, len(text)))
	}
	return setup("write", err)
}

func tryEpoll(string) error {
	r, w, err := pipe()
	if err != nil {
		return err
	}
	e, err := newEpoll(r, unix.EPOLLIN)
	if err != nil {
		return err
	}
	begin := time.Now()
	if n, err := e.wait(5); err != nil {
		return err
	} else if took := time.Since(begin); n != 0 || took < 4*time.Millisecond {
		return wrongf("an empty pipe has %d events after %v of 5 ms", n, took)
	}
	if err := send(w, "x"); err != nil {
		return err
	}
	for range 2 { // by level: what is not read is there the second time as well
		if n, err := e.wait(1000); err != nil {
			return err
		} else if n != 1 {
			return wrongf("a pipe with a byte in it has %d events", n)
		}
	}
	return nil
}

// By edge an event comes once, and again with new data.

func tryEdge(string) error {
	r, w, err := pipe()
	if err != nil {
		return err
	}
	if err := edge("pipe", r, w); err != nil {
		return err
	}
	a, b, err := pair(unix.SOCK_STREAM)
	if err != nil {
		return err
	}
	return edge("unix socket", a, b)
}

func edge(what string, r, w int) error {
	e, err := newEpoll(r, unix.EPOLLIN|unix.EPOLLOUT|unix.EPOLLRDHUP|1<<31 /* EPOLLET */)
	if err != nil {
		return err
	}
	if _, err := e.wait(0); err != nil { // that a socket can be written to
		return err
	}
	for _, c := range []struct {
		text string
		want int
	}{{"first", 1}, {"", 0}, {"second", 1}, {"", 0}} {
		if c.text != "" {
			if err := send(w, c.text); err != nil {
				return err
			}
		}
		n, err := e.wait(1000 * c.want)
		if err != nil {
			return err
		}
		if n != c.want {
			return wrongf("%s: %d events after %q was written, not %d", what, n, c.text, c.want)
		}
	}
	return nil
}

func tryEpoll2(string) error {
	r, w, err := pipe()
	if err != nil {
		return err
	}
	e, err := newEpoll(r, unix.EPOLLIN)
	if err != nil {
		return err
	}
	wait := func(d time.Duration) (n int, err error) {
		var events [4]unix.EpollEvent
		at := unix.NsecToTimespec(int64(d))
		err = again(func() error {
			r, _, errno := unix.Syscall6(unix.SYS_EPOLL_PWAIT2, uintptr(e), uintptr(unsafe.Pointer(&events)), uintptr(len(events)), uintptr(unsafe.Pointer(&at)), 0, 0)
			n = int(r)
			if errno != 0 {
				return errno
			}
			return nil
		})
		return n, err
	}
	begin := time.Now()
	if n, err := wait(200 * time.Microsecond); err != nil {
		return err
	} else if took := time.Since(begin); n != 0 || took < 200*time.Microsecond {
		return wrongf("an empty pipe has %d events after %v of 200 us", n, took)
	}
	if err := send(w, "x"); err != nil {
		return err
	}
	if n, err := wait(patience); err != nil || n != 1 {
		return wrongf("a pipe with a byte in it has %d events, %v", n, err)
	}
	return nil
}

// number reads the counter of an eventfd, a timerfd.

func number(fd int) (uint64, error) {
	var b [8]byte
	if _, err := unix.Read(fd, b[:]); err != nil {
		return 0, err
	}
	return binary.NativeEndian.Uint64(b[:]), nil
}

func tryEventfd(string) error {
	fd, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		return err
	}
	for _, n := range []uint64{3, 4} {
		if _, err := unix.Write(fd, binary.NativeEndian.AppendUint64(nil, n)); err != nil {
			return err
		}
	}
	if n, err := number(fd); err != nil || n != 7 {
		return wrongf("3 and 4 read as %d, %v", n, err)
	}
	if n, err := number(fd); err != unix.EAGAIN {
		return wrongf("what was read already reads as %d, %v", n, err)
	}
	return nil
}

// tryInotify looks at what this machine writes. Of what Windows writes to its drives

// nobody is told (microsoft/WSL#4739), and that cannot be tried from here.
