package tune

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"

	"golang.org/x/mod/sumdb/dirhash"
)

// unpackedLimit is for a zip that grows without end. The module has 1 MB.
const unpackedLimit = 64 << 20

// hashZip is dirhash.HashZip for a zip in memory. What cannot be read as a zip is
// no module.
func hashZip(data []byte) (h1 string, err error) {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return "", notZip(data, err)
	}
	var names []string
	files := make(map[string]*zip.File)
	var size uint64
	for _, f := range z.File {
		if size += f.UncompressedSize64; size > unpackedLimit {
			return "", errors.New("sends a zip that unpacks to more than 64 MiB")
		}
		names, files[f.Name] = append(names, f.Name), f
	}
	h1, err = dirhash.Hash1(names, func(name string) (io.ReadCloser, error) { return files[name].Open() })
	if err != nil {
		return "", notZip(data, err)
	}
	return h1, nil
}

func notZip(data []byte, err error) error {
	if bytes.HasPrefix(bytes.TrimSpace(data), []byte("<")) {
		return errors.New("sends a page instead of a module (a login?)")
	}
	return fmt.Errorf("sends no module: %w", err)
}
