package gc

import (
	"math"
	"regexp"
	"strconv"
	"time"
)

// cycleLine is a line of GODEBUG=gctrace=1:
//
//	gc 1 @0.012s 2%: 0.018+1.3+0.076 ms clock, 0.054+0.35/1.2/3.0+0.23 ms cpu, 4->4->2 MB, 5 MB goal, 0 MB stacks, 0 MB globals, 4 P (forced)
//
// Go 1.18 to 1.26 write the same. Before 1.18 there were no stacks and globals, and
// 1.26 says "(checking for goroutine leaks)" after the percentage where it does so.
// It is not bound to the ends of a line: the program may have written before it, or
// right after it.
var cycleLine = regexp.MustCompile(`gc (\d+) @(\d+\.\d+)s (\d+)%(?: \([a-z ]+\))?: ` +
	`([\d.]+)\+([\d.]+)\+([\d.]+) ms clock, ([\d.]+)\+([\d.]+)/([\d.]+)/([\d.]+)\+([\d.]+) ms cpu, ` +
	`(\d+)->(\d+)->(\d+) MB, (\d+) MB goal, (?:(\d+) MB stacks, (\d+) MB globals, )?(\d+) P( \(forced\))?`)

// parseCycle reads a line of which groups are those of cycleLine. ok is false where
// a number is too large to be one.
func parseCycle(line []byte, groups []int) (c Cycle, ok bool) {
	n := numbers{line: line, groups: groups}
	p := new(Phases)
	c.N, c.At, p.Percent = int(n.int(1)), time.Duration(n.float(2)*1e9+0.5), int(n.int(3))
	for i := range p.Clock {
		p.Clock[i] = n.ms(4 + i)
	}
	for i := range p.CPU {
		p.CPU[i] = n.ms(7 + i)
	}
	p.Start, p.End, c.Live, c.Goal = n.mb(12), n.mb(13), n.mb(14), n.mb(15)
	p.Stacks, p.Globals, p.Procs = n.mb(16), n.mb(17), int(n.int(18))
	if n.text(19) != "" {
		c.Trigger = Forced
	}
	c.Pause, c.Phases = p.Clock[0]+p.Clock[2], p
	return c, !n.bad
}

// numbers are the groups of a match.
type numbers struct {
	line   []byte
	groups []int
	bad    bool
}

func (n *numbers) text(i int) string {
	if n.groups[2*i] < 0 {
		return ""
	}
	return string(n.line[n.groups[2*i]:n.groups[2*i+1]])
}

func (n *numbers) int(i int) uint64 {
	v, err := strconv.ParseUint(n.text(i), 10, 32)
	n.bad = n.bad || err != nil
	return v
}

// mb is a number of MiB as bytes, and 0 where the line has none. The goal with
// GOGC=off is 8532210231537 MB and the like.
func (n *numbers) mb(i int) uint64 {
	if n.text(i) == "" {
		return 0
	}
	v, err := strconv.ParseUint(n.text(i), 10, 64)
	n.bad = n.bad || err != nil || v > math.MaxUint64>>20
	return v << 20
}

func (n *numbers) float(i int) float64 {
	v, err := strconv.ParseFloat(n.text(i), 64)
	n.bad = n.bad || err != nil || v > math.MaxInt64/1e10
	return v
}

func (n *numbers) ms(i int) time.Duration { return time.Duration(n.float(i)*1e6 + 0.5) }
