package program

import (
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Looks are soon after the beginning, so that there is one of a short program, and
// then twice a second.
const (
	firstLook = 10 * time.Millisecond
	usualLook = 500 * time.Millisecond
)

// Seen is what looks at a process have found.
type Seen struct {
	// Ran and Delay are for how long its threads ran, and for how long they were ready
	// and had no CPU, added up. Of a thread that is not the first what happened after
	// the last look is not known, so that both are too small rather than too large.
	Ran, Delay time.Duration
	// PeakRSS is the most memory that it had by the last look, in bytes. Unlike MaxRSS it
	// begins at 0 when a process becomes another program: execve(2) keeps the maximum
	// of what was there before.
	PeakRSS int64
	// Threads is how many have been seen; 0 is that nothing was.
	Threads int
}

// A look reads /proc of one process, again and again.
type look struct {
	root  fs.FS
	dir   string
	first string // thread, which stays when the process is a zombie

	mu      sync.Mutex
	threads map[string][2]time.Duration // ran, delay
	peak    int64
}

func newLook(root fs.FS, pid int) *look {
	return &look{root: root, dir: fmt.Sprintf("proc/%d", pid), first: strconv.Itoa(pid), threads: make(map[string][2]time.Duration)}
}

// now reads all threads there are. What has gone meanwhile is no error.
func (l *look) now() {
	l.mu.Lock()
	defer l.mu.Unlock()
	entries, _ := fs.ReadDir(l.root, path.Join(l.dir, "task"))
	for _, e := range entries {
		l.thread(e.Name())
	}
	if text, err := fs.ReadFile(l.root, path.Join(l.dir, "status")); err == nil {
		l.peak = max(l.peak, kilobytes(string(text), "VmHWM:"))
	}
}

// last reads what there is of a zombie: its first thread.
func (l *look) last() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.thread(l.first)
}

// thread keeps the larger of what there was and is: the number of a thread that has
// ended may come again.
func (l *look) thread(id string) {
	text, err := fs.ReadFile(l.root, path.Join(l.dir, "task", id, "schedstat"))
	words := strings.Fields(string(text))
	if err != nil || len(words) < 2 {
		return
	}
	ran, errRan := strconv.ParseInt(words[0], 10, 64)
	delay, errDelay := strconv.ParseInt(words[1], 10, 64)
	if old := l.threads[id]; errRan == nil && errDelay == nil {
		l.threads[id] = [2]time.Duration{max(old[0], time.Duration(ran)), max(old[1], time.Duration(delay))}
	}
}

func (l *look) seen() (s Seen) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, t := range l.threads {
		s.Ran, s.Delay = s.Ran+t[0], s.Delay+t[1]
	}
	s.PeakRSS, s.Threads = l.peak, len(l.threads)
	return s
}

// kilobytes is a line of /proc/PID/status, in bytes: "VmHWM:     1234 kB".
func kilobytes(status, name string) int64 {
	for line := range strings.Lines(status) {
		if rest, ok := strings.CutPrefix(line, name); ok {
			n, _ := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(rest), "kB")), 10, 64)
			return n << 10
		}
	}
	return 0
}
