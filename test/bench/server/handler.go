package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/release"
)

// handler serves large files with sendfile(2) and all others from memory.
func (r *served) handler() (http.Handler, error) {
	list, err := r.officialList()
	if err != nil {
		return nil, err
	}
	proxy := "/proxy/golang.org/toolchain/@v/"
	mux := http.NewServeMux()
	text(mux, "/dl/", list)
	file(mux, "/go/"+r.Tarball, r.TarballPath, r.SHA256)
	text(mux, "/go/"+r.Tarball+".sha256", []byte(r.SHA256))
	text(mux, proxy+"list", []byte(r.module+"\n"))
	text(mux, proxy+r.module+".info", fmt.Appendf(nil, `{"Version":%q,"Time":"2026-01-01T00:00:00Z"}`, r.module))
	text(mux, proxy+r.module+".mod", []byte("module golang.org/toolchain"))
	file(mux, proxy+r.module+".zip", r.zipPath, r.module)
	mux.Handle("/proxy/sumdb/", &relay{base: r.proxy.Join(""), answers: make(map[string]*answer)})
	return mux, nil
}

func text(mux *http.ServeMux, path string, body []byte) {
	mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", fmt.Sprintf(`"%d"`, len(body)))
		http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
	})
}

func file(mux *http.ServeMux, path, name, etag string) {
	mux.HandleFunc(path, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"`+etag+`"`)
		w.Header().Set("Content-Type", "application/octet-stream")
		http.ServeFile(w, r, name)
	})
}

// relay passes requests on to the real proxy, once. Every round of a comparison
// then sees the same database, as quick as everything else.
type relay struct {
	base    string
	mu      sync.Mutex
	answers map[string]*answer
}

type answer struct {
	code int
	body []byte
}

func (x *relay) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	a, err := x.answer(strings.TrimPrefix(r.URL.Path, "/proxy/"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	w.WriteHeader(a.code)
	_, _ = w.Write(a.body)
}

func (x *relay) answer(path string) (*answer, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if a := x.answers[path]; a != nil {
		return a, nil
	}
	resp, err := http.Get(strings.TrimSuffix(x.base, "/") + "/" + path)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode < 500 {
		x.answers[path] = &answer{resp.StatusCode, body}
	}
	return &answer{resp.StatusCode, body}, err
}

// architectures that a real list names for each version.
var architectures = []string{"386", "amd64", "arm", "arm64", "loong64", "mips", "mipsle", "ppc64", "ppc64le", "riscv64", "s390x"}

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
	Size     int64  `json:"size"`
	Kind     string `json:"kind"`
}

// officialList is the list of go.dev with all that the helper's table knows, so that
// to read it costs what it costs in life, and with the version that is served.
func (r *served) officialList() ([]byte, error) {
	v, err := goversion.Parse(r.Version)
	if err != nil {
		return nil, err
	}
	one := func(v goversion.Version, p release.Platform, sum string, size int64) listedFile {
		name := "go" + v.String()
		arch := strings.TrimPrefix(p.Archive(), p.OS+"-")
		return listedFile{name + "." + p.Archive() + ".tar.gz", p.OS, arch, name, sum, size, "archive"}
	}
	list := []*listed{{"go" + r.Version, true, []listedFile{one(v, r.platform, r.SHA256, r.TarballBytes)}}}
	rows := make(map[goversion.Version]*listed)
	var order []goversion.Version
	for _, arch := range architectures {
		p := release.Platform{OS: r.platform.OS, Arch: arch}
		for _, v := range r.known.Versions(p) {
			if rows[v] == nil {
				rows[v] = &listed{Version: "go" + v.String(), Stable: v.IsStable()}
				order = append(order, v)
			}
			sum, _ := r.known.Sum(v, p)
			rows[v].Files = append(rows[v].Files, one(v, p, sum, 70_000_000))
		}
	}
	goversion.Sort(order)
	for i := len(order) - 1; i >= 0; i-- {
		if order[i] != v {
			list = append(list, rows[order[i]])
		}
	}
	return json.MarshalIndent(list, "", " ")
}
