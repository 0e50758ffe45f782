package fakerelease

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"go/version"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Server serves releases. Its documents, by path:
//
//	/dl/                 the list, as https://go.dev/dl/?mode=json&include=all
//	/go/go1.22.5...      the tarballs, as https://dl.google.com/go/
//	/proxy/...           the module golang.org/toolchain, as a GOPROXY
//	/proxy/sumdb/NAME/   the checksum database, as a GOPROXY relays it
//	/sumdb/              the checksum database itself
type Server struct {
	*httptest.Server
	Releases []Release

	log *checksumLog

	mu        sync.Mutex
	documents map[string][]byte
	asked     []string
	intercept func(http.ResponseWriter, *http.Request) bool
}

// Start serves the releases until the test ends.
func Start(tb testing.TB, releases ...Release) *Server {
	tb.Helper()
	log, err := newChecksumLog(releases)
	require.NoError(tb, err)
	s := &Server{Releases: releases, log: log, documents: documents(releases)}
	s.Server = httptest.NewServer(s)
	tb.Cleanup(s.Close)
	return s
}

// ListURL is the value of GOLANG_WSL_LIST_URL.
func (s *Server) ListURL() string { return s.URL + "/dl/" }

// Mirror is the value of GOLANG_WSL_MIRROR.
func (s *Server) Mirror() string { return s.URL + "/go" }

// GOPROXY is the value of GOPROXY.
func (s *Server) GOPROXY() string { return s.URL + "/proxy" }

// GOSUMDB is the value of GOSUMDB: the database's name, key and address.
func (s *Server) GOSUMDB() string { return s.Key() + " " + s.URL + "/sumdb" }

// Key is the value of GOSUMDB that names no address: the proxy must relay.
func (s *Server) Key() string { return s.log.key }

// Env is the environment that makes this server the helper's whole world.
func (s *Server) Env() []string {
	return []string{
		"GOLANG_WSL_LIST_URL=" + s.ListURL(),
		"GOLANG_WSL_MIRROR=" + s.Mirror(),
		"GOPROXY=" + s.GOPROXY(),
		"GOSUMDB=" + s.GOSUMDB(),
	}
}

// Replace answers requests for a path with this body from now on. A nil body
// means that there is no such document.
func (s *Server) Replace(path string, body []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.documents[path] = body
}

// AddModule serves the zip of another module from now on, at /proxy and in the log.
// The log has h1 as its sum, whether that is right or not.
func (s *Server) AddModule(path, version, h1 string, zip []byte) {
	s.Replace("/proxy/"+path+"/@v/"+version+".zip", zip)
	s.log.add(path, version, fmt.Appendf(nil, "%s %s %s\n%[1]s %[2]s/go.mod %[3]s\n", path, version, h1))
}

// Intercept calls fn before each request is answered. Where fn returns true it
// has written the answer, or has chosen to write none.
func (s *Server) Intercept(fn func(http.ResponseWriter, *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.intercept = fn
}

// Asked counts the requests, other than HEAD, whose path contains part.
func (s *Server) Asked(part string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := 0
	for _, path := range s.asked {
		if strings.Contains(path, part) {
			n++
		}
	}
	return n
}

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	if r.Method != http.MethodHead {
		s.asked = append(s.asked, r.URL.Path)
	}
	intercept, log := s.intercept, s.log
	body, known := s.documents[r.URL.Path]
	s.mu.Unlock()

	if intercept != nil && intercept(w, r) {
		return
	}
	if !known && log.serve(w, r) {
		return
	}
	if body == nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("ETag", fmt.Sprintf("%q", fmt.Sprintf("%x", sha256.Sum256(body))[:16]))
	w.Header().Set("Content-Type", contentType(r.URL.Path))
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

func contentType(path string) string {
	switch {
	case path == "/dl/", strings.HasSuffix(path, ".info"):
		return "application/json"
	case strings.HasSuffix(path, ".gz"), strings.HasSuffix(path, ".zip"):
		return "application/octet-stream"
	}
	return "text/plain; charset=utf-8"
}

// documents are all documents that do not change, by path.
func documents(releases []Release) map[string][]byte {
	docs := make(map[string][]byte)
	for name, body := range proxyFiles(releases) {
		docs["/proxy/"+name] = body
	}
	for _, r := range releases {
		docs["/go/"+r.ArchiveName()] = r.Tarball()
	}
	docs["/dl/"] = List(releases)
	return docs
}

// proxyFiles are the files of a GOPROXY with these toolchains.
func proxyFiles(releases []Release) map[string][]byte {
	files := make(map[string][]byte)
	var list strings.Builder
	for _, r := range releases {
		at := modulePath + "/@v/" + r.ModuleVersion()
		files[at+".info"] = fmt.Appendf(nil, `{"Version":%q,"Time":"2024-06-27T20:11:12Z"}`+"\n", r.ModuleVersion())
		files[at+".mod"] = []byte(goMod)
		files[at+".zip"] = r.Zip()
		list.WriteString(r.ModuleVersion() + "\n")
	}
	files[modulePath+"/@v/list"] = []byte(list.String())
	return files
}

// WriteProxy writes the toolchains below dir as a GOPROXY that file:// can name.
func WriteProxy(dir string, releases ...Release) error {
	for name, body := range proxyFiles(releases) {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, body, 0o644); err != nil {
			return err
		}
	}
	return nil
}

type listed struct {
	Version string       `json:"version"`
	Stable  bool         `json:"stable"`
	Files   []listedFile `json:"files"`
}

type listedFile struct {
	Filename string `json:"filename"`
	OS       string `json:"os"`
	Arch     string `json:"arch"`
	Version  string `json:"version"`
	SHA256   string `json:"sha256"`
	Size     int    `json:"size"`
	Kind     string `json:"kind"`
}

// List is the answer of go.dev for these releases, the newest first.
func List(releases []Release) []byte {
	byVersion := make(map[string]*listed)
	for _, r := range releases {
		name := "go" + r.Version
		if byVersion[name] == nil {
			byVersion[name] = &listed{Version: name, Stable: !strings.ContainsAny(r.Version, "br")}
		}
		byVersion[name].Files = append(byVersion[name].Files, listedFile{
			Filename: r.ArchiveName(), OS: "linux", Arch: r.archiveArch(), Version: name,
			SHA256: r.SHA256(), Size: len(r.Tarball()), Kind: "archive",
		})
	}
	all := make([]*listed, 0, len(byVersion))
	for _, l := range byVersion {
		all = append(all, l)
	}
	slices.SortFunc(all, func(a, b *listed) int {
		return cmp.Or(version.Compare(b.Version, a.Version), strings.Compare(a.Version, b.Version))
	})
	body, err := json.MarshalIndent(all, "", " ")
	must(err)
	return body
}
