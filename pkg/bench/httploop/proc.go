package httploop

import (
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

func (s *state) read(name string) (string, error) {
	text, err := fs.ReadFile(s.root, name)
	return strings.TrimSpace(string(text)), err
}

// listening is what the kernel has counted of full accept queues, in this network
// namespace: others in it count as well.
type listening struct{ overflows, drops int64 }

func (s *state) counters() (l listening, err error) {
	text, err := s.read("proc/net/netstat")
	if err != nil {
		return l, err
	}
	values := counters(text)
	var ok, also bool
	l.overflows, ok = values["TcpExt.ListenOverflows"]
	l.drops, also = values["TcpExt.ListenDrops"]
	if !ok || !also {
		return l, fmt.Errorf("/proc/net/netstat has no ListenOverflows and ListenDrops")
	}
	return l, nil
}

// counters reads pairs of lines: names, and then their values.
func counters(text string) map[string]int64 {
	values := make(map[string]int64)
	var names []string
	for line := range strings.Lines(text) {
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		if len(names) != len(words) || names[0] != words[0] {
			names = words
			continue
		}
		for i := 1; i < len(words); i++ {
			if v, err := strconv.ParseInt(words[i], 10, 64); err == nil {
				values[strings.TrimSuffix(words[0], ":")+"."+names[i]] = v
			}
		}
		names = nil
	}
	return values
}

var waiting = regexp.MustCompile(`(?m)^TCP: inuse \d+ orphan \d+ tw (\d+)`)

// timeWait is how many TCP connections have ended and keep their ports: for a minute
// each. It is -1 where the machine does not tell.
func (s *state) timeWait() int64 {
	text, _ := s.read("proc/net/sockstat")
	found := waiting.FindStringSubmatch(text)
	if found == nil {
		return -1
	}
	n, _ := strconv.ParseInt(found[1], 10, 64)
	return n
}

// timeWaits adds how many there were before the load and are after it.
func (s *state) timeWaits(before int64) {
	if after := s.timeWait(); before >= 0 && after >= 0 {
		s.value("TimeWait/when=before", "count", bench.Diagnostic, float64(before))
		s.value("TimeWait/when=after", "count", bench.Diagnostic, float64(after))
	}
}

// newConnections is how many new connections one measurement may make: a tenth of the
// ports that there are for an address of the server. Some of them are still taken a
// minute later. All measurements of a run use less than the half.
func (s *state) newConnections() int64 {
	text, _ := s.read("proc/sys/net/ipv4/ip_local_port_range")
	var lo, hi int64
	if n, _ := fmt.Sscan(text, &lo, &hi); n != 2 || hi <= lo {
		lo, hi = 32768, 60999 // the kernel's own
	}
	return (hi - lo + 1) / 10
}
