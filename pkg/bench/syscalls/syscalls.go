// Package syscalls asks the kernel what it really does with the system calls that Go
// programs use: it does the real thing with each, and looks at what came of it. No
// version string is read, because WSL1 calls itself 4.4.0 and has what 5.x has, and
// seccomp takes away what a kernel could do.
//
//	probe := syscalls.New(syscalls.Options{Dir: dir, Start: start})
//	report, err := probe.Report(ctx)
//	for _, row := range report.Rows {
//		fmt.Println(row.Name, row.Verdict, row.Detail, row.Loses)
//	}
//
// A call may hang, or be answered with a signal. So each row is tried in a process of
// its own, which start has run the caller's program again for. There, the program
// does nothing but
//
//	json.NewEncoder(os.Stdout).Encode(syscalls.Child(name, dir))
//
// and ends. Child must have that process for itself: it locks memory, traces, forks
// and leaves descriptors open.
//
// A report is rows, and no samples: there is nothing to repeat and no interval to a
// verdict. A [bench.Run] gets them as environment keys, by which a comparison can see
// that two machines are not alike.
package syscalls

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// Verdict is one word about a system call. Where the kernel answered with an error,
// it is the name of that: "ENOSYS", "EPERM", "EOPNOTSUPP".
type Verdict string

// What is no error of the kernel.
const (
	Works   Verdict = "works"
	Wrong   Verdict = "wrong"   // it was accepted, and did something else
	Hangs   Verdict = "hangs"   // no answer before the deadline
	Killed  Verdict = "killed"  // by a signal: SIGSYS is that of seccomp
	Crashed Verdict = "crashed" // the process ended without an answer
	Unsure  Verdict = "unsure"  // could not be tried here; Detail says why
)

// An Answer is what came of trying one.
type Answer struct {
	Verdict Verdict `json:"verdict"`
	Detail  string  `json:"detail,omitempty"` // what was seen, without a final full stop; "" for what works
}

// A Row is one system call, or one use of it.
type Row struct {
	Group string `json:"group"` // "files"
	Name  string `json:"name"`  // "openat2", "clone3/CLONE_INTO_CGROUP"
	Loses string `json:"loses"` // what Go has to do without
	Answer
}

// A Report is what one machine answers, in the order of the table.
type Report struct {
	Dir     string `json:"dir"` // where files were tried
	Rows    []Row  `json:"rows"`
	Partial bool   `json:"partial,omitempty"` // it was ended early, and rows are missing
}

// Keys are the environment keys of a run: how many of each verdict, and which do not
// work. Both are the same for machines that answer alike.
func (r *Report) Keys() []bench.Key {
	count := make(map[Verdict]int)
	var not []string
	for _, row := range r.Rows {
		count[row.Verdict]++
		if row.Verdict != Works {
			not = append(not, fmt.Sprintf("%s=%s", row.Name, row.Verdict))
		}
	}
	verdicts := slices.SortedFunc(maps.Keys(count), func(a, b Verdict) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), cmp.Compare(a, b))
	})
	var sums []string
	for _, v := range verdicts {
		sums = append(sums, fmt.Sprintf("%s=%d", v, count[v]))
	}
	slices.Sort(not)
	return []bench.Key{{Name: "syscalls", Value: strings.Join(sums, " ")}, {Name: "syscalls-not", Value: strings.Join(not, " ")}}
}

// Options are for New.
type Options struct {
	// Start runs the caller's own program again; it must be there.
	Start Start
	// Dir is an existing directory on the file system that is asked about; it must be
	// there. What is put into it goes away again.
	Dir string
	// Only are the names to try; none is all.
	Only []string
	// Deadline is how long one may take; 0 is two seconds.
	Deadline time.Duration
	// Parallel is how many run at the same time; 0 is one per CPU.
	Parallel int
	// Progress is told of each row that is done, one at a time, where it is not nil.
	Progress func(done, all int)
}

// A Probe asks for all rows of a table.
type Probe struct{ o Options }

// New returns the probe for some options.
func New(o Options) *Probe { return &Probe{o} }

// Name is "syscalls".
func (p *Probe) Name() string { return "syscalls" }

// Measure is Report, with its Keys as the environment of run.
func (p *Probe) Measure(ctx context.Context, run *bench.Run) error {
	report, err := p.Report(ctx)
	run.Env = append(run.Env, report.Keys()...)
	run.Partial = run.Partial || report.Partial
	return err
}
