package archive

import (
	"crypto/sha256"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// chunkSize is how much of a file is hashed and written at once. Nine in ten files
// of a Go release fit into one chunk.
const chunkSize = 128 << 10

// A writer hashes and writes one file after another, through one buffer. Each
// worker has its own.
type writer struct {
	dir      string
	progress func(int64)
	buf      []byte
	hash     hash.Hash
}

func newWriter(p *plan) *writer {
	return &writer{p.dir, p.opts.Progress, make([]byte, chunkSize), sha256.New()}
}

// write writes a file whose content is at hand.
func (w *writer) write(file *File, data []byte) error {
	f, err := create(filepath.Join(w.dir, file.Name), file.Mode)
	if err != nil {
		return err
	}
	file.SHA256 = sha256.Sum256(data)
	err = w.put(f, data)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	return err
}

// copy writes a file whose content is what r holds; blame makes an error of what r
// says.
func (w *writer) copy(file *File, r io.Reader, blame func(error) error) error {
	f, err := create(filepath.Join(w.dir, file.Name), file.Mode)
	if err != nil {
		return err
	}
	w.hash.Reset()
	err = w.copyAll(f, r, file.Size, blame)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	w.hash.Sum(file.SHA256[:0])
	return err
}

// copyAll writes exactly size bytes. The size comes from a header; an entry that
// turns out longer is a bomb, one that is shorter or fails its CRC is damaged.
func (w *writer) copyAll(f *os.File, r io.Reader, size int64, blame func(error) error) error {
	var done int64
	for {
		n, err := io.ReadFull(r, w.buf)
		if done += int64(n); done > size {
			return &UnsafeError{f.Name(), "is longer than the archive says"}
		}
		w.hash.Write(w.buf[:n])
		if err := w.put(f, w.buf[:n]); err != nil {
			return err
		}
		if err == io.ErrUnexpectedEOF { // the buffer is not full: at the end, or broken off?
			_, err = r.Read(w.buf[:1])
		}
		switch {
		case err == nil:
		case err == io.EOF && done == size:
			return nil
		default:
			return blame(err)
		}
	}
}

func (w *writer) put(f *os.File, b []byte) error {
	_, err := f.Write(b)
	if w.progress != nil {
		w.progress(int64(len(b)))
	}
	return err
}

// create makes a new file and nothing else: an existing one means that two names
// of the archive fell together on a file system that folds case.
//
// It is open(2) and not [os.OpenFile], which first tries whether a file can be
// polled: four system calls more for each of 15,000 files.
func create(name string, mode fs.FileMode) (*os.File, error) {
	for {
		fd, err := unix.Open(name, unix.O_CREAT|unix.O_EXCL|unix.O_WRONLY|unix.O_CLOEXEC, uint32(mode.Perm()))
		switch err {
		case nil:
			return os.NewFile(uintptr(fd), name), nil
		case unix.EINTR:
		case unix.EEXIST:
			return nil, &UnsafeError{name, "comes twice on this file system"}
		default:
			return nil, &os.PathError{Op: "create", Path: name, Err: err}
		}
	}
}
