package fsio

import "golang.org/x/sys/unix"

func (p *place) openLock(_, _ int) (err error) {
	p.fd, err = open(p.lock, unix.O_RDWR, 0)
	return err
}

func (p *place) flockPair(int) error {
	if err := unix.Flock(p.fd, unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return err
	}
	return unix.Flock(p.fd, unix.LOCK_UN)
}

func (p *place) fcntlPair(int) error {
	p.flock = unix.Flock_t{Type: unix.F_WRLCK}
	if err := unix.FcntlFlock(uintptr(p.fd), unix.F_SETLK, &p.flock); err != nil {
		return err
	}
	p.flock.Type = unix.F_UNLCK
	return unix.FcntlFlock(uintptr(p.fd), unix.F_SETLK, &p.flock)
}

func (p *place) closeLock(int) error {
	err := unix.Close(p.fd)
	p.fd = -1
	return err
}
