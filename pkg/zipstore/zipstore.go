// Package zipstore writes zips of which each byte follows from the names and the
// contents of the files, so that a reader can say of each byte whether it is right.
//
//	err := zipstore.Write(w, []zipstore.File{{Name: "manifest.json", Data: data}})
//
// Files are stored, not compressed: what a compressor makes of a file changes with its
// version, and the same file has many compressed forms. There are no times (all are
// of 1980, as zips begin there), no comments, no extra fields, and nothing between the
// files. Whoever knows names, sizes and contents knows the rest: see [Layout] and
// [Check].
package zipstore

import (
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"math"
	"strings"
)

// ErrTooLarge is a zip that would need the extension for more than 4 GB or 65,534
// files, which is not written.
var ErrTooLarge = errors.New("too much for one zip: 4 GB, or 65534 files, is the most")

// A File is one of a zip.
type File struct {
	Name string // a path with slashes, of ASCII, as fs.ValidPath wants it
	Data []byte
}

// An Entry is what must be known of a file to say where it is in a zip, and what is
// around it.
type Entry struct {
	Name string
	Size int64
	CRC  uint32 // of IEEE 802.3, as zips have it
}

// Entry is that of the file.
func (f File) Entry() Entry { return Entry{f.Name, int64(len(f.Data)), crc32.ChecksumIEEE(f.Data)} }

// Kind is what a part of a zip is.
type Kind string

// Kinds of [Part].
const (
	Header    Kind = "header"    // before the contents of a file
	Contents  Kind = "contents"  // of a file
	Directory Kind = "directory" // the line of a file in the list at the end
	End       Kind = "end"       // the record after that list
)

// A Part is a run of bytes of a zip.
type Part struct {
	Kind   Kind
	File   string // the name of the file; "" for the end
	Offset int64
	Size   int64
	Bytes  []byte // what must be there; nil for contents
}

// Sizes of what is around files, in bytes.
const (
	headerSize    = 30
	directorySize = 46
	endSize       = 22
)

// Size is how many bytes a zip of those files has.
func Size(entries []Entry) (size int64) {
	for _, e := range entries {
		size += headerSize + directorySize + 2*int64(len(e.Name)) + e.Size
	}
	return size + endSize
}

// Layout is all parts of a zip of those files, in their order, without gaps.
func Layout(entries []Entry) ([]Part, error) {
	if err := fit(entries); err != nil {
		return nil, err
	}
	var parts []Part
	var at int64
	add := func(p Part) {
		p.Offset = at
		parts = append(parts, p)
		at += p.Size
	}
	starts := make([]int64, len(entries))
	for i, e := range entries {
		starts[i] = at
		header := e.header()
		add(Part{Kind: Header, File: e.Name, Size: int64(len(header)), Bytes: header})
		add(Part{Kind: Contents, File: e.Name, Size: e.Size})
	}
	begin := at
	for i, e := range entries {
		line := e.directory(starts[i])
		add(Part{Kind: Directory, File: e.Name, Size: int64(len(line)), Bytes: line})
	}
	add(Part{Kind: End, Size: endSize, Bytes: end(len(entries), begin, at)})
	return parts, nil
}

// fit reports why those files cannot be in one zip.
func fit(entries []Entry) error {
	if len(entries) >= math.MaxUint16 || Size(entries) >= math.MaxUint32 {
		return ErrTooLarge
	}
	seen := make(map[string]bool, len(entries))
	for _, e := range entries {
		if !ValidName(e.Name) || e.Size < 0 {
			return fmt.Errorf("%q is no name for a file in a zip", e.Name)
		}
		if seen[e.Name] {
			return fmt.Errorf("two files are named %s", e.Name)
		}
		seen[e.Name] = true
	}
	return nil
}

// ValidName reports whether a name can be in such a zip: it stays below the directory
// that somebody unpacks it in, and is the same on each system.
func ValidName(name string) bool {
	plain := func(r rune) bool { return r <= ' ' || r > '~' || strings.ContainsRune(`\:*?"<>|`, r) }
	return fs.ValidPath(name) && name != "." && len(name) <= 255 && !strings.ContainsFunc(name, plain)
}

// Values of PKWARE's APPNOTE.TXT.
const (
	version = 20             // 2.0: files in directories
	unix    = 3 << 8         // what the attributes below are of
	date    = 1<<5 | 1       // 1 January 1980, at 0:00
	regular = 0o100644 << 16 // -rw-r--r--
)

func (e Entry) header() []byte {
	b := binary.LittleEndian.AppendUint32(nil, 0x04034b50)
	b = e.common(b)
	return append(b, e.Name...)
}

// common is what both records of a file have.
func (e Entry) common(b []byte) []byte {
	for _, v := range []uint16{version, 0, 0, 0, date} { // no flags, stored
		b = binary.LittleEndian.AppendUint16(b, v)
	}
	for _, v := range []uint32{e.CRC, uint32(e.Size), uint32(e.Size)} {
		b = binary.LittleEndian.AppendUint32(b, v)
	}
	b = binary.LittleEndian.AppendUint16(b, uint16(len(e.Name)))
	return binary.LittleEndian.AppendUint16(b, 0) // nothing extra
}

func (e Entry) directory(start int64) []byte {
	b := binary.LittleEndian.AppendUint32(nil, 0x02014b50)
	b = binary.LittleEndian.AppendUint16(b, unix|version)
	b = e.common(b)
	b = append(b, make([]byte, 6)...) // no comment, first disk, not said to be text
	b = binary.LittleEndian.AppendUint32(b, regular)
	b = binary.LittleEndian.AppendUint32(b, uint32(start))
	return append(b, e.Name...)
}

func end(files int, begin, at int64) []byte {
	b := binary.LittleEndian.AppendUint32(nil, 0x06054b50)
	for _, v := range []uint16{0, 0, uint16(files), uint16(files)} {
		b = binary.LittleEndian.AppendUint16(b, v)
	}
	b = binary.LittleEndian.AppendUint32(b, uint32(at-begin))
	b = binary.LittleEndian.AppendUint32(b, uint32(begin))
	return binary.LittleEndian.AppendUint16(b, 0)
}

// Write writes the files in the order in which they are given.
func Write(w io.Writer, files []File) error {
	entries := make([]Entry, len(files))
	for i, f := range files {
		entries[i] = f.Entry()
	}
	parts, err := Layout(entries)
	if err != nil {
		return err
	}
	next := 0
	for _, p := range parts {
		data := p.Bytes
		if p.Kind == Contents {
			data = files[next].Data
			next++
		}
		if _, err := w.Write(data); err != nil {
			return err
		}
	}
	return nil
}
