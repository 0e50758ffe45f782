package report

import (
	"bytes"
	"slices"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/page"
)

// usualName is what a bundle is called in texts: what its file is called is not known
// to who verifies it.
const usualName = "audit.zip"

// page is the page that a person reads first. files are the others of the bundle.
func (e *Evidence) page(files []made, t Tables, flames []page.Flame) ([]byte, error) {
	d := page.Data{
		Tool: e.Tool.String(), Set: e.Set, Comparison: t.Comparison, Failure: t.Refused, GC: e.GC, Flames: flames,
		Sandbox: e.Sandbox, Usage: e.Usage, Prepare: e.Prepare, Before: e.Before, After: e.After,
		Bundle: usualName,
	}
	for _, tr := range e.Traces {
		d.Traces = append(d.Traces, page.Trace{Name: joined(tr.Side, tr.Unit), Report: tr.Report})
	}
	for i, s := range e.Command.Sides[:min(2, len(e.Command.Sides))] {
		if d.Sides[i] = s.Note; i == 0 {
			d.Command = s.Words
		} else if !slices.Equal(s.Words, d.Command) {
			d.Compared = s.Words
		}
	}
	for _, f := range files {
		l := f.listed()
		d.Files = append(d.Files, page.File{Name: l.Name, Size: l.Size, SHA256: l.SHA256})
	}
	slices.SortFunc(d.Files, func(a, b page.File) int { return bytes.Compare([]byte(a.Name), []byte(b.Name)) })
	var out bytes.Buffer
	err := page.Write(&out, d)
	return out.Bytes(), err
}
