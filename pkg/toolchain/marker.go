package toolchain

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
)

// The files beside go/ and bin/ in an install.
const (
	markerFile = ".golang-wsl.json"
	sumsFile   = ".golang-wsl.sums" // one "sha256  go/path" a line: sha256sum -c reads it
	envFile    = ".golang-wsl.env"  // what bin/exec-env sources
)

// A Marker says that an install is complete, and what it was found to be. It is
// the last file written before an install is published.
type Marker struct {
	Version  string    `json:"version"`            // "1.25.3"
	Alias    string    `json:"alias,omitempty"`    // the word that this directory stands for: "1.25", "latest"
	Platform string    `json:"platform,omitempty"` // "linux/amd64"
	Source   string    `json:"source,omitempty"`   // "official", "goproxy", "bundle" or "adopted"
	Archive  string    `json:"archive,omitempty"`  // its file name; of an adopted one, the GOROOT
	Format   string    `json:"format,omitempty"`   // "tar.gz" or "zip"
	SHA256   string    `json:"sha256,omitempty"`   // of the archive's bytes, hex
	Official bool      `json:"sha256_is_official"` // whether the official list has that sum
	H1       string    `json:"h1,omitempty"`       // of the files, as the module golang.org/toolchain
	Log      *LogEntry `json:"log,omitempty"`      // where the checksum database has that h1
	Notes    []string  `json:"notes,omitempty"`    // what could not be checked, and why
	Time     time.Time `json:"time"`
}

// A LogEntry is a position in the checksum database.
type LogEntry struct {
	Name     string `json:"name"`      // "sum.golang.org"
	Record   int64  `json:"record"`    // number of the record in the log
	TreeSize int64  `json:"tree_size"` // of the signed tree that proves it
}

func readMarker(dir string) (*Marker, error) {
	data, err := os.ReadFile(filepath.Join(dir, markerFile))
	if err != nil {
		return nil, err
	}
	m, err := parseMarker(data)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", filepath.Join(dir, markerFile), err)
	}
	return m, nil
}

func parseMarker(data []byte) (*Marker, error) {
	var m Marker
	if err := json.Unmarshal(data, &m); err != nil {
		return nil, err
	}
	if m.Version == "" {
		return nil, errors.New("it names no version")
	}
	return &m, nil
}

func (m *Marker) write(dir string) error {
	data, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, markerFile), append(data, '\n'), 0o644)
}

// Name is the name of the marker's directory.
func (m *Marker) Name() string { return cmp.Or(m.Alias, m.Version) }

func sortMarkers(markers []*Marker) {
	slices.SortFunc(markers, func(a, b *Marker) int {
		va, _ := goversion.Parse(a.Version)
		vb, _ := goversion.Parse(b.Version)
		return cmp.Or(va.Compare(vb), cmp.Compare(a.Alias, b.Alias))
	})
}
