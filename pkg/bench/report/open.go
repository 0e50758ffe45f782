package report

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"slices"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/signature"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/zipstore"
)

// A Bundle is a report that was opened. It may be damaged: see [Bundle.Verify].
type Bundle struct {
	Manifest *Manifest

	zip   []byte
	text  []byte // of the manifest, as it was written
	files map[string][]byte
	sig   []byte
	found []Finding // in what is around files, and in their contents
}

// A Finding is something in a bundle that is not as it must be.
type Finding struct {
	File   string `json:"file,omitempty"`   // "" for the zip itself
	Offset int64  `json:"offset,omitempty"` // in the zip, in bytes; 0 where it is no single place
	Text   string `json:"text"`
}

func (f Finding) String() string {
	if f.File == "" {
		return f.Text
	}
	return f.File + ": " + f.Text
}

// Open reads a bundle of size bytes. It is an error where it is none, where it cannot
// be read by this version, and where so much of it is damaged that it cannot be said
// what was in it. Nothing is written anywhere.
func Open(r io.ReaderAt, size int64) (*Bundle, error) {
	if size > Most {
		return nil, ErrTooLarge
	}
	zip := make([]byte, size)
	if _, err := r.ReadAt(zip, 0); err != nil && !(errors.Is(err, io.EOF)) {
		return nil, err
	}
	b := &Bundle{zip: zip, files: make(map[string][]byte)}
	if err := b.manifest(); err != nil {
		return nil, err
	}
	return b, b.contents()
}

// manifest finds the first file. What the zip says of its size and of its checksum is
// there twice, so that one damage hides neither.
func (b *Bundle) manifest() error {
	first := zipstore.First(b.zip, manifestName)
	if len(first) == 0 {
		return foreign(b.zip)
	}
	start := zipstore.Start(manifestName)
	why := error(nil)
	for _, e := range first {
		if end := start + e.Size; end <= int64(len(b.zip)) {
			why = b.take(b.zip[start:end], first)
			if why == nil || errors.Is(why, ErrNewer) {
				return why
			}
		}
	}
	switch text := b.zip[min(start, int64(len(b.zip))):]; {
	case why == nil:
		why = ErrTruncated
	case !bytes.HasPrefix(text, []byte("{\n \"schema\"")):
		return foreign(b.zip)
	case errors.Is(why, ErrForeign):
		why = ErrDamaged
	}
	return fmt.Errorf("%s: %w", manifestName, why)
}

// take takes a text for the manifest if a checksum of the zip says so, also where that
// wants one byte of it changed.
func (b *Bundle) take(text []byte, first []zipstore.Entry) (err error) {
	for _, e := range first {
		if crc32.ChecksumIEEE(text) == e.CRC {
			b.text = text
			b.Manifest, err = readManifest(text)
			return err
		}
	}
	for _, e := range first {
		if e.Size != int64(len(text)) {
			continue
		}
		at, was, ok := zipstore.Repair(text, e.CRC, func(data []byte) bool { _, err := readManifest(data); return err == nil })
		if ok {
			b.found = append(b.found, changed(manifestName, text, at, was, zipstore.Start(manifestName)))
			b.text = bytes.Clone(text)
			b.text[at] = was
			b.Manifest, err = readManifest(b.text)
			return err
		}
	}
	b.text = text
	if b.Manifest, err = readManifest(text); err == nil {
		b.found = append(b.found, Finding{manifestName, zipstore.Start(manifestName), "it does not have the checksum that the zip has for it"})
	}
	return err
}

func changed(name string, data []byte, at int, was byte, start int64) Finding {
	return Finding{name, start + int64(at), fmt.Sprintf("byte %d of it (%d of the zip) is %#02x and was %#02x", at, start+int64(at), data[at], was)}
}

