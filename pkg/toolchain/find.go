package toolchain

import (
	"cmp"
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
	chooser, ok := i.Source.(*release.Chooser)
	if !ok || answer == nil {
		return nil, nil
	}
	for _, a := range chooser.Recall(v, i.Platform) {
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

// fetch gets v from where its source has it. Where that breaks off, and there
// are other sources, they are asked in turn; a mismatch is nobody else's affair.
func (i *Installer) fetch(ctx context.Context, v goversion.Version, answer *answer, goroot string) (*obtained, error) {
	source, failed := i.Source, error(nil)
	for {
		artifact, err := source.Find(ctx, v, i.Platform)
		if err != nil {
			return nil, cmp.Or(failed, err)
		}
		got, err := i.fetchFrom(ctx, artifact, answer, goroot)
		if err == nil || !isLineFault(err) || ctx.Err() != nil {
			return got, err
		}
		chooser, ok := source.(*release.Chooser)
		if !ok {
			return nil, err
		}
		rest := chooser.Without(artifact.Source)
		if rest == nil {
			return nil, cmp.Or(failed, err)
		}
		i.say(fmt.Sprintf("%s: %v; asking others", v, err))
		source, failed = rest, err
	}
}

func (i *Installer) fetchFrom(ctx context.Context, a *release.Artifact, answer *answer, goroot string) (*obtained, error) {
	switch {
	case a.SumDB != "":
		log, err := i.OpenLog(a.SumDB)
		if err != nil {
			return nil, err
		}
		answer = i.ask(ctx, log, a.Version)
	case answer == nil:
		answer = i.ask(ctx, i.Log, a.Version)
	}
	j := &job{Installer: i, artifact: a, answer: answer, goroot: goroot}
	got, err := j.obtain(ctx)
	if chooser, ok := i.Source.(*release.Chooser); ok && isRefused(err) {
		chooser.Doubt(i.Platform)
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
		module, version := moduleOf(v, i.Platform)
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
