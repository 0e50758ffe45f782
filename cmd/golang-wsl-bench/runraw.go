package main

import (
	"encoding/json"
	"fmt"
	"os"
	"slices"
)

// kept is what there is of a file for a report: where that is too much, its beginning
// and its end.
func kept(f *os.File) []byte {
	info, err := f.Stat()
	if err != nil {
		return nil
	}
	part := func(at, n int64) []byte {
		text := make([]byte, n)
		read, _ := f.ReadAt(text, at)
		return text[:read]
	}
	if info.Size() <= mostKept {
		return part(0, info.Size())
	}
	cut := fmt.Appendf(nil, "\n[golang-wsl: %d bytes are left out here]\n", info.Size()-mostKept)
	return slices.Concat(part(0, mostKept/2), cut, part(info.Size()-mostKept/2, mostKept/2))
}

// keep takes what the process wrote into the evidence. index is that of its run, or -1.
func (g *gathering) keep(p *process, label string, index int) {
	if index >= 0 {
		g.ev.usage = append(g.ev.usage, p.usage)
	}
	if p.report.Rung != "" {
		g.ev.sandbox = p.report
	}
	name := fmt.Sprintf("%04d", g.serial)
	if label != "" {
		name += "-" + label
	}
	if p.u.binary == nil {
		values, _ := json.Marshal(p.out.Values()) // it has nothing that could fail
		g.ev.raw = append(g.ev.raw, rawFile{name + ".json", index, values})
	}
	g.ev.raw = append(g.ev.raw, rawFile{name + ".txt", index, p.said})
	if len(p.moaned) > 0 {
		g.ev.raw = append(g.ev.raw, rawFile{name + ".stderr.txt", index, p.moaned})
	}
}
