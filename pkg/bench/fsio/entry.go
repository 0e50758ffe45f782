package fsio

import (
	"fmt"

	"golang.org/x/sys/unix"
)

func needFiles(p *place, n, _ int) error { return p.makeFiles(n) }

func (p *place) create(i int) error {
	fd, err := open(p.files[i], unix.O_CREAT|unix.O_EXCL|unix.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	p.have = i + 1
	return unix.Close(fd)
}

func (p *place) statHit(i int) error { return stat(p.files[i], &p.st) }

// newMisses has names that the kernel does not remember as missing.
func (p *place) newMisses(_, round int) error {
	for i, name := range p.missing {
		copy(name[len(name)-len("000-0000\x00"):], fmt.Sprintf("%03d-%04d", round, i))
	}
	return nil
}

func (p *place) statMiss(i int) error {
	switch err := stat(p.missing[i], &p.st); err {
	case unix.ENOENT:
		return nil
	case nil:
		return unix.EEXIST
	default:
		return err
	}
}

func (p *place) nextMode(n, round int) error {
	p.mode = 0o600 | uint32(round%2)<<5
	return p.makeFiles(n)
}

func (p *place) chmodOne(i int) error { return chmod(p.files[i], p.mode) }

// chmodHeld looks whether chmod has done what it says: a drive of Windows without
// metadata says that it went well (microsoft/WSL#81).
func (p *place) chmodHeld(done int) error {
	if done == 0 {
		return nil
	}
	if err := stat(p.files[done-1], &p.st); err != nil {
		return err
	}
	if p.st.Mode&0o777 == p.mode {
		p.fact("-chmod", "works")
	} else {
		p.fact("-chmod", "ignored")
	}
	return nil
}

func (p *place) renameOne(i int) error {
	err := rename(p.files[i], p.moved[i])
	if err == nil {
		p.renamed = i + 1
	}
	return err
}

func (p *place) renameEnd(done int) error {
	for _, name := range p.files[min(done, p.have):p.have] {
		if err := unlink(name); err != nil {
			return err
		}
	}
	p.have = 0
	return nil
}

func (p *place) needMoved(n, _ int) error {
	for ; p.renamed < n; p.renamed++ {
		p.pulse.beats.Add(1)
		if err := p.write(p.moved[p.renamed], 0, unix.O_EXCL, false); err != nil {
			return err
		}
	}
	return nil
}

func (p *place) unlinkOne(i int) error { return unlink(p.moved[i]) }

func (p *place) needSmall(n, _ int) error {
	for _, name := range p.small[:n] {
		p.pulse.beats.Add(1)
		if err := stat(name, &p.st); err == nil && p.st.Size == smallSize {
			continue
		}
		if err := p.write(name, smallSize, unix.O_TRUNC, false); err != nil {
			return err
		}
	}
	return nil
}

func (p *place) openRead(i int) error {
	fd, err := open(p.small[i], unix.O_RDONLY, 0)
	if err != nil {
		return err
	}
	n, err := readFull(fd, p.buffer[:smallSize])
	if err == nil && n != smallSize {
		err = unix.EIO
	}
	if closed := unix.Close(fd); err == nil {
		err = closed
	}
	return err
}
