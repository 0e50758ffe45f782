package zipstore

import (
	"archive/zip"
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var files = []File{
	{"manifest.json", []byte(`{"schema":1}` + "\n")},
	{"raw/0001-A.txt", bytes.Repeat([]byte("BenchmarkEncode-2 100 123 ns/op\n"), 300)},
	{"empty", nil},
}

func written(t *testing.T) []byte {
	t.Helper()
	var buf bytes.Buffer
	require.NoError(t, Write(&buf, files))
	return buf.Bytes()
}

func layout(t *testing.T) []Part {
	t.Helper()
	var entries []Entry
	for _, f := range files {
		entries = append(entries, f.Entry())
	}
	parts, err := Layout(entries)
	require.NoError(t, err)
	require.EqualValues(t, len(written(t)), Size(entries))
	return parts
}

// The reader of the standard library finds the files, and so do Info-ZIP's unzip and
// Python's zipfile, where they are.
func TestOthersReadIt(t *testing.T) {
	data := written(t)
	in, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	require.NoError(t, err)
	require.Len(t, in.File, len(files))
	for i, f := range in.File {
		require.Equal(t, files[i].Name, f.Name)
		require.Equal(t, "-rw-r--r--", f.Mode().String())
		r, err := f.Open()
		require.NoError(t, err)
		got, err := io.ReadAll(r)
		require.NoError(t, err)
		require.Equal(t, string(files[i].Data), string(got))
	}
	path := filepath.Join(t.TempDir(), "a.zip")
	require.NoError(t, os.WriteFile(path, data, 0o600))
	for _, words := range [][]string{
		{"unzip", "-tq", path},
		{"python3", "-c", "import sys, zipfile; assert zipfile.ZipFile(sys.argv[1]).testzip() is None", path},
	} {
		if _, err := exec.LookPath(words[0]); err == nil {
			out, err := exec.Command(words[0], words[1:]...).CombinedOutput()
			require.NoError(t, err, "%s", out)
		}
	}
}

// No byte is in two parts or in none, and what is around files is found in its place
// when it was changed, in each bit.
func TestCheckKnowsEachByte(t *testing.T) {
	data, parts := written(t), layout(t)
	require.Empty(t, Check(data, parts))
	var at int64
	for _, p := range parts {
		require.Equal(t, at, p.Offset)
		at += p.Size
		if p.Kind == Contents {
			continue
		}
		for i := p.Offset; i < at; i++ {
			for bit := range 8 {
				data[i] ^= 1 << bit
				require.Equal(t, []Damage{{p.Kind, p.File, i, 1}}, Check(data, parts))
				data[i] ^= 1 << bit
			}
		}
	}
	require.EqualValues(t, len(data), at)
	data[0], data[1], data[9] = 0, 0, 9
	list := Check(data, parts)
	require.Len(t, list, 2)
	require.Equal(t, "bytes 0 to 1 (header of manifest.json)", list[0].String())
	require.Equal(t, "byte 9 (header of manifest.json)", list[1].String())
	require.Empty(t, Check(data[:0], parts))
}

// Which byte was changed, and what it was, a checksum of 32 bits says.
func TestRepairFindsTheByte(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for _, size := range []int{1, 2, 3, 100, 70_000} {
		original := make([]byte, size)
		for i := range original {
			original[i] = byte(rng.Uint32())
		}
		sum := File{Data: original}.Entry().CRC
		same := func(data []byte) bool { return bytes.Equal(data, original) }
		for range 100 {
			changed := bytes.Clone(original)
			at := rng.IntN(size)
			changed[at] ^= byte(1 + rng.IntN(255))
			damaged := bytes.Clone(changed)
			found, was, ok := Repair(changed, sum, same)
			require.True(t, ok)
			require.Equal(t, at, found)
			require.Equal(t, original[at], was)
			require.Equal(t, damaged, changed, "the data stays as it is")
		}
		_, _, ok := Repair(bytes.Clone(original), sum, same)
		require.False(t, ok, "nothing to repair")
		_, _, ok = Repair(append(bytes.Clone(original), 7, 8), sum, same)
		require.False(t, ok, "no single byte")
	}
}

// What the first file is both records say, and one is enough.
func TestFirstHasTwoWitnesses(t *testing.T) {
	data := written(t)
	want := files[0].Entry()
	require.Equal(t, []Entry{want, want}, First(data, "manifest.json"))
	data[0] = 'X'
	require.Equal(t, []Entry{want, want}, First(data, "manifest.json"), "one byte is not enough to hide it")
	require.Equal(t, []Entry{want}, First(data[:200], "manifest.json"))
	require.Empty(t, First(bytes.Repeat([]byte{'x'}, 5000), "manifest.json"))
	for cut := range 60 {
		First(data[:cut], "manifest.json") // and no panic
	}
}

func TestSums(t *testing.T) {
	sum := files[1].Entry().CRC
	require.Equal(t, []uint32{sum, sum}, Sums(written(t), layout(t), files[1].Name))
	require.Empty(t, Sums(nil, layout(t), files[1].Name))
}

func TestNames(t *testing.T) {
	for _, name := range []string{"", ".", "..", "/etc/passwd", "../x", "a/../b", "a//b", `a\b`, "c:x", "a b", "ä", "a\nb", "x/", strings.Repeat("n", 256)} {
		require.False(t, ValidName(name), name)
		require.Error(t, Write(io.Discard, []File{{Name: name}}), name)
	}
	require.ErrorContains(t, Write(io.Discard, []File{{Name: "a"}, {Name: "a"}}), "two files")
	require.True(t, ValidName("raw/0001-A.txt"))
}

func TestTooLarge(t *testing.T) {
	_, err := Layout(make([]Entry, 65535))
	require.ErrorIs(t, err, ErrTooLarge)
	_, err = Layout([]Entry{{Name: "a", Size: 1 << 32}})
	require.ErrorIs(t, err, ErrTooLarge)
}

type full struct{ left int }

func (f *full) Write(p []byte) (int, error) {
	if f.left -= len(p); f.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

var errFull = errors.New("full")

func TestWriteSaysWhenItCannot(t *testing.T) {
	require.ErrorIs(t, Write(&full{100}, files), errFull)
}
