package report

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/prepare"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/snapshot"
)

// mostObjects is how many objects the JSON files of a bundle may have together. One of
// three bytes becomes a run of some hundred, so that what is read would be far larger
// than the file.
const mostObjects = 1 << 20

// errTooMany is a bundle that would take much more memory than it has bytes.
var errTooMany = errors.New("more objects than any measurement has")

// Evidence is what was measured, as the bundle has it. Whether the files are those
// that were written [Bundle.Verify] says.
func (b *Bundle) Evidence() (*Evidence, error) {
	objects := 0
	for name, data := range b.files {
		if strings.HasSuffix(name, ".json") {
			objects += bytes.Count(data, []byte("{"))
		}
	}
	if objects > mostObjects {
		return nil, errTooMany
	}
	e := &Evidence{Tool: b.Manifest.Tool}
	for _, step := range []func(*Evidence) error{b.readRuns, b.readRaw, b.readMachine, b.readProfiles} {
		if err := step(e); err != nil {
			return nil, err
		}
	}
	return e, nil
}

// read decodes a file that may be missing; found says whether it is there.
func (b *Bundle) read(name string, v any) (found bool, err error) {
	data, ok := b.files[name]
	if !ok {
		return false, nil
	}
	in := json.NewDecoder(bytes.NewReader(data))
	if err := in.Decode(v); err != nil {
		return true, fmt.Errorf("read %s: %w", name, err)
	}
	return true, nil
}

// optional is a file that is nil where it is missing.
func optional[T any](b *Bundle, name string) (*T, error) {
	v := new(T)
	found, err := b.read(name, v)
	if !found || err != nil {
		return nil, err
	}
	return v, nil
}

func (b *Bundle) readRuns(e *Evidence) (err error) {
	if _, err := b.read(commandName, &e.Command); err != nil {
		return err
	}
	if e.Set, err = bench.Read(bytes.NewReader(b.files[runsName]), runsName); err != nil {
		return err
	}
	return nil
}

func (b *Bundle) readRaw(e *Evidence) error {
	var list []rawEntry
	if _, err := b.read(rawIndex, &list); err != nil {
		return err
	}
	for _, r := range list {
		data, ok := b.files[r.File]
		name, below := strings.CutPrefix(r.File, "raw/")
		if !ok || !below {
			return fmt.Errorf("read %s: there is no file %q", rawIndex, r.File)
		}
		raw := Raw{name, r.Run, data}
		if err := e.checkRaw(raw); err != nil {
			return fmt.Errorf("read %s: %w", rawIndex, err)
		}
		e.Raw = append(e.Raw, raw)
	}
	return nil
}

func (b *Bundle) readMachine(e *Evidence) error {
	box, err := optional[boxed](b, sandboxName)
	if box != nil {
		e.Sandbox, e.Usage = box.Report, box.Usage
	}
	errs := []error{err}
	e.Prepare, err = optional[prepare.Report](b, prepareName)
	errs = append(errs, err)
	e.Before, err = optional[snapshot.Snapshot](b, beforeName)
	errs = append(errs, err)
	e.After, err = optional[snapshot.Snapshot](b, afterName)
	return errors.Join(append(errs, err)...)
}

func (b *Bundle) readProfiles(e *Evidence) error {
	var list []profiled
	if _, err := b.read(profilesIndex, &list); err != nil {
		return err
	}
	for _, p := range list {
		data, ok := b.files[p.File]
		if !ok {
			return fmt.Errorf("read %s: there is no file %q", profilesIndex, p.File)
		}
		e.Profiles = append(e.Profiles, Profile{p.Name, p.Side, p.Unit, data})
	}
	if _, err := b.read(tracesName, &e.Traces); err != nil {
		return err
	}
	_, err := b.read(gcName, &e.GC)
	return err
}
