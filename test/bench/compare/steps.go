package main

import (
	"archive/tar"
	"bufio"
	"bytes"
	"crypto/sha256"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/klauspost/compress/gzip"
	"golang.org/x/sys/unix"
)

// A step is a part of the work, done alone, on one core. What an install takes can
// be no less than the longest of them, nor than their sum divided by the cores.
type step struct {
	name string
	runs []time.Duration
}

// tree is the content of a tarball in memory.
type tree struct {
	names []string
	files [][]byte
}

func measureSteps(f facts, dir string, rounds int) ([]*step, error) {
	packed, err := os.ReadFile(f.TarballPath)
	if err != nil {
		return nil, err
	}
	t, err := readTree(packed)
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	steps := []*step{
		{name: "receive the tarball from loopback"}, {name: "sha256 of the tarball"}, {name: "inflate"},
		{name: "sha256 of each file"}, {name: "make directories, create, write and close each file"}, {name: "syncfs"},
	}
	work := []func() error{
		func() error { return receive(f.URL + "/go/" + f.Tarball) },
		func() error { sha256.Sum256(packed); return nil },
		func() error { return inflate(packed, io.Discard) },
		t.hash,
		func() error { return t.write(dir) },
		func() error { return syncfs(dir) },
	}
	for range rounds {
		if err := os.RemoveAll(dir); err != nil {
			return nil, err
		}
		for i, s := range steps {
			begin := time.Now()
			if err := work[i](); err != nil {
				return nil, err
			}
			s.runs = append(s.runs, time.Since(begin))
		}
	}
	return steps, nil
}

func readTree(packed []byte) (*tree, error) {
	var plain bytes.Buffer
	if err := inflate(packed, &plain); err != nil {
		return nil, err
	}
	t := new(tree)
	tr := tar.NewReader(&plain)
	for {
		hdr, err := tr.Next()
		if err == io.EOF {
			return t, nil
		}
		if err != nil {
			return nil, err
		}
		if hdr.Typeflag != tar.TypeReg {
			continue
		}
		data := make([]byte, hdr.Size)
		if _, err := io.ReadFull(tr, data); err != nil {
			return nil, err
		}
		t.names, t.files = append(t.names, hdr.Name), append(t.files, data)
	}
}

func receive(url string) error {
	resp, err := http.Get(url)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	_, err = io.CopyBuffer(struct{ io.Writer }{io.Discard}, resp.Body, make([]byte, 256<<10))
	return err
}

func inflate(packed []byte, w io.Writer) error {
	zr, err := gzip.NewReader(bufio.NewReaderSize(bytes.NewReader(packed), 256<<10))
	if err != nil {
		return err
	}
	_, err = io.CopyBuffer(struct{ io.Writer }{w}, struct{ io.Reader }{zr}, make([]byte, 256<<10))
	return err
}

func (t *tree) hash() error {
	for _, data := range t.files {
		sha256.Sum256(data)
	}
	return nil
}

func (t *tree) write(dir string) error {
	for i, name := range t.names {
		path := filepath.Join(dir, name)
		err := os.WriteFile(path, t.files[i], 0o644)
		if errors.Is(err, os.ErrNotExist) {
			if err = os.MkdirAll(filepath.Dir(path), 0o755); err == nil {
				err = os.WriteFile(path, t.files[i], 0o644)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func syncfs(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return unix.Syncfs(int(d.Fd()))
}
