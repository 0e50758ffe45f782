package report

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/google/pprof/profile"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/flame"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/snapshot"
)

// A Redactor takes out of a text what says whose it is: names of the machine and of
// the user, paths, addresses. What it has been over it leaves as it is.
type Redactor interface {
	Text(text string) string
	Snapshot(s *snapshot.Snapshot) *snapshot.Snapshot
}

// anonymous is evidence that names nobody. It is taken out of what was measured, so
// that what follows from that has it neither, and can be verified. Program text, as in
// a flame graph, is left alone: whoever is called "search" is not named by it.
func (e *Evidence) anonymous(r Redactor) (*Evidence, error) {
	texts, clean := *e, new(Evidence)
	texts.Raw, texts.Profiles = nil, nil // no texts as JSON has them
	if err := redacted(texts, clean, r); err != nil {
		return nil, err
	}
	for to, from := range map[**snapshot.Snapshot]*snapshot.Snapshot{&clean.Before: e.Before, &clean.After: e.After} {
		if from != nil { // they have more that names a machine: identities of disks
			*to = r.Snapshot(from)
		}
	}
	for _, raw := range e.Raw {
		text := r.Text(string(raw.Data))
		clean.Raw = append(clean.Raw, Raw{raw.Name, raw.Run, []byte(text)})
	}
	for _, p := range e.Profiles {
		data, err := redactedProfile(p.Data, r)
		if err != nil {
			return nil, fmt.Errorf("redact the profile %s: %w", p.Name, err)
		}
		clean.Profiles = append(clean.Profiles, Profile{p.Name, p.Side, r.Text(p.Unit), data})
	}
	return clean, nil
}

// redacted copies a value with each text in it redacted, wherever it is: what has a new
// field tomorrow has it redacted, too.
func redacted(from, to any, r Redactor) error {
	text, err := json.Marshal(from)
	if err != nil {
		return err
	}
	in := json.NewDecoder(strings.NewReader(string(text)))
	in.UseNumber()
	var tree any
	if err := in.Decode(&tree); err != nil {
		return err
	}
	if text, err = json.Marshal(redactedTree(tree, r)); err != nil {
		return err
	}
	return json.Unmarshal(text, to)
}

func redactedTree(tree any, r Redactor) any {
	switch v := tree.(type) {
	case string:
		return r.Text(v)
	case []any:
		for i := range v {
			v[i] = redactedTree(v[i], r)
		}
	case map[string]any:
		for key, value := range v {
			v[key] = redactedTree(value, r)
		}
	}
	return tree
}

// redactedProfile leaves out what nobody needs, and is not compressed: what a
// compressor makes changes with its version.
func redactedProfile(data []byte, r Redactor) ([]byte, error) {
	p, err := flame.Parse(data)
	if err != nil {
		return nil, err
	}
	for _, m := range p.Mapping {
		m.File, m.BuildID = r.Text(m.File), r.Text(m.BuildID)
	}
	for _, f := range p.Function {
		f.Name, f.SystemName, f.Filename = r.Text(f.Name), r.Text(f.SystemName), r.Text(f.Filename)
	}
	for i, c := range p.Comments {
		p.Comments[i] = r.Text(c)
	}
	for _, s := range p.Sample {
		redactLabels(s, r)
	}
	p.DocURL = r.Text(p.DocURL)
	var out strings.Builder
	if err := p.WriteUncompressed(&out); err != nil {
		return nil, err
	}
	return []byte(out.String()), nil
}

func redactLabels(s *profile.Sample, r Redactor) {
	for _, values := range s.Label {
		for i, v := range values {
			values[i] = r.Text(v)
		}
	}
}
