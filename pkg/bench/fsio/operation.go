package fsio

import (
	"errors"

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
