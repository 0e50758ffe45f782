package fsio

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// An operation is what is timed. Each of its functions but each is not.
type operation struct {
	id   string // "stat-hit"
	name string // as the benchmark format has it: "stat/name=hit"
	note string // what a reader must know
	most int    // in a round; fewer where the slower place needs longer than its part of a round
	// files are those that come and go, of which each operation of a round has the same.
	files       bool
	picoseconds bool // samples are finer than ns
	single      bool // it needs before, or changes what the next one finds: no batches
	bytes       int  // that it moves, for the rate

	setup    func(p *place, n, round int) error
	before   func(p *place) error
	each     func(p *place, i int) error
	teardown func(p *place, done int) error
}

// operations are all of them, in an order in which the files of one serve the next.
func operations(quick bool) []*operation {
	files, few := 500, 100
	if quick {
		files, few = 200, 40
	}
	ops := []*operation{
		{id: "create", name: "create", most: files, files: true, note: "open with O_CREAT and O_EXCL, and close",
			setup: func(p *place, _, _ int) error { return p.clear() }, each: (*place).create},
		{id: "stat-hit", name: "stat/name=hit", most: files, files: true, note: "of a file that has just been made",
			setup: needFiles, each: (*place).statHit},
		{id: "stat-miss", name: "stat/name=miss", most: files, files: true, single: true, note: "of names that nobody has asked for",
			setup: (*place).newMisses, each: (*place).statMiss},
		{id: "chmod", name: "chmod", most: files, files: true, note: "to another mode than before",
			setup: (*place).nextMode, each: (*place).chmodOne, teardown: (*place).chmodHeld},
		{id: "rename", name: "rename", most: files, files: true, single: true, note: "within the directory",
			setup: needFiles, each: (*place).renameOne, teardown: (*place).renameEnd},
		{id: "unlink", name: "unlink", most: files, files: true, single: true, note: "of an empty file",
			setup: (*place).needMoved, each: (*place).unlinkOne, teardown: func(p *place, _ int) error { return p.clear() }},
		{id: "open-read", name: "open-read/bytes=4KiB", most: files, note: "open, read, close; in the page cache",
			setup: (*place).needSmall, each: (*place).openRead},
		readdir(1000, few),
		readdir(10_000, few/4),
		{id: "append-fsync", name: "append/bytes=4KiB/fsync", most: few * 2, single: true, note: "write with O_APPEND, and fsync",
			setup: (*place).openLog, each: (*place).appendOne, teardown: (*place).closeLog},
	}
	return append(ops, large(few)...)
}

func large(few int) []*operation {
	return []*operation{
		{id: "write-4m", name: "write/bytes=4MiB", most: few, single: true, bytes: bigSize,
			note:   "a new file, 128 KiB at a time, no fsync: into the page cache where there is one",
			before: (*place).noFresh, each: (*place).writeBig, teardown: func(p *place, _ int) error { return p.noFresh() }},
		{id: "read-4m-cold", name: "read/bytes=4MiB/cache=dropped", most: few, single: true, bytes: bigSize,
			note:   "after posix_fadvise DONTNEED, which empties no cache of the host",
			before: (*place).drop, each: (*place).readBig, teardown: (*place).droppedWell},
		{id: "read-4m-warm", name: "read/bytes=4MiB/cache=warm", most: few, single: true, bytes: bigSize,
			note: "read before", each: (*place).readBig},
		{id: "mmap-4m", name: "mmap/bytes=4MiB", most: few, single: true, bytes: bigSize,
			note: "map, a byte of each page, unmap; read before", each: (*place).mapBig},
		{id: "flock", name: "lock/call=flock", most: few * 5, note: "lock and unlock, by nobody else",
			setup: (*place).openLock, each: (*place).flockPair, teardown: (*place).closeLock},
		{id: "fcntl", name: "lock/call=fcntl", most: few * 5, note: "F_SETLK of the whole file and unlock, by nobody else",
			setup: (*place).openLock, each: (*place).fcntlPair, teardown: (*place).closeLock},
		{id: "inotify", name: "inotify", most: few * 2, single: true, note: "from before create and close of a file to its event in the buffer",
			setup: (*place).watch, before: (*place).noEvent, each: (*place).roundTrip, teardown: (*place).unwatch},
	}
}

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

// A without is why a place does without an operation; its other operations are
// measured.
type without string

func (w without) Error() string { return string(w) }

// absent is why an operation cannot exist in a place, or "". All other errors end
// the probe: a full disk and a lack of permission are no properties of a file system.
func absent(op *operation, err error) string {
	var w without
	switch {
	case errors.As(err, &w):
		return string(w)
	case errors.Is(err, unix.ENOSYS), errors.Is(err, unix.EOPNOTSUPP), errors.Is(err, unix.ENODEV), errors.Is(err, unix.ENOLCK),
		op.id == "chmod" && errors.Is(err, unix.EPERM): // the file is our own
		return err.Error()
	}
	return ""
}
