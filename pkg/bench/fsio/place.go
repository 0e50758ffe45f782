package fsio

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

const (
	smallSize = 4 << 10
	bigSize   = 4 << 20
	chunk     = 128 << 10 // of the sequential operations; cp(1) has it
)

// A place is a directory that is measured in.
type place struct {
	letter  string                 // "a"
	dir     string                 // as the caller has it
	scratch string                 // a directory of ours there; "" before it is made
	ours    atomic.Pointer[string] // the same, for who does not measure
	system  FileSystem
	facts   []bench.Key // what was found out about it meanwhile
	pulse   *pulse

	cache string // GOCACHE

	files, moved, missing, small [][]byte
	big, fresh, log, lock, event []byte
	have, renamed                int // how many of files and of moved exist

	buffer  []byte // of a chunk
	entries []byte // of a directory; package os reads 8 KiB at a time
	st      unix.Stat_t
	flock   unix.Flock_t
	poll    [1]unix.PollFd
	dirs    map[int][]byte // with so many files
	fd      int            // of the operation that is measured; -1 is none
	inotify int
	mode    uint32
	stayed  int // pages that were in memory when they should not be; -1 is unknown
	sum     byte
}

func newPlace(letter, dir string, pulse *pulse) *place {
	p := &place{letter: letter, dir: dir, pulse: pulse, fd: -1, inotify: -1, dirs: make(map[int][]byte)}
	p.buffer, p.entries = make([]byte, chunk), make([]byte, 8<<10)
	// What compresses would be written faster where the file system does so.
	rng := rand.NewChaCha8([32]byte{1})
	_, _ = rng.Read(p.buffer)
	return p
}

// prepare makes the directory and what is only read.
func (p *place) prepare(most int) (err error) {
	p.pulse.enter("look at the file system", p)
	if p.system, err = Identify(p.dir); err != nil {
		return &Error{"look at the file system", p.dir, err}
	}
	p.facts = p.system.keys(p.letter)
	const needs = 64 << 20 // four files of 4 MiB, 11,000 inodes and directories, and room to be a file system
	if p.system.Free < needs {
		return &Error{"make room", p.dir, fmt.Errorf("%d MiB are free, and %d are needed: %w", p.system.Free>>20, needs>>20, unix.ENOSPC)}
	}
	p.pulse.enter("make a directory", p)
	if p.scratch, err = os.MkdirTemp(p.system.Dir, Prefix+"*"); err != nil {
		return &Error{"make a directory", p.dir, err}
	}
	p.ours.Store(&p.scratch)
	p.cache = filepath.Join(p.scratch, "cache")
	p.files, p.moved = p.names("file", most), p.names("moved", most)
	p.missing, p.small = p.names("missing-000-", most), p.names("small", most)
	p.big, p.fresh, p.log = p.name("big"), p.name("fresh"), p.name("log")
	p.lock, p.event = p.name("lock"), p.name("watched/event")
	if err := p.static(); err != nil {
		return p.lost("write the files to read", err)
	}
	return nil
}

// static makes what no operation changes.
func (p *place) static() error {
	if err := os.Mkdir(filepath.Join(p.scratch, "watched"), 0o700); err != nil {
		return err
	}
	if err := p.write(p.big, bigSize, unix.O_EXCL, true); err != nil {
		return err
	}
	return p.write(p.lock, 0, unix.O_EXCL, false)
}

// lost makes an error of a place of one of a file of ours. Where our directory is
// no more, that is the reason.
func (p *place) lost(op string, err error) error {
	if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ENOTDIR) {
		if _, errDir := os.Lstat(p.scratch); errDir != nil {
			err = fmt.Errorf("the directory has gone away: %w", errDir)
		}
	}
	return &Error{op, p.dir, err}
}

// name is a path for the kernel.
func (p *place) name(base string) []byte { return append([]byte(filepath.Join(p.scratch, base)), 0) }

