package fsio

import (
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// readdir reads a directory as os.ReadDir does, without making anything of it.
func readdir(files, most int) *operation {
	return &operation{
		id: fmt.Sprintf("readdir-%dk", files/1000), name: fmt.Sprintf("readdir/files=%d", files), most: most, single: true,
		note:  "the whole directory: open, getdents with 8 KiB, close",
		setup: func(p *place, _, _ int) error { return p.needDir(files) },
		each:  func(p *place, _ int) error { return p.readDir(files) },
	}
}

// makingTakes is how long it may take to make the files of a directory.
const makingTakes = 60 * time.Second

// needDir makes a directory of so many files. Where that would take too long, the
// place does without.
func (p *place) needDir(files int) error {
	if p.dirs[files] != nil {
		return nil
	}
	dir := filepath.Join(p.scratch, fmt.Sprintf("dir%d", files))
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	begin := time.Now()
	for i := range files {
		if p.pulse.stopped.Load() {
			return errStopped
		}
		if took := time.Since(begin); i == 100 && took*time.Duration(files/i) > makingTakes {
			return without(fmt.Sprintf("to make %d files takes about %v", files, (took * time.Duration(files/i)).Round(time.Second)))
		}
		p.pulse.beats.Add(1)
		if err := p.write(append([]byte(filepath.Join(dir, fmt.Sprintf("file%05d.go", i))), 0), 0, unix.O_EXCL, false); err != nil {
			return err
		}
	}
	p.dirs[files] = append([]byte(dir), 0)
	return nil
}

func (p *place) readDir(files int) error {
	fd, err := open(p.dirs[files], unix.O_RDONLY|unix.O_DIRECTORY, 0)
	if err != nil {
		return err
	}
	for n := 1; n > 0 && err == nil; {
		n, err = unix.Getdents(fd, p.entries)
	}
	if closed := unix.Close(fd); err == nil {
		err = closed
	}
	return err
}
