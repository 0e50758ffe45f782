package checksumdb

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"sync"

	"golang.org/x/mod/sumdb"
	"golang.org/x/mod/sumdb/note"
)

// A session is one Lookup: the operations that a sumdb.Client wants, with a context.
//
// Each Lookup has a client of its own because a client remembers failures for as long
// as it lives, knows no context, and flattens errors to text. The session keeps the
// first error as it was, and stops everything after it.
type session struct {
	db     *DB
	ctx    context.Context
	cancel context.CancelFunc
	fresh  bool // leave the cache unread

	mu        sync.Mutex
	err       error  // the first failure of an operation
	evidence  string // what the client passed to SecurityError
	unproven  bool   // the client refused an answer although all operations worked
	fromCache bool   // something was read from the cache
	answer    answer // what came for the lookup
	heard     []file // remote answers, for Options.Record
	pending   []file // cache files that wait for proof
}

type file struct {
	path string
	data []byte
}

func (db *DB) newSession(ctx context.Context, fresh bool) *session {
	s := &session{db: db, fresh: fresh}
	s.ctx, s.cancel = context.WithCancel(ctx)
	return s
}

// lookup runs the client and says what its error really was.
func (s *session) lookup(path, version string) (Record, error) {
	defer s.cancel()
	lines, err := sumdb.NewClient(s).Lookup(path, version)
	switch {
	case err == nil:
	case s.evidence != "":
		return Record{}, s.lie("it has signed two histories that contradict each other", s.evidence)
	case s.err != nil:
		return Record{}, s.err
	default:
		s.unproven = true
		text := strings.TrimPrefix(err.Error(), path+"@"+version+": ")
		return Record{}, s.lie(strings.Join(strings.Fields(text), " "), "")
	}
	h1, err := findH1(lines)
	if err != nil {
		return Record{}, s.lie(fmt.Sprintf("record %d: %v", s.answer.id, err), "")
	}
	s.flush()
	s.report()
	return Record{H1: h1, ID: s.answer.id, TreeSize: s.answer.tree.N, DB: s.db.set.Name}, nil
}

func (s *session) lie(summary, evidence string) *SecurityError {
	return &SecurityError{DB: s.db.set.Name, Summary: summary, Evidence: evidence}
}

// suspectsCache reports, after a SecurityError, whether the cache may be what is wrong.
func (s *session) suspectsCache() bool { return s.unproven && s.fromCache }

// fail keeps the first failure and ends the requests of the others.
func (s *session) fail(err error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = err
		s.cancel()
	}
	return s.err
}

func (s *session) failed() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// ReadRemote is for sumdb.Client. After a failure it fails at once: the client would
// go on to ask for other tiles.
func (s *session) ReadRemote(p string) ([]byte, error) {
	if err := s.failed(); err != nil {
		return nil, err
	}
	got, data, err := s.fetch(p)
	if err != nil {
		return nil, s.fail(err)
	}
	s.mu.Lock()
	s.heard = append(s.heard, file{path.Join("sumdb", s.db.set.Name, got.path), got.data})
	s.mu.Unlock()
	return data, s.keep(p, data)
}

// keep remembers the answer to the lookup itself, from which Record is made.
func (s *session) keep(p string, data []byte) error {
	if !isLookup(p) {
		return nil
	}
	a, err := parseAnswer(data, s.db.verifiers)
	if err != nil {
		return s.fail(err)
	}
	s.mu.Lock()
	s.answer = a
	s.mu.Unlock()
	return nil
}

// ReadConfig is for sumdb.Client: the key, or the stored tree head.
func (s *session) ReadConfig(name string) ([]byte, error) {
	if name == "key" {
		return []byte(s.db.set.Key), nil
	}
	if s.db.opts.CacheDir == "" {
		return nil, nil
	}
	data, err := s.db.state().read(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil && len(data) > 0 {
		_, err = note.Open(data, s.db.verifiers)
	}
	if err != nil {
		return nil, s.fail(fmt.Errorf("read stored tree head %s: %w", s.db.state().path(name), err))
	}
	return data, nil
}

// WriteConfig is for sumdb.Client: it replaces the stored head if it is still old.
// The tiles that led to the new head go first, so that whoever has the head can
// prove with it offline what was proven with the old one.
func (s *session) WriteConfig(name string, old, new []byte) error {
	if s.db.opts.CacheDir == "" {
		return nil
	}
	s.flush()
	err := s.db.state().swap(s.ctx, name, old, new)
	if err != nil && !errors.Is(err, sumdb.ErrWriteConflict) {
		return s.fail(fmt.Errorf("store tree head: %w", err))
	}
	return err
}

// ReadCache is for sumdb.Client. What is not even whole is not there.
func (s *session) ReadCache(name string) ([]byte, error) {
	if s.db.opts.CacheDir == "" || s.fresh {
		return nil, fs.ErrNotExist
	}
	data, err := s.db.state().read(name)
	if err != nil {
		return nil, err
	}
	p := strings.TrimPrefix(name, s.db.set.Name)
	if err := checkAnswer(p, data, s.db.verifiers); err != nil {
		return nil, err
	}
	s.mu.Lock()
	s.fromCache = true
	s.mu.Unlock()
	return data, s.keep(p, data)
}

// WriteCache is for sumdb.Client.
func (s *session) WriteCache(name string, data []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending = append(s.pending, file{name, data})
}

// flush writes the cache files. They are proven under a head, but until that head is
// known to continue the stored one, they might belong to another history. A failure
// to write costs a request later and nothing else.
func (s *session) flush() {
	s.mu.Lock()
	files := s.pending
	s.pending = nil
	s.mu.Unlock()
	if s.db.opts.CacheDir == "" {
		return
	}
	for _, f := range files {
		_ = s.db.state().write(f.path, f.data)
	}
}

// report hands the remote answers to Options.Record.
func (s *session) report() {
	if s.db.opts.Record == nil || len(s.heard) == 0 {
		return
	}
	s.db.recording.Lock()
	defer s.db.recording.Unlock()
	s.db.opts.Record(path.Join("sumdb", s.db.set.Name, "supported"), []byte{})
	for _, f := range s.heard {
		s.db.opts.Record(f.path, f.data)
	}
}

// Log is for sumdb.Client, which never calls it.
func (s *session) Log(string) {}

// SecurityError is for sumdb.Client: a fork, with its proof.
func (s *session) SecurityError(msg string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.evidence = msg
}
