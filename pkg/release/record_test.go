package release

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func testRecord(t testing.TB) *record {
	table, err := parseDL(readDL(t), "linux")
	require.NoError(t, err)
	return &record{table: table, url: "https://go.dev/dl/", etag: `W/"1 2"`, checked: time.Date(2026, 9, 1, 10, 0, 0, 0, time.UTC)}
}

func TestRecordRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lists", "official-linux.txt")
	want := testRecord(t)
	require.NoError(t, want.save(path))
	got, err := readRecord(path)
	require.NoError(t, err)
	require.Equal(t, want, got)
	entries, err := os.ReadDir(filepath.Dir(path))
	require.NoError(t, err)
	require.Len(t, entries, 1, "nothing is left beside the file")
}

// Every damage to the part that is used is found.
func TestRecordDamage(t *testing.T) {
	good := string(testRecord(t).encode())
	_, err := decodeRecord([]byte(good))
	require.NoError(t, err)
	at := strings.Index(good, "columns")
	for name, bad := range map[string]string{
		"empty":           "",
		"a page":          "<html>",
		"half":            good[:len(good)/2],
		"last line cut":   good[:len(good)-1],
		"last line gone":  good[:strings.LastIndex(good[:len(good)-1], "\n")+1],
		"head only":       good[:at],
		"a flipped digit": strings.Replace(good, "675c26c4", "675c26c5", 1),
		"columns swapped": strings.Replace(good, "linux-386 linux-amd64", "linux-amd64 linux-386", 1),
		"no time":         strings.Replace(good, "checked 2026", "checked 20x6", 1),
		"another version": strings.Replace(good, "list 1\n", "list 2\n", 1),
		"zero bytes":      strings.Repeat("\x00", len(good)),
	} {
		t.Run(name, func(t *testing.T) {
			require.NotEqual(t, good, bad)
			_, err := decodeRecord([]byte(bad))
			require.Error(t, err)
		})
	}
}

// A header value must not be able to add lines to the file.
func TestRecordForeignETag(t *testing.T) {
	r := testRecord(t)
	r.etag = "\"x\"\ncrc32 0\ncolumns linux-amd64\n9.9.9 ."
	got, err := decodeRecord(r.encode())
	require.NoError(t, err)
	require.Equal(t, r.table, got.table)
}

func FuzzDecodeRecord(f *testing.F) {
	small := testRecord(f)
	small.table.body, _, _ = strings.Cut(small.table.body, "1.5.2 ")
	f.Add(small.encode())
	f.Add([]byte("# golang-wsl release list 1\nchecked 2026-09-01T10:00:00Z\ncrc32 a\ncolumns linux-amd64\n1.2 -:1\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := decodeRecord(data)
		if err != nil {
			return
		}
		again, err := decodeRecord(r.encode())
		require.NoError(t, err)
		require.Equal(t, r.table.body, again.table.body)
	})
}

// The table is read without the guard of a checksum here, as known.txt is.
func FuzzTable(f *testing.F) {
	f.Add(testRecord(f).table.text(), "amd64")
	f.Add("columns linux-amd64 linux-armv6l\n1.2 -:7 .\n1.3  -\n1.22.5 x:-1\n", "arm")
	f.Add("a b\ncolumns linux-386\n", "386")
	f.Fuzz(func(t *testing.T, text, arch string) {
		_, table, err := parseTable(text)
		if err != nil {
			return
		}
		p := Platform{"linux", arch}
		table.versions(p)
		for _, v := range table.versions(p) {
			table.find(v, p)
		}
		f, ok := table.find(version(t, "1.22.5"), p)
		require.True(t, !ok || f.sum == "" || isSum(f.sum))
	})
}

func BenchmarkReadRecord(b *testing.B) {
	data, err := os.ReadFile("known.txt")
	require.NoError(b, err)
	_, table, err := parseTable(string(data))
	require.NoError(b, err)
	path := filepath.Join(b.TempDir(), "list.txt")
	require.NoError(b, (&record{table: table, checked: time.Now()}).save(path))
	for b.Loop() {
		r, err := readRecord(path)
		require.NoError(b, err)
		require.Len(b, r.table.versions(amd64), 362)
	}
}
