package fsio

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

func (p *place) openLog(_, _ int) (err error) {
	p.fd, err = open(p.log, unix.O_CREAT|unix.O_TRUNC|unix.O_WRONLY|unix.O_APPEND, 0o644)
	return err
}

func (p *place) appendOne(int) error {
	if err := writeFull(p.fd, p.buffer[:smallSize]); err != nil {
		return err
	}
	return fsync(p.fd)
}

func (p *place) closeLog(int) error {
	err := unix.Close(p.fd)
	p.fd = -1
	return errors.Join(err, unlink(p.log))
}

func (p *place) noFresh() error {
	if err := unlink(p.fresh); err != unix.ENOENT {
		return err
	}
	return nil
}

func (p *place) writeBig(int) error {
	fd, err := open(p.fresh, unix.O_CREAT|unix.O_EXCL|unix.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	for n := 0; n < bigSize && err == nil; n += chunk {
		err = writeFull(fd, p.buffer)
	}
	if closed := unix.Close(fd); err == nil {
		err = closed
	}
	return err
}

func (p *place) readBig(int) error {
	fd, err := open(p.big, unix.O_RDONLY, 0)
	if err != nil {
		return err
	}
	total := 0
	for n := 1; n > 0 && err == nil; total += n {
		n, err = readFull(fd, p.buffer)
	}
	if closed := unix.Close(fd); err == nil {
		err = closed
	}
	if err == nil && total != bigSize {
		err = unix.EIO
	}
	return err
}

// droppedWell says what came of asking for a cold file.
func (p *place) droppedWell(int) error {
	switch {
	case p.stayed < 0:
		p.fact("-drop", "unknown")
	case p.stayed == 0:
		p.fact("-drop", "works")
	default:
		p.fact("-drop", fmt.Sprintf("ignored: %d of %d pages stay in memory", p.stayed, bigSize/os.Getpagesize()))
	}
	return nil
}

func (p *place) mapBig(int) error {
	fd, err := open(p.big, unix.O_RDONLY, 0)
	if err != nil {
		return err
	}
	at, err := unix.MmapPtr(fd, 0, nil, bigSize, unix.PROT_READ, unix.MAP_SHARED)
	if err == nil {
		p.touch(at)
		err = unix.MunmapPtr(at, bigSize)
	}
	if closed := unix.Close(fd); err == nil {
		err = closed
	}
	return err
}
