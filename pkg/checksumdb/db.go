package checksumdb

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/mod/module"
	"golang.org/x/mod/sumdb/note"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/download"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goproxy"
)

// defaultTimeout lets a slow proxy fetch from the database, and is short enough to wait for.
const defaultTimeout = 30 * time.Second

// Options say which database to ask, how, and where to remember it.
type Options struct {
	// GOSUMDB is the setting, see [ParseGOSUMDB].
	GOSUMDB string
	// Proxies is GOPROXY; the zero List asks the database itself.
	Proxies goproxy.List
	// CacheDir is where the state of all databases is kept. It is made when needed.
	//
	// If it is empty, nothing is remembered, not even from one Lookup to the next:
	// each proves its answer from an empty tree. That is right for bundles. Such a
	// Lookup asks for exactly the tiles that prove one record under one head; a
	// machine with a head of its own would need others, to compare the two.
	CacheDir string
	// Download fetches. It must not be nil.
	Download *download.Client
	// Timeout is for one answer, all tries included; 0 means 30 seconds.
	Timeout time.Duration
	// Record, if not nil, gets what the network answered to a Lookup, once the
	// Lookup has proven it, one call at a time. The path is below a GOPROXY:
	// "sumdb/sum.golang.org/tile/8/0/x001/234". The files make a directory that
	// serves as file:// GOPROXY; "supported" is among them. What comes from CacheDir
	// is not reported, so use no CacheDir to get everything.
	Record func(path string, data []byte)
}

// A Record is what the database has logged about one module version.
type Record struct {
	H1       string // hash of the module's files, "h1:..."
	ID       int64  // position in the log, from 0
	TreeSize int64  // number of records under the signed head that came with the answer
	DB       string // name of the database
}

// A DB looks up records. It may be used by several goroutines, and several
// processes may use the same CacheDir.
type DB struct {
	opts      Options
	set       Setting
	verifiers note.Verifiers
	recording sync.Mutex // held around Options.Record

	connecting chan struct{} // holds one token
	server     *server       // guarded by the token; nil until one was found
}

// Open prepares a database. It reads and asks nothing; errors are those of
// [ParseGOSUMDB].
func Open(opts Options) (*DB, error) {
	set, err := ParseGOSUMDB(opts.GOSUMDB)
	if err != nil {
		return nil, err
	}
	verifier, err := note.NewVerifier(set.Key)
	if err != nil {
		return nil, err
	}
	if opts.Timeout <= 0 {
		opts.Timeout = defaultTimeout
	}
	return &DB{
		opts:       opts,
		set:        set,
		verifiers:  note.VerifierList(verifier),
		connecting: make(chan struct{}, 1),
	}, nil
}

// Name is the name of the database, such as "sum.golang.org".
func (db *DB) Name() string { return db.set.Name }

// Lookup returns the proven record of a module version.
//
// Errors are [ErrNotFound]; *[SecurityError]; *goproxy.AnswerError for an answer that
// is none at all, such as a login page; *download.Error or *download.StatusError for
// the network; anything else is about the arguments or about files in CacheDir.
func (db *DB) Lookup(ctx context.Context, path, version string) (Record, error) {
	rec, err := db.lookup(ctx, path, version)
	if err != nil {
		return Record{}, fmt.Errorf("look up %s@%s: %w", path, version, err)
	}
	return rec, nil
}

// lookup tries a second time without the cache if the first failed its proof with
// something from there: a damaged tile on disk is no misbehaviour of a server, and
// tiles of two contradicting trees show only side by side that they do.
func (db *DB) lookup(ctx context.Context, path, version string) (Record, error) {
	if err := module.Check(path, version); err != nil {
		return Record{}, err
	}
	first := db.newSession(ctx, false)
	rec, err := first.lookup(path, version)
	var lie *SecurityError
	if !errors.As(err, &lie) || !first.suspectsCache() {
		return rec, err
	}
	rec, err = db.newSession(ctx, true).lookup(path, version)
	if err != nil && !errors.As(err, new(*SecurityError)) {
		err = fmt.Errorf("%w (the cached proof in %s is damaged: %s)", err, db.opts.CacheDir, lie.Summary)
	}
	return rec, err
}
