package fakerelease

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/http"
)

// Publish makes body the tarball of a release, and what the list says about it
// right: whoever made the tarball could also write the list.
func (s *Server) Publish(r Release, body []byte) {
	s.Replace("/go/"+r.ArchiveName(), body)
	sum := sha256.Sum256(body)
	s.relist(r, fmt.Sprintf("%x", sum), len(body))
}

// Announce makes the list say that a release has this sum, hex or "", and
// changes nothing else.
func (s *Server) Announce(r Release, sum string) { s.relist(r, sum, len(r.Tarball())) }

func (s *Server) relist(r Release, sum string, size int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var all []*listed
	must(json.Unmarshal(s.documents["/dl/"], &all))
	for _, l := range all {
		for i, f := range l.Files {
			if f.Filename == r.ArchiveName() {
				l.Files[i].SHA256, l.Files[i].Size = sum, size
			}
		}
	}
	body, err := json.Marshal(all)
	must(err)
	s.documents["/dl/"] = body
}

// Fork replaces the checksum database's log by an empty one that is signed with
// the same key and will describe these releases.
func (s *Server) Fork(releases ...Release) {
	log, err := newHistory(s.log.signer, s.log.key, releases)
	must(err)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = log
}

// Repent makes the server tell the truth again, but for the log: a second
// history that replaces the first is what no repentance can mend.
func (s *Server) Repent() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.documents, s.intercept = documents(s.Releases), nil
}

// ServeLog answers for the checksum database, whatever Intercept says.
func (s *Server) ServeLog(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	log := s.log
	s.mu.Unlock()
	if !log.serve(w, r) {
		http.NotFound(w, r)
	}
}
