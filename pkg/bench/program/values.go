package program

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// PeakMemory is the most memory that the process had, in bytes, and whether that is
// known. MaxRSS is not below what this process had itself when it started the other:
// execve(2) keeps the maximum. Where it is no more than that, PeakRSS is what is left,
// which knows nothing of the time after the last look.
func (o *Outcome) PeakMemory() (bytes int64, known bool) {
	if o.MaxRSS > o.floor {
		return o.MaxRSS, true
	}
	return o.Seen.PeakRSS, o.Seen.PeakRSS > 0
}

// ownPeak is the most memory that this process has had.
func ownPeak() int64 {
	var usage unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &usage); err != nil {
		return 0
	}
	return int64(usage.Maxrss) << 10
}

// Values are the numbers of an outcome: time, CPU time and memory are what people
// mean, the others explain them.
func (o *Outcome) Values() []bench.Value {
	ns := func(name string, d time.Duration, role bench.Role) bench.Value {
		return bench.Value{Name: name, Unit: "ns", Role: role, Number: float64(d)}
	}
	count := func(name string, n int64) bench.Value {
		return bench.Value{Name: name, Unit: "count", Role: bench.Diagnostic, Number: float64(n)}
	}
	values := []bench.Value{ns("Wall", o.Wall, bench.Headline), ns("CPU", o.CPU(), bench.Headline)}
	if bytes, known := o.PeakMemory(); known {
		values = append(values, bench.Value{Name: "MaxRSS", Unit: "B", Role: bench.Headline, Number: float64(bytes)})
	}
	return append(values,
		ns("User", o.User, bench.Diagnostic), ns("System", o.System, bench.Diagnostic),
		count("Nvcsw", o.Nvcsw), count("Nivcsw", o.Nivcsw),
		count("MinorFaults", o.MinorFaults), count("MajorFaults", o.MajorFaults),
		count("Exit", int64(o.Exit)))
}
