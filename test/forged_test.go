package test

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
)

// forgeTar is the tarball of the release with more in it.
func (l *liar) forgeTar(more func(*tar.Writer)) []byte {
	var buf bytes.Buffer
	gz := gzip.NewWriter(&buf)
	tw := tar.NewWriter(gz)
	files := l.release.Files()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		addTar(tw, tar.Header{Name: "go/" + name, Mode: 0o755}, files[name])
	}
	more(tw)
	must(tw.Close())
	must(gz.Close())
	return buf.Bytes()
}

func addTar(tw *tar.Writer, header tar.Header, body string) {
	if header.Size == 0 {
		header.Size = int64(len(body))
	}
	must(tw.WriteHeader(&header))
	_, err := io.WriteString(tw, body)
	must(err)
}

// forgeZip is the module of the release with more in it. Its names begin with
// the prefix that more is given.
func (l *liar) forgeZip(more func(zw *zip.Writer, prefix string)) []byte {
	honest := l.release.Zip()
	zr, err := zip.NewReader(bytes.NewReader(honest), int64(len(honest)))
	must(err)
	var buf bytes.Buffer
	zw := zip.NewWriter(&buf)
	for _, f := range zr.File {
		must(zw.Copy(f))
	}
	more(zw, "golang.org/toolchain@"+l.release.ModuleVersion()+"/")
	must(zw.Close())
	return buf.Bytes()
}

func addZip(zw *zip.Writer, header zip.FileHeader, body string) {
	header.Method = zip.Deflate
	w, err := zw.CreateHeader(&header)
	must(err)
	_, err = io.WriteString(w, body)
	must(err)
}

// addZipBomb adds a file of so many zeros whose size is said to be another.
func addZipBomb(zw *zip.Writer, name string, megabytes int, said uint64) {
	body := append(zeros(megabytes), 0x03, 0x00) // the last block, empty
	w, err := zw.CreateRaw(&zip.FileHeader{
		Name: name, Method: zip.Deflate, CompressedSize64: uint64(len(body)), UncompressedSize64: said,
	})
	must(err)
	_, err = w.Write(body)
	must(err)
}

// zeros are so many megabytes of zeros as a deflate stream without its end.
// Flushed blocks may follow one another as they are, so one will do.
func zeros(megabytes int) []byte {
	var block bytes.Buffer
	fw, err := flate.NewWriter(&block, flate.BestCompression)
	must(err)
	_, err = fw.Write(make([]byte, 1<<20))
	must(err)
	must(fw.Flush())
	return bytes.Repeat(block.Bytes(), megabytes)
}

// gzipOfZeros says nothing about its size, as no gzip stream does.
func gzipOfZeros(megabytes int) []byte {
	head := []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255}
	return append(head, append(zeros(megabytes), 0x03, 0x00, 0, 0, 0, 0, 0, 0, 0, 0)...)
}

// paddedTar is a right tarball that goes on with zeros.
func (l *liar) paddedTar(megabytes int) []byte {
	gz, err := gzip.NewReader(bytes.NewReader(l.release.Tarball()))
	must(err)
	plain, err := io.ReadAll(gz)
	must(err)
	var buf bytes.Buffer
	buf.Write([]byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255})
	fw, err := flate.NewWriter(&buf, flate.BestSpeed)
	must(err)
	_, err = fw.Write(plain)
	must(err)
	must(fw.Flush())
	return append(buf.Bytes(), gzipOfZeros(megabytes)[10:]...)
}

// flipped is body with one bit turned, and the number of that bit.
func flipped(body []byte) ([]byte, string) {
	body = bytes.Clone(body)
	bit := rand.IntN(len(body) * 8)
	body[bit/8] ^= 1 << (bit % 8)
	return body, fmt.Sprintf("bit %d of byte %d", bit%8, bit/8)
}

// many calls add with so many different names.
func many(count int, add func(name string)) {
	for i := range count {
		add(fmt.Sprintf("many/%05d", i))
	}
}

// must is for errors that writing to memory cannot give.
func must(err error) {
	if err != nil && !strings.Contains(err.Error(), "missed writing") {
		panic(err)
	}
}
