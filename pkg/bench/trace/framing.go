package trace

import (
	"fmt"
	"io"
	"strings"
)

// What a trace is made of, as runtime and internal/trace/tracev2 have it: a header, then
// generations, each of them batches. Only what says whether it is whole is looked at.
const (
	headerSize = 16 // "go 1.26 trace\0\0\0"

	batchEvents       = 1  // generation, thread, time, size, data
	batchStrings      = 4  // first byte of the data: the strings, which are written last
	batchExperimental = 49 // like batchEvents, with one byte before
	endOfGeneration   = 52 // alone; since Go 1.26
)

// A framing watches what the reader is given. The reader itself takes a trace of before
// Go 1.26 that ends between two batches for a whole one.
type framing struct {
	r     io.Reader
	minor int   // of the header
	read  int64 // bytes
	err   error // of r
	lost  bool  // the bytes make no sense: the reader says why

	state       state
	left        uint64 // bytes of data, or varints of a batch's head, to come
	varint      uint64
	shift       uint
	generation  uint64 // of the batch at hand
	strings     bool   // this generation has strings
	generations int
	complete    bool // nothing has begun after the end of a generation
}

type state uint8

const (
	atBatch state = iota
	atExperiment
	inHead
	atData
	inData
)

func (f *framing) Read(p []byte) (int, error) {
	n, err := f.r.Read(p)
	f.read += int64(n)
	if err != nil {
		f.err = err
	}
	f.scan(p[:n])
	return n, err
}

// scan goes over bytes, and does not look into batches.
func (f *framing) scan(b []byte) {
	for len(b) > 0 && !f.lost {
		if f.state != inData {
			f.next(b[0])
			b = b[1:]
			continue
		}
		n := min(f.left, uint64(len(b)))
		if f.left, b = f.left-n, b[n:]; f.left == 0 {
			f.state = atBatch
		}
	}
}

// next takes one byte of what is between the data of batches.
func (f *framing) next(b byte) {
	switch f.state {
	case atBatch:
		f.batch(b)
	case atExperiment:
		f.state, f.left = inHead, 4
	case inHead:
		f.head(b)
	case atData:
		f.strings = f.strings || b == batchStrings
		if f.left--; f.left == 0 {
			f.state = atBatch
		} else {
			f.state = inData
		}
	}
}

func (f *framing) batch(b byte) {
	f.complete = false
	switch b {
	case batchEvents:
		f.state, f.left = inHead, 4
	case batchExperimental:
		f.state = atExperiment
	case endOfGeneration:
		f.complete = true
		f.generations++
		f.strings, f.generation = false, 0
	default:
		f.lost = true
	}
}

// head takes the four varints before the data: the first is the generation, the last
// the size.
func (f *framing) head(b byte) {
	if f.varint |= uint64(b&0x7f) << f.shift; b&0x80 != 0 {
		f.shift += 7
		f.lost = f.shift > 63
		return
	}
	value := f.varint
	f.varint, f.shift = 0, 0
	if f.left == 4 && value != f.generation {
		f.generation, f.strings = value, false
		if f.minor < 26 {
			f.generations++
		}
	}
	if f.left--; f.left > 0 {
		return
	}
	f.state, f.left = atData, value
	if value == 0 {
		f.state = atBatch
	}
}

// whole reports whether what was read ends where a trace may end. It may do so after
// each generation: a trace that was cut just there is whole.
func (f *framing) whole() bool {
	if f.state != atBatch || f.generations == 0 {
		return false
	}
	return f.complete || f.minor < 26 && f.strings
}

// header reads it. What Read reads begins after it.
func (f *framing) header() ([]byte, error) {
	header := make([]byte, headerSize)
	n, err := io.ReadFull(f.r, header)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, err
	}
	f.read = int64(n)
	f.minor, err = version(header[:n])
	return header, err
}

// version reads the header, which is "go 1.26 trace" and zeros.
func version(header []byte) (minor int, err error) {
	const form = "go 1.%d trace"
	if len(header) == 0 {
		return 0, ErrEmpty
	}
	if len(header) < headerSize && strings.HasPrefix("go 1.", string(header[:min(5, len(header))])) {
		return 0, ErrTruncated
	}
	text := strings.TrimRight(string(header), "\x00")
	if _, err := fmt.Sscanf(text, form, &minor); err != nil || fmt.Sprintf(form, minor) != text {
		return 0, ErrForeign
	}
	if minor < oldest || minor > newest {
		return 0, &VersionError{minor}
	}
	return minor, nil
}
