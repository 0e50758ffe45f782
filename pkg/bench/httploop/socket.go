package httploop

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// A socket is a raw one: package net neither listens with a short queue nor leaves
// a connection unanswered.
type socket struct{ fd int }

// newSocket is one for TCP that never blocks.
func newSocket() (*socket, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("socket: %w", err)
	}
	return &socket{fd}, nil
}

func (s *socket) close() { _ = unix.Close(s.fd) }

// An option is one of setsockopt(2), an integer.
type option struct{ level, name, value int }

// listen is a socket on 127.0.0.1 with a queue of that length. Port 0 is any.
func listen(port, backlog int, options ...option) (*socket, error) {
	s, err := newSocket()
	if err != nil {
		return nil, err
	}
	for _, o := range options {
		if err == nil {
			err = unix.SetsockoptInt(s.fd, o.level, o.name, o.value)
		}
	}
	if err == nil {
		err = unix.Bind(s.fd, &unix.SockaddrInet4{Port: port, Addr: [4]byte{127, 0, 0, 1}})
	}
	if err == nil {
		err = unix.Listen(s.fd, backlog)
	}
	if err != nil {
		s.close()
		return nil, fmt.Errorf("listen on 127.0.0.1: %w", err)
	}
	return s, nil
}

// address is where the socket is bound.
func (s *socket) address() (*unix.SockaddrInet4, error) {
	name, err := unix.Getsockname(s.fd)
	if err != nil {
		return nil, fmt.Errorf("getsockname: %w", err)
	}
	address, ok := name.(*unix.SockaddrInet4)
	if !ok {
		return nil, fmt.Errorf("getsockname: %T", name)
	}
	return address, nil
}

// connect begins a connection. See connected.
func (s *socket) connect(to unix.Sockaddr) error {
	if err := unix.Connect(s.fd, to); err != nil && err != unix.EINPROGRESS {
		return fmt.Errorf("connect: %w", err)
	}
	return nil
}

// connected waits for the answer to connect. ok is false if none came in time.
func (s *socket) connected(ctx context.Context, within time.Duration) (ok bool, err error) {
	if ok, err = s.ready(ctx, unix.POLLOUT, within); !ok || err != nil {
		return ok, err
	}
	errno, err := unix.GetsockoptInt(s.fd, unix.SOL_SOCKET, unix.SO_ERROR)
	if err == nil && errno != 0 {
		err = unix.Errno(errno)
	}
	if err != nil {
		return false, fmt.Errorf("connect: %w", err)
	}
	return true, nil
}

// ready waits for what poll(2) calls an event.
func (s *socket) ready(ctx context.Context, event int16, within time.Duration) (bool, error) {
	for end := time.Now().Add(within); ; {
		if err := ctx.Err(); err != nil {
			return false, err
		}
		left := min(max(time.Until(end), 0), 50*time.Millisecond)
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(s.fd), Events: event}}, int((left+time.Millisecond-1)/time.Millisecond))
		switch {
		case err != nil && err != unix.EINTR:
			return false, fmt.Errorf("poll: %w", err)
		case n > 0:
			return true, nil
		case left == 0:
			return false, nil
		}
	}
}

// accept takes a connection out of the queue, or nil where there is none in time.
func (s *socket) accept(ctx context.Context, within time.Duration) (*socket, error) {
	if ok, err := s.ready(ctx, unix.POLLIN, within); !ok || err != nil {
		return nil, err
	}
	fd, _, err := unix.Accept4(s.fd, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
	if err == unix.EAGAIN {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("accept: %w", err)
	}
	return &socket{fd}, nil
}

// dial is a connection that is there, or an error.
func dial(ctx context.Context, to unix.Sockaddr) (*socket, error) {
	s, err := newSocket()
	if err != nil {
		return nil, err
	}
	if err = s.connect(to); err == nil {
		var ok bool
		if ok, err = s.connected(ctx, 2*time.Second); err == nil && !ok {
			err = fmt.Errorf("connect: %w", unix.ETIMEDOUT)
		}
	}
	if err != nil {
		s.close()
		return nil, err
	}
	return s, nil
}
