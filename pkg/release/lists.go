package release

import (
	"context"
	"crypto/sha256"
	"fmt"
	"path/filepath"
	"sync"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/download"
)

const (
	defaultMaxAge = 6 * time.Hour
	// A list has something to fall back on, so nobody waits long for it: not
	// offline, where asking fails at once, and not behind a wall that swallows
	// packets.
	listTries = 3
	listStall = 10 * time.Second
	// How long this process takes a failure for an answer.
	failureAge = time.Minute
)

// lists is the memory of one source, in the process and on disk: one list for
// each operating system.
type lists struct {
	path   func(os string) string // of the cached list, "" for none
	known  *Known
	maxAge time.Duration
	now    func() time.Time
	log    func(string)
	// fetch asks the network. old may be nil; its etag is what to compare with.
	fetch func(ctx context.Context, os string, old *record) (*record, error)

	mu   sync.Mutex
	memo map[string]listing
}

// A listing is a list and how far it can be trusted to be today's.
type listing struct {
	*record
	asked time.Time // when this process asked for it, zero if it came from the cache
	why   error     // what was wrong with the network; nil if the list is good
	date  string    // of the embedded table, if that is what this is
}

// cachePath returns the path function for the lists of one source. key is all
// that tells its servers from others; it may hold passwords, so it is hashed.
func cachePath(dir, source, key string) func(os string) string {
	sum := sha256.Sum256([]byte(key))
	return func(os string) string {
		if dir == "" {
			return ""
		}
		return filepath.Join(dir, "lists", fmt.Sprintf("%s-%s-%x.txt", source, os, sum[:6]))
	}
}

// cached returns a list that is young enough to be used without asking anyone.
func (l *lists) cached(os string) (listing, bool) {
	l.mu.Lock()
	m, ok := l.memo[os]
	l.mu.Unlock()
	if ok && m.why == nil && l.young(m.record) {
		return m, true
	}
	if old := l.read(os); old != nil && l.young(old) {
		return l.remember(os, listing{record: old}), true
	}
	return listing{}, false
}

// get returns the best list there is, which is the embedded table in the worst
// case. The error is the context's. With again set, a list from the cache does
// not do: the network has to be asked once in the life of the process.
func (l *lists) get(ctx context.Context, os string, again bool) (listing, error) {
	l.mu.Lock()
	m, ok := l.memo[os]
	l.mu.Unlock()
	if ok && !m.asked.IsZero() && l.now().Sub(m.asked) < failureAge {
		return m, nil
	}
	if !again {
		if m, ok := l.cached(os); ok {
			return m, nil
		}
	}
	old := l.read(os)
	fresh, err := l.fetch(ctx, os, old)
	if ctx.Err() != nil {
		return listing{}, ctx.Err()
	}
	switch {
	case err == nil:
		l.write(os, fresh)
		return l.remember(os, listing{record: fresh, asked: l.now()}), nil
	case old != nil:
		return l.remember(os, listing{record: old, asked: l.now(), why: err}), nil
	}
	known := &record{table: l.known.table}
	return l.remember(os, listing{record: known, asked: l.now(), why: err, date: l.known.Date()}), nil
}

func (l *lists) remember(os string, m listing) listing {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.memo == nil {
		l.memo = make(map[string]listing)
	}
	l.memo[os] = m
	return m
}

// young is false for lists from the future: the clock was wrong then, or is now.
func (l *lists) young(r *record) bool {
	age := l.now().Sub(r.checked)
	return age >= 0 && age < l.maxAge
}

// read returns the list on disk, nil if there is none. One that cannot be read
// is as good as none: it is fetched anew.
func (l *lists) read(os string) *record {
	if path := l.path(os); path != "" {
		if r, err := readRecord(path); err == nil && r.table.has(os) {
			return r
		}
	}
	return nil
}

func (l *lists) write(os string, r *record) {
	path := l.path(os)
	if path == "" || r.local {
		return
	}
	if err := r.save(path); err != nil {
		l.log(fmt.Sprintf("keep the release list: %v", err))
	}
}

// doubt makes the list on disk an old one. It stays, for want of a better one.
func (l *lists) doubt(os string) {
	if r := l.read(os); r != nil && l.young(r) {
		r.checked = r.checked.Add(-l.maxAge)
		l.write(os, r)
	}
}

// note says in one line what the user should know about the list, "" if nothing.
func (l *lists) note(m listing) string {
	switch {
	case m.why == nil:
		return ""
	case m.date != "":
		return fmt.Sprintf("using the built-in list of %s: %s", m.date, oneLine(m.why.Error()))
	}
	return fmt.Sprintf("using the list of %s ago: %s", age(l.now().Sub(m.checked)), oneLine(m.why.Error()))
}

// age is d in the largest unit that leaves a number worth reading.
func age(d time.Duration) string {
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d days", d/(24*time.Hour))
	case d >= time.Hour:
		return fmt.Sprintf("%dh", d/time.Hour)
	}
	return fmt.Sprintf("%dm", max(d, 0)/time.Minute)
}

// hasty is c for a document that can be done without.
func hasty(c *download.Client) *download.Client {
	h := *c
	if h.Retries == 0 || h.Retries > listTries {
		h.Retries = listTries
	}
	if h.Stall == 0 || h.Stall > listStall {
		h.Stall = listStall
	}
	return &h
}

func orNow(now func() time.Time) func() time.Time {
	if now == nil {
		return time.Now
	}
	return now
}

func orSilent(log func(string)) func(string) {
	if log == nil {
		return func(string) {}
	}
	return log
}

func orMaxAge(d time.Duration) time.Duration {
	if d == 0 {
		return defaultMaxAge
	}
	return d
}
