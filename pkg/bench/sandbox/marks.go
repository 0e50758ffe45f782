package sandbox

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A payload that forks twice and begins a session of its own has no parent, group or
// session left by which it could be found, and its environment is its own. What it
// cannot be rid of are its resource limits. RLIMIT_LOCKS has had no effect since Linux
// 2.6, goes from parent to child, is in /proc/PID/limits for everybody, and by default
// is unlimited: a number there that only one cell has says whose a process is.
const (
	markLimit = 10 // RLIMIT_LOCKS, on all architectures
	markLeast = 1 << 30
)

// newMark is a number that fits 32-bit kernels, too.
func newMark() uint64 { return markLeast + rand.Uint64N(markLeast-1) }

func setMark(mark uint64) error {
	return syscall.Setrlimit(markLimit, &syscall.Rlimit{Cur: mark, Max: mark})
}

// A crowd is the processes that have a mark.
type crowd struct {
	mark  uint64
	child int // the one that this process has started, and that its starter waits for; 0 where there is none
}

// emptyScans are how many in a row must find nobody. A process that forks and ends may
// be in none of the places that one scan looks at: its child is not there when the scan
// begins, and it is gone when the scan comes to it.
const emptyScans = 3

// kill kills all of them, and what they start meanwhile, until there is none.
func (c crowd) kill(ctx context.Context) error {
	var living []int
	empty, scans := 0, 0
	err := until(ctx, func() (bool, error) {
		var ended int
		living, ended = c.stop()
		for _, pid := range living {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		// Who has just ended may have forked. Nobody may wait for it, ever.
		if scans++; len(living) > 0 || ended > 0 && scans < 20 {
			empty = 0
		} else {
			empty++
		}
		return empty == emptyScans, nil
	})
	if err != nil {
		return fmt.Errorf("kill the processes %s: %w", pidText(living), err)
	}
	return nil
}

// stop stops all of them before any is killed: a fork bomb that is killed one by one is
// as quick as its killer.
func (c crowd) stop() (living []int, ended int) {
	last := -1
	for range 100 {
		living, ended = c.scan()
		if len(living) == last || len(living) == 0 {
			break
		}
		last = len(living)
		for _, pid := range living {
			_ = syscall.Kill(pid, syscall.SIGSTOP)
		}
	}
	return living, ended
}

// scan looks at all processes, those first that began last: they are who may be gone
// soon. It returns those that live, and how many have ended that nobody has waited for.
func (c crowd) scan() (living []int, ended int) {
	want := []byte(strconv.FormatUint(c.mark, 10))
	entries, _ := os.ReadDir("/proc")
	var pids []int
	for _, entry := range entries {
		if pid, err := strconv.Atoi(entry.Name()); err == nil {
			pids = append(pids, pid)
		}
	}
	slices.Sort(pids)
	for _, pid := range slices.Backward(pids) {
		limits, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/limits")
		if err != nil || !bytes.Contains(limits, want) || !hasMark(limits, string(want)) {
			continue
		}
		switch s, err := readStat(pid); {
		case err != nil || s.state == 'X':
			ended++
		case s.state != 'Z':
			living = append(living, pid)
		case s.parent != os.Getpid():
			ended++
		case c.child != 0 && pid != c.child:
			// An orphan became a child of this process, which is a subreaper.
			_, _ = unix.Wait4(pid, nil, unix.WNOHANG, nil)
			ended++
		}
	}
	return living, ended
}

func hasMark(limits []byte, mark string) bool {
	for line := range bytes.Lines(limits) {
		if rest, ok := bytes.CutPrefix(line, []byte("Max file locks")); ok {
			words := strings.Fields(string(rest))
			return len(words) > 1 && words[1] == mark
		}
	}
	return false
}

// A stat is of /proc/PID/stat what we need.
type stat struct {
	state         byte
	parent, group int
	start         uint64 // in ticks since the machine started: with the number it names a process
}

func readStat(pid int) (s stat, err error) {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return s, err
	}
	return parseStat(string(text))
}

func parseStat(text string) (s stat, err error) {
	// 4242 (a ) name) S 1 4242 ...
	fields := strings.Fields(text[strings.LastIndexByte(text, ')')+1:])
	if len(fields) < 20 {
		return s, errors.New("no stat: " + text)
	}
	s.state = fields[0][0]
	s.parent, _ = strconv.Atoi(fields[1])
	s.group, _ = strconv.Atoi(fields[2])
	s.start, err = strconv.ParseUint(fields[19], 10, 64)
	return s, err
}

func pidText(pids []int) string {
	var words []string
	for _, pid := range pids {
		words = append(words, strconv.Itoa(pid))
	}
	return strings.Join(words, ", ")
}

// until tries again until something is done, every few milliseconds. The error is that
// of the last try, or of ctx.
func until(ctx context.Context, done func() (bool, error)) error {
	wait := time.Millisecond
	for {
		ok, err := done()
		if ok {
			return nil
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return firstError(err, ctx.Err())
		case <-timer.C:
		}
		wait = min(2*wait, 50*time.Millisecond)
	}
}
