package report

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/signature"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/zipstore"
)

// Names of the files that are about the others.
const (
	manifestName  = "manifest.json"
	signatureName = "manifest.json.sig"
)

// A Manifest is what a bundle says of itself. It is its first file.
type Manifest struct {
	Schema    int       `json:"schema"` // 1
	Tool      Tool      `json:"tool"`
	Begin     time.Time `json:"begin"` // of the first run
	End       time.Time `json:"end"`   // of the last
	Anonymous bool      `json:"anonymous"`
	// Signature is the kind of the one that is the last file: that of this file. It is ""
	// where there is none.
	Signature string   `json:"signature"`
	Files     []Listed `json:"files"` // all others, in their order
}

// A Listed file is one that the manifest has.
type Listed struct {
	Name   string `json:"name"`
	Size   int64  `json:"size"` // in bytes
	SHA256 string `json:"sha256"`
	// Derived is whether the file follows from others of the bundle.
	Derived bool `json:"derived,omitempty"`
}

// seal puts the manifest before the files, and a signature behind them.
func seal(e *Evidence, files []made, o Options) ([]zipstore.File, error) {
	m := Manifest{Schema: Schema, Tool: e.Tool, Anonymous: o.Redact != nil}
	m.Begin, m.End = e.span()
	if o.Key != nil {
		m.Signature = o.Key.Kind()
	}
	for _, f := range files {
		m.Files = append(m.Files, f.listed())
	}
	text, err := m.marshal()
	if err != nil {
		return nil, err
	}
	all := []zipstore.File{{Name: manifestName, Data: text}}
	for _, f := range files {
		all = append(all, zipstore.File{Name: f.name, Data: f.data})
	}
	if o.Key == nil {
		return all, nil
	}
	sig, err := o.Key.Sign(text)
	if err != nil {
		return nil, fmt.Errorf("sign with %s: %w", o.Key, err)
	}
	return append(all, zipstore.File{Name: signatureName, Data: sig}), nil
}

// span is from the begin of the first run to the end of the last.
func (e *Evidence) span() (begin, end time.Time) {
	for _, r := range e.Set.Runs {
		if begin.IsZero() || r.Begin.Before(begin) {
			begin = r.Begin
		}
		if last := r.Begin.Add(r.Wall); last.After(end) {
			end = last
		}
	}
	return begin, end
}

// A made file is one that belongs into a bundle.
type made struct {
	name    string
	data    []byte
	derived bool
}

func (f made) listed() Listed {
	return Listed{Name: f.name, Size: int64(len(f.data)), SHA256: sum(f.data), Derived: f.derived}
}

func sum(data []byte) string {
	s := sha256.Sum256(data)
	return hex.EncodeToString(s[:])
}

// marshal is the one form of a manifest.
func (m *Manifest) marshal() ([]byte, error) { return indented(m) }

// indented is JSON that people can read.
func indented(v any) ([]byte, error) {
	var buf bytes.Buffer
	out := json.NewEncoder(&buf)
	out.SetIndent("", " ")
	out.SetEscapeHTML(false)
	err := out.Encode(v)
	return buf.Bytes(), err
}

// readManifest reads a manifest in its one form.
func readManifest(text []byte) (*Manifest, error) {
	m := new(Manifest)
	if err := json.Unmarshal(text, m); err != nil || m.Schema < 1 {
		return nil, ErrForeign
	}
	if m.Schema > Schema {
		return nil, ErrNewer
	}
	if again, err := m.marshal(); err != nil || !bytes.Equal(again, text) {
		return nil, fmt.Errorf("%s is not written as golang-wsl bench writes it", manifestName)
	}
	return m, m.check()
}

// check is why the manifest cannot be that of a bundle.
func (m *Manifest) check() error {
	if !slices.Contains([]string{"", signature.SSH, signature.Note}, m.Signature) {
		return fmt.Errorf("%s: signature %q is not known", manifestName, m.Signature)
	}
	total := int64(0)
	for _, f := range m.Files {
		if !zipstore.ValidName(f.Name) || f.Name == manifestName || f.Name == signatureName {
			return fmt.Errorf("%s: %q is no name for a file", manifestName, f.Name)
		}
		if f.Size < 0 || f.Size > Most || len(f.SHA256) != 2*sha256.Size || strings.Trim(f.SHA256, "0123456789abcdef") != "" {
			return fmt.Errorf("%s: what it says of %s cannot be", manifestName, f.Name)
		}
		if total += f.Size; total > Most {
			return ErrTooLarge
		}
	}
	return nil
}
