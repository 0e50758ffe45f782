package bundle

import (
	"encoding/binary"
	"hash/crc32"
	"io"
)

// An xzWriter writes the xz format without compressing anything. A bundle is
// zips, which do not get smaller, and the library that reads xz here packs 1 to 3
// MB of them a second; this is as fast as the disk.
//
// The format is https://tukaani.org/xz/xz-file-format.txt: one stream, one block,
// one LZMA2 filter whose chunks are all of the uncompressed kind.
type xzWriter struct {
	w      io.Writer
	err    error
	chunk  []byte // not yet written
	sum    uint32 // CRC-32 of the content
	size   uint64 // of the content, bytes
	packed uint64 // of the LZMA2 chunks, bytes
}

const (
	xzMagic     = "\xfd7zXZ\x00"
	xzFlags     = "\x00\x01"                         // the check is CRC-32
	xzBlock     = "\x02\x00\x21\x01\x08\x00\x00\x00" // 12 bytes with its CRC; one filter, LZMA2, with a dictionary of 64 KiB
	xzChunkSize = 64 << 10
)

func newXZWriter(w io.Writer) *xzWriter {
	x := &xzWriter{w: w, chunk: make([]byte, 0, xzChunkSize)}
	x.put([]byte(xzMagic))
	x.put(withCRC([]byte(xzFlags)))
	x.put(withCRC([]byte(xzBlock)))
	return x
}

// Write implements io.Writer.
func (x *xzWriter) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		take := min(len(p), xzChunkSize-len(x.chunk))
		x.chunk, p = append(x.chunk, p[:take]...), p[take:]
		if len(x.chunk) == xzChunkSize {
			x.flush()
		}
	}
	if x.err != nil {
		return 0, x.err
	}
	return n, nil
}

// flush writes one chunk: its kind (the first one resets the dictionary), its
// size less one, its bytes.
func (x *xzWriter) flush() {
	if len(x.chunk) == 0 {
		return
	}
	kind := byte(2)
	if x.size == 0 {
		kind = 1
	}
	head := binary.BigEndian.AppendUint16([]byte{kind}, uint16(len(x.chunk)-1))
	x.put(head)
	x.put(x.chunk)
	x.packed += uint64(len(head) + len(x.chunk))
	x.size += uint64(len(x.chunk))
	x.sum = crc32.Update(x.sum, crc32.IEEETable, x.chunk)
	x.chunk = x.chunk[:0]
}

// Close ends the block and writes the index of this one block, and the footer.
func (x *xzWriter) Close() error {
	x.flush()
	x.put([]byte{0})
	x.packed++
	x.put(make([]byte, -x.packed&3))
	x.put(binary.LittleEndian.AppendUint32(nil, x.sum))

	index := []byte{0, 1}
	index = binary.AppendUvarint(index, uint64(len(xzBlock))+4+x.packed+4)
	index = binary.AppendUvarint(index, x.size)
	index = withCRC(append(index, make([]byte, -len(index)&3)...))
	x.put(index)

	footer := binary.LittleEndian.AppendUint32(nil, uint32(len(index)/4-1))
	footer = append(footer, xzFlags...)
	x.put(binary.LittleEndian.AppendUint32(nil, crc32.ChecksumIEEE(footer)))
	x.put(append(footer, "YZ"...))
	return x.err
}

func (x *xzWriter) put(p []byte) {
	if x.err == nil {
		_, x.err = x.w.Write(p)
	}
}

// withCRC is p and its CRC-32, as most parts of the format end.
func withCRC(p []byte) []byte {
	return binary.LittleEndian.AppendUint32(p, crc32.ChecksumIEEE(p))
}
