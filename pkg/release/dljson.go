package release

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
)

// dlRelease and dlFile are the JSON of go.dev/dl, golang/website
// internal/dl/dl.go. Unknown values are "" and 0 there, never null.
type dlRelease struct {
	Version string   `json:"version"` // "go1.22.5"
	Files   []dlFile `json:"files"`
}

type dlFile struct {
	Filename string `json:"filename"`
	SHA256   string `json:"sha256"`
	Size     int64  `json:"size"`
	Kind     string `json:"kind"` // archive, installer, source
}

// parseDL reads the list that go.dev/dl answers to mode=json and keeps the
// release archives for the system os.
//
// An archive is known by its file name. The fields os and arch are of no use:
// arch is armv6l for files that are named arm, two files claim the same pair in
// 1.21rc2, and "go1" is a file for the system "4".
func parseDL(data []byte, os string) (table, error) {
	// A company's proxy may drop the query, and captive portals answer
	// everything; both send an HTML page with status 200.
	if data = bytes.TrimLeft(data, " \t\r\n\ufeff"); len(data) == 0 || data[0] != '[' {
		return table{}, fmt.Errorf("parse release list: not JSON, it begins with %q", data[:min(len(data), 20)])
	}
	var releases []dlRelease
	if err := json.Unmarshal(data, &releases); err != nil {
		return table{}, fmt.Errorf("parse release list: %w", err)
	}
	d := make(draft)
	for _, r := range releases {
		v, err := goversion.Parse(r.Version)
		if err != nil || "go"+v.String() != r.Version {
			continue // a form of name that is newer than this program
		}
		if err := d.addFiles(v, r.Files, os); err != nil {
			return table{}, err
		}
	}
	if len(d) == 0 {
		return table{}, fmt.Errorf("parse release list: no release for %s in it", os)
	}
	return d.table(), nil
}

func (d draft) addFiles(v goversion.Version, files []dlFile, os string) error {
	for _, f := range files {
		p, ok := archivePlatform(f.Filename, v)
		if !ok || p.OS != os || f.Kind != "archive" {
			continue
		}
		if f.SHA256 != "" && !isSum(f.SHA256) {
			return fmt.Errorf("parse release list: %s: %.80q is not a sha256", f.Filename, f.SHA256)
		}
		if old, twice := d[v][p.Archive()]; twice && old.sum != f.SHA256 {
			return fmt.Errorf("parse release list: %s is there with two sums", f.Filename)
		}
		// No size is published for 30 of the linux archives; it is 0 there.
		d.add(v, p.Archive(), file{sum: f.SHA256, size: f.Size})
	}
	return nil
}

// archiveName is the name of the release archive of v for p.
func archiveName(v goversion.Version, p Platform) string {
	return "go" + v.String() + "." + p.Archive() + ".tar.gz"
}

// archivePlatform is the platform of a file that is named as archiveName would.
func archivePlatform(name string, v goversion.Version) (Platform, bool) {
	name, ok := strings.CutPrefix(name, "go"+v.String()+".")
	if !ok {
		return Platform{}, false
	}
	name, ok = strings.CutSuffix(name, ".tar.gz")
	if !ok {
		return Platform{}, false
	}
	return parseArchive(name)
}
