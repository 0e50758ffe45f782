package test

import (
	"archive/tar"
	"archive/zip"
	"io/fs"
	"testing"

	"github.com/golang-wsl/asdf-golang-wsl/test/fakerelease"
)

// Bytes that are not those of the release.
func TestWrongBytes(t *testing.T) {
	var faults []fault
	for _, source := range []string{"official", "goproxy"} {
		sum := "sha256 of the bytes"
		if source == "goproxy" {
			sum = ""
		}
		faults = append(faults,
			fault{name: source + ", another release", source: source, lie: func(l *liar) {
				other := fakerelease.New("1.99.2")
				l.replaceArchive(map[string][]byte{"official": other.Tarball(), "goproxy": other.Zip()}[source])
			}, code: exitVerify, want: sum},
			fault{name: source + ", truncated", source: source, lie: func(l *liar) {
				l.replaceArchive(l.archive[:len(l.archive)*2/3])
			}, code: exitVerify, want: sum},
			fault{name: source + ", empty", source: source, lie: func(l *liar) { l.replaceArchive([]byte{}) }, code: exitVerify, want: sum},
			fault{name: source + ", a page", source: source, lie: func(l *liar) { l.replaceArchive([]byte(loginPage)) }, code: exitVerify, want: sum},
			fault{name: source + ", with a tail", source: source, lie: func(l *liar) {
				l.replaceArchive(append(l.archive[:len(l.archive):len(l.archive)], "tail"...))
			}, code: exitVerify, want: sum, lucky: source == "goproxy"},
		)
		for range 6 {
			faults = append(faults, fault{name: source + ", a bit turned", source: source, lie: func(l *liar) {
				body, which := flipped(l.archive)
				l.replaceArchive(body)
				t.Logf("%s: %s", source, which)
			}, code: exitVerify, want: sum, lucky: source == "goproxy"}) // no file need differ
		}
	}
	meetAll(t, faults)
}

// Tarballs that no honest person makes, announced with their right sum.
func TestUnsafeTarballs(t *testing.T) {
	entry := func(name, want string, header tar.Header, body string) fault {
		return fault{name: name, want: want, lie: func(l *liar) {
			l.Publish(l.release, l.forgeTar(func(tw *tar.Writer) { addTar(tw, header, body) }))
		}}
	}
	plain := func(body func(l *liar) []byte) func(*liar) {
		return func(l *liar) { l.Publish(l.release, body(l)) }
	}
	faults := []fault{
		entry("dots", "leaves the directory", tar.Header{Name: "go/../../../../evil"}, "x"),
		entry("dots outside", "does not lie below", tar.Header{Name: "../evil"}, "x"),
		entry("absolute", "does not lie below", tar.Header{Name: "/tmp/evil"}, "x"),
		entry("absolute below", "absolute path", tar.Header{Name: "go//tmp/evil"}, "x"),
		entry("backslash", "not portable", tar.Header{Name: `go/..\..\evil`}, "x"),
		entry("other directory", "does not lie below", tar.Header{Name: "evil/file"}, "x"),
		entry("symlink", "neither file nor directory", tar.Header{Typeflag: tar.TypeSymlink, Name: "go/lib/evil", Linkname: "/etc/passwd"}, ""),
		entry("hard link", "neither file nor directory", tar.Header{Typeflag: tar.TypeLink, Name: "go/lib/evil", Linkname: "/etc/passwd"}, ""),
		entry("device", "neither file nor directory", tar.Header{Typeflag: tar.TypeBlock, Name: "go/lib/evil", Devmajor: 8}, ""),
		entry("character device", "neither file nor directory", tar.Header{Typeflag: tar.TypeChar, Name: "go/lib/evil", Devmajor: 1, Devminor: 3}, ""),
		entry("fifo", "neither file nor directory", tar.Header{Typeflag: tar.TypeFifo, Name: "go/lib/evil"}, ""),
		entry("twice", "comes twice", tar.Header{Name: "go/bin/go", Mode: 0o755}, "#!/bin/sh\n"),
		entry("below a file", "below a file", tar.Header{Name: "go/bin/go/evil"}, "x"),
		entry("directory over a file", "below a file", tar.Header{Typeflag: tar.TypeDir, Name: "go/bin/go/"}, ""),
		entry("declared bomb", "more than", tar.Header{Name: "go/evil", Size: 1<<30 + 1}, ""),
		{name: "padding", want: "padding", lie: plain(func(l *liar) []byte { return l.paddedTar(1100) })},
		{name: "only zeros", lie: plain(func(*liar) []byte { return gzipOfZeros(1100) })},
		{name: "many files", want: "more than 50000 files", lie: plain(func(l *liar) []byte {
			return l.forgeTar(func(tw *tar.Writer) {
				many(50_001, func(name string) { addTar(tw, tar.Header{Name: "go/" + name}, "") })
			})
		})},
		{name: "a page", want: "damaged archive", lie: plain(func(*liar) []byte { return []byte(loginPage) })},
		{name: "a zip", want: "damaged archive", lie: plain(func(l *liar) []byte { return l.release.Zip() })},
		{name: "truncated", want: "damaged archive", lie: plain(func(l *liar) []byte { return l.archive[:40_000] })},
		{name: "another file", want: "h1 of the files", lie: plain(func(l *liar) []byte {
			return l.forgeTar(func(tw *tar.Writer) { addTar(tw, tar.Header{Name: "go/lib/evil"}, "x") })
		})},
	}
	for i := range faults {
		faults[i].code = exitVerify
	}
	meetAll(t, faults)
}

