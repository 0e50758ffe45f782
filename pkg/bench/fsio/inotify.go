package fsio

import (
	"errors"
	"fmt"
	"path/filepath"

	"golang.org/x/sys/unix"
)

func (p *place) watch(_, _ int) (err error) {
	p.inotify, err = unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	switch err {
	case nil:
	case unix.EMFILE:
		return fmt.Errorf("the user has no inotify instance left (fs.inotify.max_user_instances), or the process no file: %w", err)
	default:
		return err
	}
	_, err = unix.InotifyAddWatch(p.inotify, filepath.Dir(string(p.event)), unix.IN_CREATE)
	if err == unix.ENOSPC {
		err = errWatches // not that of a full disk
	}
	return err
}

var errWatches = errors.New("the user has no inotify watch left (fs.inotify.max_user_watches)")

func (p *place) noEvent() error {
	if err := unlink(p.event); err != unix.ENOENT {
		return err
	}
	return nil
}

// eventTakes is how many ms an event may take.
const eventTakes = 1000

func (p *place) roundTrip(int) error {
	fd, err := open(p.event, unix.O_CREAT|unix.O_EXCL|unix.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	if err := unix.Close(fd); err != nil {
		return err
	}
	for {
		n, err := unix.Read(p.inotify, p.entries)
		if n > 0 {
			return nil
		}
		if err != unix.EAGAIN && err != unix.EINTR {
			return err
		}
		p.poll[0] = unix.PollFd{Fd: int32(p.inotify), Events: unix.POLLIN}
		if n, err := unix.Poll(p.poll[:], eventTakes); n == 0 && err == nil {
			return without(fmt.Sprintf("no event within %d ms", eventTakes))
		}
	}
}

func (p *place) unwatch(int) error {
	err := unix.Close(p.inotify)
	p.inotify = -1
	return errors.Join(err, p.noEvent())
}
