package httploop

import (
	"context"
	"strconv"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// A Setting is one of the kernel's that has to do with many connections.
type Setting struct {
	Name   string `json:"name"`   // "net.core.somaxconn", "SO_REUSEPORT"
	Value  string `json:"value"`  // [bench.Absent] where the kernel has none; empty for what is no sysctl
	Tried  string `json:"tried"`  // what it does here, found out
	Advice string `json:"advice"` // to a developer of Go programs
}

// A setting is where a value is, how to try it, and what to say.
type setting struct {
	name, key, file string
	try             func(context.Context) string
	advice          func(value, tried string) string
}

func settings() []setting {
	return []setting{
		{"net.core.somaxconn", "somaxconn", "core/somaxconn", tryBacklog, adviseBacklog},
		{"net.ipv4.tcp_max_syn_backlog", "tcp_max_syn_backlog", "ipv4/tcp_max_syn_backlog", nil, adviseHalfOpen},
		{"net.ipv4.tcp_syncookies", "tcp_syncookies", "ipv4/tcp_syncookies", nil, adviseCookies},
		{"net.ipv4.tcp_tw_reuse", "tcp_tw_reuse", "ipv4/tcp_tw_reuse", tryPortAgain, advisePorts},
		{"net.ipv4.tcp_fastopen", "tcp_fastopen", "ipv4/tcp_fastopen", tryFastOpen, adviseFastOpen},
		{"SO_REUSEPORT", "so_reuseport", "", tryReusePort, adviseReusePort},
	}
}

// settings adds each value and what it does as keys of the run.
func (s *state) settings(ctx context.Context) error {
	for _, one := range settings() {
		if one.file != "" {
			value, err := s.read("proc/sys/net/" + one.file)
			if err != nil || value == "" {
				value = bench.Absent
			}
			s.key(one.key, value)
		}
		if one.try == nil {
			continue
		}
		tried := one.try(ctx)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		s.key(one.key+"-tried", tried)
	}
	return nil
}

// halfOpen is why nothing was tried of what holds for half-open connections.
const halfOpen = "not tried: no connection of the loopback stays half open"

// Settings is the table of what a run has found. It needs the keys only, so that a
// run that was read from a file has it as well; without them there is none.
func Settings(run *bench.Run) (table []Setting) {
	for _, one := range settings() {
		value, tried := run.Get(one.key), run.Get(one.key+"-tried")
		if value == "" && tried == "" {
			continue
		}
		if one.try == nil {
			tried = halfOpen
		}
		table = append(table, Setting{one.name, value, tried, one.advice(value, tried)})
	}
	return table
}

const leave = "leave it"

// enough is how many connections should fit where many programs connect at once.
const enough = 1024

func adviseBacklog(value, _ string) string {
	if n, err := strconv.Atoi(value); err == nil && n < enough {
		return "sysctl -w net.core.somaxconn=4096, then start servers again: Go asks for a queue of this length when it listens"
	}
	return leave + ": a server that overflows it must accept faster"
}

func adviseHalfOpen(string, string) string {
	return leave + ": it limits nothing while tcp_syncookies is 1 or 2"
}

func adviseCookies(value, _ string) string {
	if value == "0" {
		return "sysctl -w net.ipv4.tcp_syncookies=1: without it, half-open connections fill the queue for all others"
	}
	return leave
}

func advisePorts(value, tried string) string {
	if value == "0" || tried == portTaken {
		return "keep connections alive; or sysctl -w net.ipv4.tcp_tw_reuse=2, which gives ports of the loopback back after a second"
	}
	return leave + ", and keep connections alive: read each body to its end"
}

func adviseFastOpen(string, string) string {
	return leave + ": net/http does not use it"
}

func adviseReusePort(_, tried string) string {
	if tried == spreads {
		return "one listener is enough for Go; it helps where two processes share a port"
	}
	return "do not let two processes share a port here"
}
