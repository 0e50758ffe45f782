package gc

import (
	"bytes"
	"io"
	"io/fs"
	"math"
	"path"
	"strings"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// A Pressure is how short of memory the machine and our control group were. What
// this machine does not tell is in Absent, and not zero.
type Pressure struct {
	Group   string   `json:"group,omitempty"` // the directory of the control group that had the least room
	Samples []Memory `json:"samples"`
	// Events are those of memory.events during the measurement: "low", "high", "max",
	// "oom", "oom_kill"; "failcnt" of version 1.
	Events map[string]uint64 `json:"events,omitempty"`
	Absent []string          `json:"absent,omitempty"`
}

// A Memory is one sample, in bytes; 0 is not known, and for a limit none as well.
type Memory struct {
	At        time.Duration `json:"at_ns"`
	Current   uint64        `json:"current,omitempty"` // of the control group
	High      uint64        `json:"high,omitempty"`
	Max       uint64        `json:"max,omitempty"`
	Available uint64        `json:"available,omitempty"` // MemAvailable of the machine
	// Some and Full are for how long, since the measurement began, some task of the
	// machine or all of them waited for memory (PSI).
	Some time.Duration `json:"some_ns,omitempty"`
	Full time.Duration `json:"full_ns,omitempty"`
}

// What [Pressure] may have in Absent.
const (
	groupMemory  = "memory.current"
	groupEvents  = "memory.events"
	pressureFile = "proc/pressure/memory"
	available    = "MemAvailable"
)

// eventNames are the lines of memory.events.
var eventNames = [...]string{"low", "high", "max", "oom", "oom_kill"}

// A gauge is a file of the kernel that is kept open: each read at 0 is a new answer.
type gauge struct {
	file fs.File
	buf  []byte
	text []byte // the answer, until the next one
}

func openGauge(root fs.FS, name string) *gauge {
	file, err := root.Open(strings.TrimPrefix(name, "/"))
	if err != nil {
		return nil
	}
	g := &gauge{file: file, buf: make([]byte, 4<<10)}
	if g.read(); len(g.text) == 0 {
		file.Close()
		return nil
	}
	return g
}

func (g *gauge) read() {
	if g == nil {
		return
	}
	g.text = nil
	if at, ok := g.file.(io.ReaderAt); ok {
		n, _ := at.ReadAt(g.buf, 0)
		g.text = g.buf[:n]
	}
}

func (g *gauge) close() {
	if g != nil {
		g.file.Close()
	}
}

// number is the one after a name that begins a line, or the first of the text where
// the name is empty. ok is false for "max" and where there is none.
func (g *gauge) number(name string) (n uint64, ok bool) {
	if g == nil {
		return 0, false
	}
	text := g.text
	for len(name) > 0 {
		i := bytes.Index(text, []byte(name))
		if i < 0 {
			return 0, false
		}
		first := i == 0 || text[i-1] == '\n'
		if text = text[i+len(name):]; first && len(text) > 0 && (text[0] == ' ' || text[0] == ':') {
			break
		}
	}
	return digits(text)
}

// digits reads a number after spaces and a colon.
func digits(text []byte) (n uint64, ok bool) {
	text = bytes.TrimLeft(text, ": ")
	for i, c := range text {
		if c < '0' || c > '9' || n > math.MaxUint64/10-1 {
			return n, i > 0
		}
		n = n*10 + uint64(c-'0')
	}
	return n, len(text) > 0
}

// total is the microseconds of a line of PSI:
// "some avg10=0.00 avg60=0.00 avg300=0.00 total=6645135752".
func (g *gauge) total(kind string) time.Duration {
	if g == nil {
		return 0
	}
	_, line, _ := bytes.Cut(g.text, []byte(kind+" "))
	line, _, _ = bytes.Cut(line, []byte("\n"))
	_, after, _ := bytes.Cut(line, []byte("total="))
	us, _ := digits(after)
	return time.Duration(us) * time.Microsecond
}

// A groupGauge is the memory of one control group.
type groupGauge struct {
	dir                string
	current, high, max *gauge
}

// A pressureReader samples how short of memory it is. The zero value samples nothing.
type pressureReader struct {
	groups        []groupGauge
	events, fails *gauge
	psi, meminfo  *gauge
	some, full    time.Duration // at the beginning
	before        [len(eventNames)]uint64
	failsBefore   uint64
	samples       []Memory
	costs         []int64 // of the samples, in nanoseconds
	tightest      int     // of groups, in the last sample
}

func newPressureReader(root fs.FS, d time.Duration) *pressureReader {
	n := int(d/interval) + 16
	p := &pressureReader{samples: make([]Memory, 0, n), costs: make([]int64, 0, n)}
	for _, dir := range bench.MemoryGroups(root) {
		g := groupGauge{
			dir:     dir,
			current: openEither(root, dir, "memory.current", "memory.usage_in_bytes"),
			high:    openGauge(root, path.Join(dir, "memory.high")),
			max:     openEither(root, dir, "memory.max", "memory.limit_in_bytes"),
		}
		if g.current == nil {
			continue
		}
		if p.groups = append(p.groups, g); len(p.groups) == 1 {
			p.events = openGauge(root, path.Join(dir, "memory.events"))
			p.fails = openGauge(root, path.Join(dir, "memory.failcnt"))
		}
	}
	p.psi, p.meminfo = openGauge(root, pressureFile), openGauge(root, "proc/meminfo")
	p.some, p.full = p.psi.total("some"), p.psi.total("full")
	for i, name := range eventNames {
		p.before[i], _ = p.events.number(name)
	}
	p.failsBefore, _ = p.fails.number("")
	return p
}

func openEither(root fs.FS, dir, v2, v1 string) *gauge {
	if g := openGauge(root, path.Join(dir, v2)); g != nil {
		return g
	}
	return openGauge(root, path.Join(dir, v1))
}

// read adds a sample. It allocates nothing.
func (p *pressureReader) read(at time.Duration) {
	began, m := time.Now(), Memory{At: at}
	least := uint64(math.MaxUint64)
	for i, g := range p.groups {
		current, high, most := g.read()
		if room := room(current, high, most); room < least || i == 0 {
			least, p.tightest = room, i
			m.Current, m.High, m.Max = current, high, most
		}
	}
	p.meminfo.read()
	if kib, ok := p.meminfo.number(available); ok {
		m.Available = kib << 10
	}
	p.psi.read()
	if p.psi != nil {
		m.Some, m.Full = p.psi.total("some")-p.some, p.psi.total("full")-p.full
	}
	p.samples = append(p.samples, m)
	p.costs = append(p.costs, int64(time.Since(began)))
}

// unlimited is more than any limit: version 1 says "none" with the largest number of
// whole pages.
const unlimited = 1 << 62

func (g groupGauge) read() (current, high, most uint64) {
	g.current.read()
	g.high.read()
	g.max.read()
	current, _ = g.current.number("")
	high, _ = g.high.number("")
	if most, _ = g.max.number(""); most >= unlimited {
		most = 0
	}
	return current, high, most
}

// room is how much more memory a group may take.
func room(current, high, most uint64) uint64 {
	room := uint64(math.MaxUint64)
	for _, limit := range [...]uint64{high, most} {
		if limit > 0 {
			room = min(room, limit-min(current, limit))
		}
	}
	return room
}

// end closes the files. What it returns has what happened since the beginning.
func (p *pressureReader) end() *Pressure {
	out := &Pressure{Samples: p.samples}
	if len(p.groups) > 0 {
		out.Group = p.groups[p.tightest].dir
	}
	out.Absent = p.absent()
	out.Events = p.since()
	for _, g := range p.groups {
		g.current.close()
		g.high.close()
		g.max.close()
	}
	for _, g := range []*gauge{p.events, p.fails, p.psi, p.meminfo} {
		g.close()
	}
	return out
}

func (p *pressureReader) absent() (list []string) {
	for _, file := range []struct {
		name    string
		missing bool
	}{
		{groupMemory, len(p.groups) == 0},
		{groupEvents, p.events == nil && p.fails == nil},
		{pressureFile, p.psi == nil},
		{available, p.meminfo == nil},
	} {
		if file.missing {
			list = append(list, file.name)
		}
	}
	return list
}

func (p *pressureReader) since() map[string]uint64 {
	events := make(map[string]uint64)
	p.events.read()
	for i, name := range eventNames {
		if n, ok := p.events.number(name); ok {
			events[name] = n - min(p.before[i], n)
		}
	}
	p.fails.read()
	if n, ok := p.fails.number(""); ok {
		events["failcnt"] = n - min(p.failsBefore, n)
	}
	return events
}
