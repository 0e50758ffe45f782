package test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"time"
)

const loginPage = "<!DOCTYPE html>\n<html><body>Welcome to the hotel. Please sign in.</body></html>\n"

// An answer writes what a server says to one request, the nth of its kind, or
// reports false where the honest answer will do.
type answer func(n int, w http.ResponseWriter, r *http.Request) bool

// onPath makes the server give this answer wherever the path contains part. HEAD
// requests get the honest one: who lies about the size is found out early.
func (l *liar) onPath(part string, a answer) {
	var count atomic.Int32
	l.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
		if r.Method == http.MethodHead || !strings.Contains(r.URL.Path, part) {
			return false
		}
		return a(int(count.Add(1)), w, r)
	})
}

// onArchive is onPath for the archive.
func (l *liar) onArchive(a answer) { l.onPath(l.archivePath(), a) }

func (l *liar) archivePath() string {
	if bytes.HasPrefix(l.archive, []byte("PK")) {
		return "/proxy/golang.org/toolchain/@v/" + l.release.ModuleVersion() + ".zip"
	}
	return "/go/" + l.release.ArchiveName()
}

// replaceArchive serves another body and sums nothing anew.
func (l *liar) replaceArchive(body []byte) { l.Replace(l.archivePath(), body) }

// serve answers as the honest server would, with this body.
func serve(w http.ResponseWriter, r *http.Request, body []byte) {
	w.Header().Set("ETag", fmt.Sprintf(`"%d-%x"`, len(body), body[len(body)/2:][:8]))
	w.Header().Set("Content-Type", "application/octet-stream")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// A line that breaks after so many bytes.
type brittle struct {
	http.ResponseWriter
	left int
}

func (b *brittle) Write(p []byte) (int, error) {
	n, err := b.ResponseWriter.Write(p[:min(len(p), b.left)])
	if b.left -= n; b.left <= 0 {
		b.ResponseWriter.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
	return n, err
}

// resets breaks the line after offset(n) bytes of the nth answer, and not at all
// where that is negative.
func resets(body []byte, offset func(n int) int) answer {
	return func(n int, w http.ResponseWriter, r *http.Request) bool {
		at := offset(n)
		if at < 0 {
			return false
		}
		serve(&brittle{w, at}, r, body)
		return true
	}
}

// stalls sends some bytes of each answer up to the last one that stalls, and
// then nothing until the client gives up.
func stalls(body []byte, bytes, last int) answer {
	return func(n int, w http.ResponseWriter, r *http.Request) bool {
		if n > last {
			return false
		}
		w.Header().Set("Content-Length", fmt.Sprint(len(body)))
		if bytes > 0 {
			_, _ = w.Write(body[:bytes])
		}
		w.(http.Flusher).Flush()
		<-r.Context().Done()
		return true
	}
}

// status answers up to the last time with this status.
func status(code, last int, header ...string) answer {
	return func(n int, w http.ResponseWriter, _ *http.Request) bool {
		if n > last {
			return false
		}
		if len(header) == 2 {
			w.Header().Set(header[0], header[1])
		}
		http.Error(w, "not now", code)
		return true
	}
}

// loops redirects each request to itself, by a detour.
func loops(_ int, w http.ResponseWriter, r *http.Request) bool {
	to := r.URL.Path + "?detour"
	if r.URL.RawQuery == "detour" {
		to = r.URL.Path
	}
	http.Redirect(w, r, to, http.StatusFound)
	return true
}

// always is the last of answers that never end.
const always = 1 << 30