// foreign says what a file is that has no manifest in front.
func foreign(zip []byte) error {
	begin := []byte("PK\x03\x04")
	if bytes.HasPrefix(zip, begin) {
		return ErrNotOurZip
	}
	for at := 1; at < min(len(zip), 64<<10); at++ {
		if len(zipstore.First(zip[at:min(len(zip), at+200)], manifestName)) > 0 {
			return fmt.Errorf("%w: there are %d bytes in front of one", ErrForeign, at)
		}
	}
	return ErrForeign
}

// contents finds the files by the manifest, and holds all bytes against what they must
// be.
func (b *Bundle) contents() error {
	entries := []zipstore.Entry{{Name: manifestName, Size: int64(len(b.text)), CRC: crc32.ChecksumIEEE(b.text)}}
	for _, f := range b.Manifest.Files {
		entries = append(entries, zipstore.Entry{Name: f.Name, Size: f.Size})
	}
	if b.Manifest.Signature != "" {
		entries = append(entries, zipstore.Entry{Name: signatureName, Size: b.signatureSize(entries)})
	}
	parts, err := zipstore.Layout(entries)
	if err != nil {
		return fmt.Errorf("%s: %w", manifestName, err)
	}
	for _, p := range parts {
		if p.Kind == zipstore.Contents && p.File != manifestName {
			i := 1 + len(b.files)
			entries[i].CRC = b.file(p, i, parts)
		}
	}
	if parts, err = zipstore.Layout(entries); err != nil {
		return err
	}
	for _, d := range zipstore.Check(b.zip, parts) {
		b.found = append(b.found, Finding{d.File, d.Offset, d.String() + " of the zip is not what it must be"})
	}
	b.length(zipstore.Size(entries))
	b.sig = b.files[signatureName]
	delete(b.files, signatureName)
	return nil
}

// signatureSize is what the manifest cannot know.
func (b *Bundle) signatureSize(before []zipstore.Entry) int64 {
	size := int64(len(b.zip)) - zipstore.Size(append(before, zipstore.Entry{Name: signatureName}))
	return min(max(size, 0), signature.Most)
}

// file takes the contents of a file, and returns the checksum that it had when it was
// written.
func (b *Bundle) file(p zipstore.Part, i int, parts []zipstore.Part) uint32 {
	if p.Offset+p.Size > int64(len(b.zip)) {
		b.files[p.File] = nil
		return 0 // the length says it
	}
	data := b.zip[p.Offset : p.Offset+p.Size]
	b.files[p.File] = data
	sums, own := zipstore.Sums(b.zip, parts, p.File), crc32.ChecksumIEEE(data)
	var right func([]byte) bool
	var whole bool
	why := "its contents are not those of which the manifest has the SHA-256"
	if i <= len(b.Manifest.Files) {
		right = func(data []byte) bool { return sum(data) == b.Manifest.Files[i-1].SHA256 }
		whole = right(data)
	} else { // a signature: whether it is good is asked later, and one that is not need not be damaged
		right = func(data []byte) bool { _, err := signature.Verify(b.text, data, nil); return err == nil }
		whole = slices.Contains(sums, own)
		why = "it does not have the checksum that the zip has for it"
	}
	if whole {
		return own
	}
	for _, crc := range sums {
		if at, was, ok := zipstore.Repair(data, crc, right); ok {
			b.found = append(b.found, changed(p.File, data, at, was, p.Offset))
			return crc
		}
	}
	b.found = append(b.found, Finding{p.File, p.Offset, why})
	return append(sums, own)[0]
}

// length says what is missing, or too much.
func (b *Bundle) length(want int64) {
	switch have := int64(len(b.zip)); {
	case have < want:
		b.found = append(b.found, Finding{"", have, fmt.Sprintf("the end is missing: %d bytes of %d", want-have, want)})
	case have > want:
		b.found = append(b.found, Finding{"", want, fmt.Sprintf("there are %d bytes after its end, from byte %d of the zip on", have-want, want)})
	}
}

// File is the contents of one, as the bundle has it.
func (b *Bundle) File(name string) ([]byte, bool) {
	data, ok := b.files[name]
	return data, ok
}
