package toolchain

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/archive"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/release"
	"golang.org/x/sync/errgroup"
)

// A Change is a file that is not as it was released.
type Change struct {
	Kind string `json:"kind"` // "changed", "missing" or "added"
	Path string `json:"path"` // below the install: "go/src/fmt/print.go"
}

// A Report is what checking an install found.
type Report struct {
	Marker  *Marker  `json:"install"`
	Files   int      `json:"files"` // that were hashed
	Changes []Change `json:"changes,omitempty"`
}

// Check hashes every file of the version called name again, on all cores, and
// names each that was changed, is missing or was added since. The sums that it
// compares with must themselves hash to the h1 of the marker, so that whoever
// edits a file and its sum is found as well; the caller may hold that h1 against
// the checksum database once more.
func (s Store) Check(ctx context.Context, name string, progress func(bytes int64)) (*Report, error) {
	m, err := s.Installed(name)
	if err != nil {
		return nil, err
	}
	if m.Alias != "" {
		return s.Check(ctx, m.Version, progress)
	}
	want, err := readSums(filepath.Join(s.Dir(name), sumsFile))
	if err != nil {
		return nil, err
	}
	if got, err := m.hashOf(want); err != nil || got != m.H1 {
		return nil, errors.Join(&MismatchError{s.Dir(name), "h1 of the recorded sums", "the marker", m.H1, got}, err)
	}
	got, err := hashTree(ctx, s.GOROOT(name), progress)
	if err != nil {
		return nil, fmt.Errorf("check %s: %w", name, err)
	}
	return &Report{Marker: m, Files: len(got), Changes: compare(want, got)}, nil
}

// hashOf is the module hash that a list of sums stands for.
func (m *Marker) hashOf(list []sum) (string, error) {
	v, err := goversion.Parse(m.Version)
	if err != nil {
		return "", err
	}
	goos, arch, ok := strings.Cut(m.Platform, "/")
	if !ok {
		return "", fmt.Errorf("platform %q of %s", m.Platform, m.Version)
	}
	files := make([]archive.File, 0, len(list))
	for _, s := range list {
		files = append(files, archive.File{Name: s.name, SHA256: s.sha256})
	}
	format := release.Zip
	if m.Format == release.TarGz.String() {
		format = release.TarGz
	}
	return moduleHash(moduleFiles(files, format), modulePrefix(v.String(), release.Platform{OS: goos, Arch: arch})), nil
}

func readSums(name string) ([]sum, error) {
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	list, err := parseSums(data)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", name, err)
	}
	return list, nil
}

func parseSums(data []byte) (list []sum, err error) {
	lines := bufio.NewScanner(bytes.NewReader(data))
	for lines.Scan() {
		digest, path, ok := strings.Cut(lines.Text(), "  go/")
		raw, err := hex.DecodeString(digest)
		if !ok || err != nil || len(raw) != sha256.Size {
			return nil, fmt.Errorf("line %d is not a sum", len(list)+1)
		}
		list = append(list, sum{path, [32]byte(raw)})
	}
	return list, lines.Err()
}

// hashTree hashes all files below root. What is not a regular file is listed
// with no hash: it can only be an addition.
func hashTree(ctx context.Context, root string, progress func(int64)) ([]sum, error) {
	var list []*sum
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(runtime.GOMAXPROCS(0))
	err := filepath.WalkDir(root, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		s := &sum{name: filepath.ToSlash(path[len(root)+1:])}
		list = append(list, s)
		if e.Type().IsRegular() {
			group.Go(func() error { return s.hash(path, progress) })
		}
		return ctx.Err()
	})
	if err := errors.Join(group.Wait(), err); err != nil {
		return nil, err
	}
	out := make([]sum, 0, len(list))
	for _, s := range list {
		out = append(out, *s)
	}
	slices.SortFunc(out, func(a, b sum) int { return cmp.Compare(a.name, b.name) })
	return out, nil
}

func (s *sum) hash(path string, progress func(int64)) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	h := sha256.New()
	n, err := io.Copy(h, f)
	h.Sum(s.sha256[:0])
	if progress != nil {
		progress(n)
	}
	return err
}

// compare walks two lists that are sorted by name.
func compare(want, got []sum) (changes []Change) {
	for len(want) > 0 || len(got) > 0 {
		switch {
		case len(got) == 0 || len(want) > 0 && want[0].name < got[0].name:
			changes = append(changes, Change{"missing", "go/" + want[0].name})
			want = want[1:]
		case len(want) == 0 || got[0].name < want[0].name:
			changes = append(changes, Change{"added", "go/" + got[0].name})
			got = got[1:]
		default:
			if want[0].sha256 != got[0].sha256 {
				changes = append(changes, Change{"changed", "go/" + want[0].name})
			}
			want, got = want[1:], got[1:]
		}
	}
	return changes
}
