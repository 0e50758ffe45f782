package fakerelease

import (
	"crypto/rand"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"strings"
	"sync"

	"golang.org/x/mod/sumdb"
	"golang.org/x/mod/sumdb/dirhash"
	"golang.org/x/mod/sumdb/note"
)

// sumDBName is the name in the database's key, and in the proxy's paths.
const sumDBName = "sum.fake.test"

// goMod is the go.mod that a proxy gives for a toolchain.
const goMod = "module " + modulePath + "\n"

// checksumLog is a checksum database with a key of its own.
type checksumLog struct {
	key     string // for who verifies
	signer  string // the other half of it
	handler http.Handler

	mu      sync.Mutex
	records map[string][]byte // by path@version
}

func newChecksumLog(releases []Release) (*checksumLog, error) {
	signer, key, err := note.GenerateKey(rand.Reader, sumDBName)
	if err != nil {
		return nil, err
	}
	return newHistory(signer, key, releases)
}

// newHistory is an empty log, signed with this key, that will know the releases.
func newHistory(signer, key string, releases []Release) (*checksumLog, error) {
	l := &checksumLog{key: key, signer: signer, records: make(map[string][]byte)}
	for _, r := range releases {
		body, err := record(r)
		if err != nil {
			return nil, err
		}
		l.add(modulePath, r.ModuleVersion(), body)
	}
	l.handler = sumdb.NewServer(sumdb.NewTestServer(signer, func(path, version string) ([]byte, error) {
		l.mu.Lock()
		defer l.mu.Unlock()
		body, ok := l.records[path+"@"+version]
		if !ok {
			return nil, fs.ErrNotExist
		}
		return body, nil
	}))
	return l, nil
}

func (l *checksumLog) add(path, version string, record []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.records[path+"@"+version] = record
}

// record is the text that the log keeps for a release.
func record(r Release) ([]byte, error) {
	modH1, err := dirhash.Hash1([]string{"go.mod"}, func(string) (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(goMod)), nil
	})
	if err != nil {
		return nil, err
	}
	return fmt.Appendf(nil, "%s %s %s\n%[1]s %[2]s/go.mod %[4]s\n", modulePath, r.ModuleVersion(), r.H1(), modH1), nil
}

// serve answers what is below /sumdb/ or the proxy's path for it, and reports
// whether the request was for either.
func (l *checksumLog) serve(w http.ResponseWriter, r *http.Request) bool {
	if r.URL.Path == "/proxy/sumdb/"+sumDBName+"/supported" {
		w.WriteHeader(http.StatusOK)
		return true
	}
	for _, prefix := range []string{"/proxy/sumdb/" + sumDBName, "/sumdb"} {
		if strings.HasPrefix(r.URL.Path, prefix+"/") {
			http.StripPrefix(prefix, l.handler).ServeHTTP(w, r)
			return true
		}
	}
	return false
}
