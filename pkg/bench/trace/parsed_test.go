package trace_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/trace"
)

var (
	eventLine = regexp.MustCompile(`^M=-?\d+ P=(-?\d+) G=(-?\d+) (\w+) Time=(\d+)(?: (.*))?$`)
	goLine    = regexp.MustCompile(`^GoID=(\d+) (\w+)->(\w+) Reason="(.*)"$`)
	procLine  = regexp.MustCompile(`^ProcID=(\d+) (\w+)->(\w+) `)
	rangeLine = regexp.MustCompile(`^Name="(.*?)" Scope=(.*?)(?: Attributes=.*)?$`)
)

// A story is what a trace says, told from the text of go tool trace -d=parsed, in the
// simplest way there is.
type story struct {
	now      int64
	causes   map[string]trace.Sum // waits
	idle     map[string]int64     // of them, with a P that idled
	moved    map[string]int64
	stopping map[string]int64
	ranges   map[string]trace.Sum
	running  int64
	starts   int64
	retaken  int64
	long     int64

	state, since map[string]int64 // of goroutines: 'R'unning, 'W'aiting for a P, 'S'yscall
	cause        map[string]string
	idleSince    map[string]int64
	lastP, callP map[string]string
	began        map[string]int64
	procs        map[string]string
	idleTime     int64
	together     int64 // with a goroutine that waits
	most         int
	stopped      string
}

func tell(t *testing.T, b []byte) *story {
	t.Helper()
	file := filepath.Join(t.TempDir(), "trace.out")
	require.NoError(t, os.WriteFile(file, b, 0o644))
	text, err := exec.Command("go", "tool", "trace", "-d=parsed", file).Output()
	require.NoError(t, err)
	s := &story{
		causes: map[string]trace.Sum{}, idle: map[string]int64{}, moved: map[string]int64{},
		stopping: map[string]int64{}, ranges: map[string]trace.Sum{},
		state: map[string]int64{}, since: map[string]int64{}, cause: map[string]string{}, idleSince: map[string]int64{},
		lastP: map[string]string{}, callP: map[string]string{}, began: map[string]int64{}, procs: map[string]string{},
	}
	for line := range strings.SplitSeq(string(text), "\n") {
		if m := eventLine.FindStringSubmatch(line); m != nil {
			at, err := strconv.ParseInt(m[4], 10, 64)
			require.NoError(t, err)
			s.event(m[1], m[3], at, m[5])
		}
	}
	for id, state := range s.state {
		if state == 'R' {
			s.run(s.now - s.since[id])
		}
	}
	return s
}

func (s *story) event(p, kind string, at int64, rest string) {
	if s.now != 0 && s.idles() {
		s.idleTime += at - s.now
		if s.waiting() > 0 {
			s.together += at - s.now
		}
	}
	s.now = at
	switch m := goLine.FindStringSubmatch(rest); {
	case kind == "StateTransition" && m != nil && m[2] != m[3]:
		s.goroutine(p, m[1], m[2], m[3], m[4])
	case kind == "StateTransition":
		if m := procLine.FindStringSubmatch(rest); m != nil && m[2] != m[3] {
			s.proc(p, m[1], m[2], m[3])
		}
	case strings.HasPrefix(kind, "Range"):
		m := rangeLine.FindStringSubmatch(rest)
		s.span(p, kind, m[1], m[2])
	case kind == "Metric" && strings.Contains(rest, "gomaxprocs"):
		for i := range 2 { // as testdata/known has it
			if p := strconv.Itoa(i); s.procs[p] == "" {
				s.procs[p] = "none"
			}
		}
	}
}

// idles reports whether a P has nothing to do.
func (s *story) idles() bool {
	for _, state := range s.procs {
		if state == "Idle" {
			return s.stopped == ""
		}
	}
	return false
}

// waiting is how many goroutines could run.
func (s *story) waiting() (n int) {
	for _, state := range s.state {
		if state == 'W' {
			n++
		}
	}
	return n
}

func (s *story) run(d int64) {
	if s.running += d; d >= 20e6 {
		s.long++
	}
}

