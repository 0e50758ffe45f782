package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"sync"
	"syscall"
)

// A Journal tells a guardian what is to be undone if this process ends without a word.
// Each thing is announced before it is made, and an announcement that does not arrive
// is an error: then it must not be made. What a method returns takes the announcement
// back, once the thing is undone. A nil Journal announces nothing.
type Journal struct {
	mu    sync.Mutex
	to    io.WriteCloser
	wait  func() error // for the guardian's end
	last  int
	ended bool
}

// An entry is a line of the journal: JSON, one of the fields besides ID.
type entry struct {
	ID     int    `json:"id"`
	Undone bool   `json:"undone,omitempty"` // the thing of that ID is no more
	Done   bool   `json:"done,omitempty"`   // the last line: there is nothing to do
	Group  string `json:"group,omitempty"`  // a control group: kill all in it and remove it
	Scope  *scope `json:"scope,omitempty"`
	Leave  string `json:"leave,omitempty"` // a group that was left for one inside it: go back
	Switch *set   `json:"switch,omitempty"`
	File   *saved `json:"file,omitempty"`
	Dir    string `json:"dir,omitempty"`  // remove it and all below
	Mark   uint64 `json:"mark,omitempty"` // kill all processes that have it
	Child  *child `json:"child,omitempty"`
}

// A scope is a unit of systemd.
type scope struct {
	Name string `json:"name"`
	User bool   `json:"user"`
}

// A set is what to write into a file to have it as it was.
type set struct{ Path, Off string }

// A saved is a file as it was.
type saved struct{ Path, Old string }

// A child is the leader of a process group, by number and time of its start.
type child struct {
	Group int
	Start uint64
}

// mostSaved is how much a file may have for Journal to remember it: a write to a pipe
// is all or nothing up to 4096 bytes.
const mostSaved = 2048

// NewJournal announces to a writer, which [Guard] reads.
func NewJournal(to io.WriteCloser) *Journal { return &Journal{to: to} }

// StartGuard starts the guardian, which argv makes of this program (see [Guard]), in a
// session of its own: Ctrl-C does not reach it. What it cannot undo it says on stderr.
func StartGuard(argv []string, stderr *os.File) (*Journal, error) {
	r, w, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("start the guardian: %w", err)
	}
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return nil, fmt.Errorf("start the guardian: %w", errors.Join(err, r.Close(), w.Close()))
	}
	p, err := os.StartProcess(argv[0], argv, &os.ProcAttr{
		Dir: "/", Files: []*os.File{r, null, stderr}, Sys: &syscall.SysProcAttr{Setsid: true},
	})
	_, _ = r.Close(), null.Close()
	if err != nil {
		return nil, fmt.Errorf("start the guardian: %w", errors.Join(err, w.Close()))
	}
	j := NewJournal(w)
	j.wait = func() error {
		state, err := p.Wait()
		if err == nil && !state.Success() {
			err = fmt.Errorf("the guardian: %s", state)
		}
		return err
	}
	return j, nil
}

// Mark announces processes that will have a mark.
func (j *Journal) Mark(mark uint64) (undone func(), err error) {
	return j.announce(entry{Mark: mark})
}

// Group announces a control group, by its directory.
func (j *Journal) Group(dir string) (undone func(), err error) {
	return j.announce(entry{Group: dir})
}

// leave announces that processes move into a group inside their own one.
func (j *Journal) leave(dir string) (undone func(), err error) {
	return j.announce(entry{Leave: dir})
}

// Scope announces a scope of systemd: of the system, or of the user's manager.
func (j *Journal) Scope(name string, user bool) (undone func(), err error) {
	return j.announce(entry{Scope: &scope{name, user}})
}

// File announces that a file which has old in it will have something else: at most 2048
// bytes, as control files are. It is written into, not replaced.
func (j *Journal) File(name, old string) (undone func(), err error) {
	if len(old) > mostSaved {
		return nil, fmt.Errorf("announce %s: %d bytes are too much to remember", name, len(old))
	}
	return j.announce(entry{File: &saved{name, old}})
}

// Dir announces a directory of files that nobody needs. The path is absolute, and not
// near the root.
func (j *Journal) Dir(name string) (undone func(), err error) {
	if !path.IsAbs(name) || path.Clean(name) != name || path.Dir(path.Dir(name)) == path.Dir(name) {
		return nil, fmt.Errorf("announce %q: that is not a directory to remove", name)
	}
	return j.announce(entry{Dir: name})
}

// Child announces a child that leads a process group and that no cell has, once it is
// there: between the two nothing but Pdeathsig ends it.
func (j *Journal) Child(pid int) (undone func(), err error) {
	s, err := readStat(pid)
	if err != nil {
		return nil, fmt.Errorf("announce the process %d: %w", pid, err)
	}
	return j.announce(entry{Child: &child{pid, s.start}})
}

func (j *Journal) announce(e entry) (undone func(), err error) {
	if j == nil {
		return func() {}, nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.last++
	e.ID = j.last
	if err := j.write(e); err != nil {
		return nil, fmt.Errorf("tell the guardian: %w", err)
	}
	return func() {
		j.mu.Lock()
		defer j.mu.Unlock()
		_ = j.write(entry{ID: e.ID, Undone: true}) // it would find nothing to undo
	}, nil
}

func (j *Journal) write(e entry) error {
	if j.ended {
		return os.ErrClosed
	}
	line, err := json.Marshal(e)
	if err != nil {
		return err
	}
	_, err = j.to.Write(append(line, '\n'))
	return err
}

// Done says that all is undone, and waits for the guardian to end. It is for the end of
// the program: what was announced and not taken back stays. It may be called twice.
func (j *Journal) Done() error {
	if j == nil {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.ended {
		return nil
	}
	err := j.write(entry{Done: true})
	j.ended = true
	return j.end(err)
}

// Abandon ends the journal as the end of this process would: the guardian undoes what
// was not taken back. It waits until that has happened.
func (j *Journal) Abandon() error {
	if j == nil {
		return nil
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.ended {
		return nil
	}
	j.ended = true
	return j.end(nil)
}

func (j *Journal) end(err error) error {
	err = errors.Join(err, j.to.Close())
	if j.wait != nil {
		err = errors.Join(err, j.wait())
	}
	return err
}
