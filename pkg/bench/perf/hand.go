package perf

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// Pair makes a socket with two ends: one for the process that reads the counters, and
// one for the process that opens them, which is started with it.
func Pair() (reader, program *os.File, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("make a socket for counters: %w", err)
	}
	return os.NewFile(uintptr(fds[0]), "counters"), os.NewFile(uintptr(fds[1]), "counters"), nil
}

// Arm opens the counters of the calling thread, which must be locked, and sends them
// through an end of [Pair], which it closes. They count from the moment on at which
// this thread calls execve(2); the program that it becomes has none of the files. It is
// no error that something cannot be counted here.
func Arm(socket *os.File) error {
	c := open()
	text, err := json.Marshal(c.list)
	if err == nil {
		var rights []byte
		if fds := c.files(); len(fds) > 0 {
			rights = unix.UnixRights(fds...)
		}
		err = unix.Sendmsg(int(socket.Fd()), text, rights, nil, unix.MSG_NOSIGNAL)
	}
	if err = errors.Join(err, socket.Close()); err != nil {
		return fmt.Errorf("hand over the counters: %w", errors.Join(err, c.Close()))
	}
	return nil // the files are closed by execve(2), and the reader has them
}

func (c *Counters) files() (fds []int) {
	for _, x := range c.list {
		if x.fd >= 0 {
			fds = append(fds, x.fd)
		}
	}
	return fds
}

// mostMessage is more than the names of all counters need.
const mostMessage = 16 << 10

// Receive takes the counters that Arm has sent, and closes the socket. The error is
// that there are none: the process has ended before.
func Receive(socket *os.File) (*Counters, error) {
	text, control := make([]byte, mostMessage), make([]byte, unix.CmsgSpace(4*len(events())))
	var n, nControl int
	var err error
	for {
		n, nControl, _, _, err = unix.Recvmsg(int(socket.Fd()), text, control, unix.MSG_CMSG_CLOEXEC)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	if err = errors.Join(err, socket.Close()); err != nil {
		return nil, fmt.Errorf("take the counters: %w", err)
	}
	fds, err := rights(control[:nControl])
	if err != nil {
		return nil, fmt.Errorf("take the counters: %w", err)
	}
	c := new(Counters)
	if err := json.Unmarshal(text[:n], &c.list); err != nil {
		return nil, fmt.Errorf("take the counters: %w", errors.Join(err, closeAll(fds)))
	}
	return c, c.take(fds)
}

func rights(control []byte) (fds []int, err error) {
	messages, err := unix.ParseSocketControlMessage(control)
	for _, m := range messages {
		found, errRights := unix.ParseUnixRights(&m)
		fds, err = append(fds, found...), errors.Join(err, errRights)
	}
	return fds, err
}

// take gives each counter its file.
func (c *Counters) take(fds []int) error {
	for i := range c.list {
		c.list[i].fd = -1
		if c.list[i].Absent != "" {
			continue
		}
		if len(fds) == 0 {
			c.list[i].Absent = "it did not arrive"
			continue
		}
		c.list[i].fd, fds = fds[0], fds[1:]
	}
	return closeAll(fds)
}

func closeAll(fds []int) error {
	var errs []error
	for _, fd := range fds {
		errs = append(errs, unix.Close(fd))
	}
	return errors.Join(errs...)
}