func (s *story) goroutine(p, g, from, to, reason string) {
	d := s.now - s.since[g]
	switch s.state[g] {
	case 'R':
		s.run(d)
	case 'W':
		c := s.cause[g]
		s.causes[c] = trace.Sum{Count: s.causes[c].Count + 1, Total: s.causes[c].Total + time.Duration(d)}
		s.idle[c] += s.idleTime - s.idleSince[g]
		if last := s.lastP[g]; last != "" && last != p {
			s.moved[c]++
		}
	}
	s.since[g] = s.now
	switch to {
	case "Running":
		s.state[g] = 'R'
		s.lastP[g] = p
	case "Runnable":
		s.state[g], s.idleSince[g] = 'W', s.idleTime
		s.most = max(s.most, s.waiting())
		s.cause[g] = map[string]string{"NotExist": "created", "Waiting": "unblocked", "Syscall": "syscall exit", "Undetermined": "before the trace"}[from]
		if from == "Running" {
			s.cause[g] = map[string]string{"preempted": "preempted", "runtime.Gosched": "yielded"}[reason]
		}
	case "Syscall":
		s.state[g] = 'S'
		s.callP[p] = g
	default:
		delete(s.state, g)
	}
	if from == "Syscall" {
		for p, other := range s.callP {
			if other == g {
				delete(s.callP, p)
			}
		}
	}
}

func (s *story) proc(p, id, from, to string) {
	s.procs[id] = to
	if to == "Running" && from == "Idle" {
		s.starts++
	}
	if to == "Idle" {
		if g := s.callP[id]; g != "" && p == "-1" {
			s.retaken++
		}
		delete(s.callP, id)
	}
	s.stand()
}

// stand sees whether the world has come to stand.
func (s *story) stand() {
	running := 0
	for _, state := range s.procs {
		if state == "Running" {
			running++
		}
	}
	if s.stopped != "" && running <= 1 && s.began["stood"] == 0 {
		s.began["stood"] = s.now
	}
}

func (s *story) span(p, kind, name, scope string) {
	key := name + scope
	if kind == "RangeActive" && s.began[key] != 0 {
		return // as a new generation begins
	}
	if kind != "RangeEnd" {
		s.began[key] = s.now
		if strings.HasPrefix(name, "stop-the-world") {
			s.stopped, s.began["stood"] = name, 0
			if strings.Contains(name, "start trace") {
				for id, state := range s.procs {
					if state == "none" && id != p {
						s.procs[id] = "Idle"
					}
				}
			}
			s.stand()
		}
		return
	}
	begin := s.began[key]
	delete(s.began, key)
	d := s.now - begin
	sum := trace.Sum{Count: s.ranges[name].Count + 1, Total: s.ranges[name].Total + time.Duration(d)}
	s.ranges[name] = sum
	if strings.HasPrefix(name, "stop-the-world") {
		stood := s.began["stood"]
		if stood == 0 {
			stood = s.now
		}
		s.stopping[name] += stood - begin
		s.stopped = ""
	}
}

// What go tool trace prints of each event, added up in the simplest way, is what the
// report says.
func TestAsParsed(t *testing.T) {
	for _, version := range versions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			b := recorded(t, version)
			s, r := tell(t, b), analyze(t, b)
			var idle, moved int64
			for _, c := range r.Scheduler.Causes {
				require.Equal(t, s.causes[c.Cause], trace.Sum{Count: c.Count, Total: c.Total}, c.Cause)
				require.Equal(t, s.moved[c.Cause], c.Migrated, c.Cause)
				require.Equal(t, s.idle[c.Cause], int64(c.WhileIdle), c.Cause)
				delete(s.causes, c.Cause)
				idle, moved = idle+int64(c.WhileIdle), moved+c.Migrated
			}
			require.Empty(t, s.causes)
			require.EqualValues(t, idle, r.Scheduler.Idle.Total)
			require.Equal(t, moved, r.Scheduler.Migrations)
			require.EqualValues(t, s.idleTime, r.Scheduler.Idle.IdleTime)
			require.EqualValues(t, s.together, r.Scheduler.Idle.Together)
			require.Equal(t, s.most, r.Scheduler.Backlog)
			require.EqualValues(t, s.running, r.Running)
			require.Equal(t, s.starts, r.Ps.Starts)
			require.Equal(t, s.retaken, r.Ps.Lost.Retaken)
			require.Equal(t, s.long, r.LongRuns.Count)
			for _, stop := range r.Stops {
				name := "stop-the-world (" + stop.Reason + ")"
				require.Equal(t, s.ranges[name], trace.Sum{Count: stop.Count, Total: stop.Total}, name)
				require.EqualValues(t, s.stopping[name], stop.Stopping.Total, name)
			}
			marks, assists := s.ranges["GC concurrent mark phase"], s.ranges["GC mark assist"]
			require.Equal(t, marks, trace.Sum{Count: r.GC.Cycles.Count, Total: r.GC.Cycles.Total})
			require.Equal(t, assists, trace.Sum{Count: r.GC.Assists.Count, Total: r.GC.Assists.Total})
		})
	}
}
