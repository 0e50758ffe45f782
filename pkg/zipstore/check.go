package zipstore

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
)

// A Damage is a run of bytes that are not what they must be.
type Damage struct {
	Kind   Kind
	File   string // where it is; "" for the end and beyond it
	Offset int64  // of the first byte, from the start of the zip
	Size   int64  // in bytes; 0 is that they are missing
}

func (d Damage) String() string {
	where := string(d.Kind)
	if d.File != "" {
		where += " of " + d.File
	}
	if d.Size == 1 {
		return fmt.Sprintf("byte %d (%s)", d.Offset, where)
	}
	return fmt.Sprintf("bytes %d to %d (%s)", d.Offset, d.Offset+d.Size-1, where)
}

// Check holds what is around the files against what must be there: all that is not
// contents. Neighbouring bytes are one damage. Of a part that is cut off only what is
// there is looked at: whether the size is right the caller sees at once.
func Check(zip []byte, parts []Part) (list []Damage) {
	for _, p := range parts {
		for i, want := range p.Bytes {
			at := p.Offset + int64(i)
			if at >= int64(len(zip)) {
				return list
			}
			if zip[at] == want {
				continue
			}
			if n := len(list); n > 0 && list[n-1].Offset+list[n-1].Size == at && list[n-1].File == p.File && list[n-1].Kind == p.Kind {
				list[n-1].Size++
			} else {
				list = append(list, Damage{p.Kind, p.File, at, 1})
			}
		}
	}
	return list
}

// Sums are the checksums that the zip has for a file, in its two records. They are
// there to find out which byte of it was changed: see [Repair].
func Sums(zip []byte, parts []Part, name string) (sums []uint32) {
	for _, p := range parts {
		at := p.Offset + map[Kind]int64{Header: 14, Directory: 16}[p.Kind]
		if p.File == name && p.Kind != Contents && at+4 <= int64(len(zip)) {
			sums = append(sums, binary.LittleEndian.Uint32(zip[at:]))
		}
	}
	return sums
}

// First is what a zip says itself of the size of its first file and of its checksum,
// in both places, if its name is as expected or nearly so.
func First(zip []byte, name string) (found []Entry) {
	if near(zip, Entry{Name: name}.header()) {
		found = append(found, Entry{name, int64(binary.LittleEndian.Uint32(zip[22:])), binary.LittleEndian.Uint32(zip[14:])})
	}
	at := len(zip) - endSize
	if at < 0 {
		return found
	}
	begin := int64(binary.LittleEndian.Uint32(zip[at+16:]))
	if begin < int64(len(zip)) && near(zip[begin:], Entry{Name: name}.directory(0)) {
		line := zip[begin:]
		found = append(found, Entry{name, int64(binary.LittleEndian.Uint32(line[24:])), binary.LittleEndian.Uint32(line[16:])})
	}
	return found
}

// near reports whether a record is the one that is expected, however a few bytes of it
// were changed. Checksum and two sizes may be any: 12 bytes.
func near(zip, record []byte) bool {
	if len(zip) < len(record) {
		return false
	}
	differ := 0
	for i, want := range record {
		if zip[i] != want {
			differ++
		}
	}
	return differ <= 12+3
}

// Repair looks for the one byte that must be changed for data to have a checksum, and
// returns where it is and what it should be. There is at most one such change that
// makes sense: right is asked about each, with data changed like that.
//
// The checksum is linear: by how much it is wrong depends on the change and on how
// many bytes come after it, and each step back over a byte can be undone.
func Repair(data []byte, sum uint32, right func(data []byte) bool) (at int, was byte, ok bool) {
	difference := crc32.ChecksumIEEE(data) ^ sum
	if difference == 0 {
		return 0, 0, false
	}
	var back, index [256]uint32 // by the high byte of an entry: each occurs once
	for i, entry := range crc32.IEEETable {
		back[entry>>24], index[entry>>24] = entry, uint32(i)
	}
	for at = len(data) - 1; at >= 0; at-- {
		high := difference >> 24
		if rest := difference ^ back[high]; rest == 0 {
			changed := data[at]
			was = changed ^ byte(index[high])
			data[at] = was
			found := right(data)
			data[at] = changed
			if found {
				return at, was, true
			}
		}
		difference = (difference^back[high])<<8 | index[high]
	}
	return 0, 0, false
}

// Start is where the contents of the first file begin, by its name.
func Start(name string) int64 { return headerSize + int64(len(name)) }