// Modules likewise. Their list is no help: the checksum database knows h1 only.
func TestUnsafeZips(t *testing.T) {
	forge := func(name, want string, more func(zw *zip.Writer, prefix string)) fault {
		return fault{name: name, source: "goproxy", code: exitVerify, want: want, lie: func(l *liar) {
			l.replaceArchive(l.forgeZip(more))
		}}
	}
	add := func(name string) func(*zip.Writer, string) {
		return func(zw *zip.Writer, prefix string) { addZip(zw, zip.FileHeader{Name: prefix + name}, "x") }
	}
	special := func(mode fs.FileMode) func(*zip.Writer, string) {
		return func(zw *zip.Writer, prefix string) {
			header := zip.FileHeader{Name: prefix + "lib/evil"}
			header.SetMode(mode | 0o777)
			addZip(zw, header, "/etc/passwd")
		}
	}
	meetAll(t, []fault{
		forge("dots", "leaves the directory", add("../../../../evil")),
		forge("dots inside", "leaves the directory", add("lib/../../evil")),
		forge("absolute below", "absolute path", add("/tmp/evil")),
		forge("backslash", "not portable", add(`..\..\evil`)),
		forge("absolute", "does not lie below", func(zw *zip.Writer, _ string) { addZip(zw, zip.FileHeader{Name: "/tmp/evil"}, "x") }),
		forge("other module", "does not lie below", func(zw *zip.Writer, _ string) { addZip(zw, zip.FileHeader{Name: "golang.org/evil@v0.0.1/evil"}, "x") }),
		forge("symlink", "neither file nor directory", special(fs.ModeSymlink)),
		forge("device", "neither file nor directory", special(fs.ModeDevice)),
		forge("twice", "comes twice", add("bin/go")),
		forge("twice after renaming", "comes twice", add("src/go.mod")),
		forge("declared bomb", "more than", func(zw *zip.Writer, prefix string) { addZipBomb(zw, prefix+"evil", 1100, 1100<<20) }),
		forge("bomb in parts", "more than", func(zw *zip.Writer, prefix string) {
			many(11, func(name string) { addZipBomb(zw, prefix+name, 100, 100<<20) })
		}),
		forge("undeclared bomb", "damaged archive", func(zw *zip.Writer, prefix string) { addZipBomb(zw, prefix+"evil", 1100, 10) }),
		forge("many files", "more than 50000 files", func(zw *zip.Writer, prefix string) {
			many(50_001, func(name string) { addZip(zw, zip.FileHeader{Name: prefix + name}, "") })
		}),
		forge("another file", "h1 of the files", add("lib/evil")),
	})
}