func (p *place) names(base string, n int) [][]byte {
	names := make([][]byte, n)
	for i := range names {
		names[i] = p.name(fmt.Sprintf("%s%04d", base, i))
	}
	return names
}

// fill writes a file of so many bytes, which has reached the disk where it is synced.
func (p *place) write(name []byte, size, flags int, sync bool) error {
	fd, err := open(name, unix.O_CREAT|unix.O_WRONLY|flags, 0o644)
	if err != nil {
		return err
	}
	for err == nil && size > 0 {
		n := min(size, len(p.buffer))
		err, size = writeFull(fd, p.buffer[:n]), size-n
	}
	if err == nil && sync {
		err = fsync(fd)
	}
	return errors.Join(err, unix.Close(fd))
}

// makeFiles makes files up to the nth.
func (p *place) makeFiles(n int) error {
	for ; p.have < n; p.have++ {
		p.pulse.beats.Add(1)
		if err := p.write(p.files[p.have], 0, unix.O_EXCL, false); err != nil {
			return err
		}
	}
	return nil
}

// clear removes the files that come and go.
func (p *place) clear() error {
	for _, of := range [][][]byte{p.files[:p.have], p.moved[:p.renamed]} {
		for _, name := range of {
			p.pulse.beats.Add(1)
			if err := unlink(name); err != nil && err != unix.ENOENT {
				return err
			}
		}
	}
	p.have, p.renamed = 0, 0
	return nil
}

// drop has the kernel forget the pages of the big file, and counts those that it
// keeps, as a file system in memory does.
func (p *place) drop() error {
	fd, err := open(p.big, unix.O_RDONLY, 0)
	if err != nil {
		return err
	}
	defer func() { _ = unix.Close(fd) }()
	if err := unix.Fadvise(fd, 0, 0, unix.FADV_DONTNEED); err != nil {
		return err
	}
	at, err := unix.MmapPtr(fd, 0, nil, bigSize, unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		p.stayed = -1
		return nil
	}
	defer func() { _ = unix.MunmapPtr(at, bigSize) }()
	vec := make([]byte, bigSize/os.Getpagesize())
	if p.stayed, err = resident(at, bigSize, vec); err != nil {
		p.stayed = -1 // WSL1 does not tell
	}
	return nil
}

// touch reads a byte of each page.
func (p *place) touch(at unsafe.Pointer) {
	page := os.Getpagesize()
	for i := 0; i < bigSize; i += page {
		p.sum += *(*byte)(unsafe.Add(at, i))
	}
}

// fact says something about the place that was found out, once.
func (p *place) fact(name, value string) {
	k := key(p.letter, name, value)
	for i, had := range p.facts {
		if had.Name == k.Name {
			p.facts[i] = k
			return
		}
	}
	p.facts = append(p.facts, k)
}

func (p *place) closeFiles() {
	for _, fd := range []*int{&p.fd, &p.inotify} {
		if *fd >= 0 {
			_ = unix.Close(*fd)
		}
		*fd = -1
	}
}

// leave removes the directory, with all that is in it.
func (p *place) leave() error {
	p.closeFiles()
	if p.scratch == "" {
		return nil
	}
	p.pulse.enter("remove "+p.scratch, p)
	if err := removeTree(p.scratch, p.pulse); err != nil {
		return p.lost("remove "+p.scratch, err)
	}
	return nil
}

// removeTree is os.RemoveAll with a pulse: of 10,000 files it takes minutes where
// each takes milliseconds.
func removeTree(dir string, pulse *pulse) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	all := []error{err}
	for _, e := range entries {
		pulse.beats.Add(1)
		name := filepath.Join(dir, e.Name())
		if e.IsDir() {
			all = append(all, removeTree(name, pulse))
		} else if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
			all = append(all, err)
		}
	}
	if err := os.Remove(dir); err != nil && !errors.Is(err, os.ErrNotExist) {
		all = append(all, err)
	}
	return errors.Join(all...)
}
