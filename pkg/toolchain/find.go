package toolchain

import (
	"context"
	"fmt"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/checksumdb"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/release"
)

// recall looks for an archive in the cache before anybody is asked where there
// is one: that also works offline, and whatever source answers first today, what
// another one gave before is not downloaded again. It returns nil, nil where
// there is nothing of use.
func (i *Installer) recall(ctx context.Context, v goversion.Version, answer *answer, goroot string) (*obtained, error) {
	source, ok := i.Source.(interface {
		Recall(goversion.Version, release.Platform) []*release.Artifact
	})
	if !ok || answer == nil {
		return nil, nil
	}
	for _, a := range source.Recall(v, i.Platform) {
		if a.Format == release.Zip && !i.Cache.hasZip() {
			continue // no need to wait for the database
		}
		j := &job{Installer: i, artifact: a, answer: answer, goroot: goroot}
		got, err := j.fromCache(ctx)
		if got != nil {
			i.say(fmt.Sprintf("%s: from the cache", v))
		}
		if got != nil || err != nil {
			return got, err
		}
	}
	return nil, nil
}

// fetch gets v from where its source has it.
func (i *Installer) fetch(ctx context.Context, v goversion.Version, answer *answer, goroot string) (*obtained, error) {
	artifact, err := i.Source.Find(ctx, v, i.Platform)
	if err != nil {
		return nil, err
	}
	switch {
	case artifact.SumDB != "":
		log, err := i.OpenLog(artifact.SumDB)
		if err != nil {
			return nil, err
		}
		answer = i.ask(ctx, log, v)
	case answer == nil:
		answer = i.ask(ctx, i.Log, v)
	}
	j := &job{Installer: i, artifact: artifact, answer: answer, goroot: goroot}
	got, err := j.obtain(ctx)
	if source, ok := i.Source.(interface{ Doubt(release.Platform) }); ok && isRefused(err) {
		source.Doubt(i.Platform)
	}
	return got, err
}

// answer is what the checksum database will have said.
type answer struct {
	done   chan struct{}
	record checksumdb.Record
	err    error
}

func (i *Installer) ask(ctx context.Context, log Log, v goversion.Version) *answer {
	a := &answer{done: make(chan struct{})}
	go func() {
		defer close(a.done)
		module, version, _ := moduleOf(v, i.Platform)
		a.record, a.err = log.Lookup(ctx, module, version)
	}()
	return a
}

func (a *answer) wait(ctx context.Context) (checksumdb.Record, error) {
	select {
	case <-a.done:
		return a.record, a.err
	case <-ctx.Done():
		return checksumdb.Record{}, context.Cause(ctx)
	}
}
