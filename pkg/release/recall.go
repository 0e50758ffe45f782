package release

import (
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goproxy"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
)

// Recall describes the archives of v as far as its sources can do so without
// asking anybody, in order of preference. They have no URLs: they are for who
// has kept archives, and needs no server as long as one of them is right.
func (c *Chooser) Recall(v goversion.Version, p Platform) (archives []*Artifact) {
	for _, s := range c.Sources {
		if r, ok := s.(interface {
			recall(goversion.Version, Platform) *Artifact
		}); ok {
			if a := r.recall(v, p); a != nil {
				archives = append(archives, a)
			}
		}
	}
	return archives
}

// recall takes the sum from the list on disk, however old, or from the embedded
// table. It returns nil where neither has one.
func (o *Official) recall(v goversion.Version, p Platform) *Artifact {
	a := &Artifact{Version: v, Platform: p, Source: o.Name(), Format: TarGz, Name: archiveName(v, p), Size: -1}
	list := listing{record: o.lists().read(p.OS)}
	if list.record == nil {
		list.record = &record{table: o.Known.table}
	}
	if err := o.compare(list, a); err != nil || a.SHA256 == "" {
		return nil
	}
	return a
}

// recall knows no digest: what a module is held to is the checksum database.
func (x *Proxy) recall(v goversion.Version, p Platform) *Artifact {
	name := goproxy.ModuleVersion(v.String(), p.OS, p.Arch) + ".zip"
	return &Artifact{Version: v, Platform: p, Source: x.Name(), Format: Zip, Name: name, Size: -1}
}

// Doubt makes the sources that keep lists ask for them anew before they believe
// them again. It is for who has found that an archive is not what a list says:
// the list may be what is wrong, and be corrected soon (golang/go#56513).
func (c *Chooser) Doubt(p Platform) {
	for _, s := range c.Sources {
		if o, ok := s.(*Official); ok {
			o.lists().doubt(p.OS)
		}
	}
}
