package syscalls

import (
	"errors"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// A probe is one row of the table, and how it is tried.
type probe struct {
	group, name string
	loses       string // what Go has to do without, and where that can be read
	// try does the real thing in a directory of its own, and may leave descriptors,
	// mappings and files behind: the process ends, and the directory is removed. An
	// error that is an errno is the kernel's answer, but for wrong and unsure.
	try func(dir string) error
}

// A wrong is an answer that the kernel should not have given.
type wrong string

func (w wrong) Error() string { return string(w) }

// wrongf may be handed errors that are nil.
func wrongf(format string, a ...any) error {
	return wrong(strings.ReplaceAll(fmt.Sprintf(format, a...), "<nil>", "no error"))
}

// An unsure says that something else was in the way.
type unsure struct{ error }

// setup marks what is no answer to the question, if there is an error at all.
func setup(what string, err error) error {
	if err == nil {
		return nil
	}
	return unsure{fmt.Errorf("%s: %w", what, err)}
}

// Child tries one row in this process, which is to end afterwards, and returns what
// came of it. It does not return where the system call hangs or kills.
func Child(name, dir string) Answer {
	i := slices.IndexFunc(table(), func(p probe) bool { return p.name == name })
	if i < 0 {
		return Answer{Unsure, "no such row: " + name}
	}
	return child(table()[i].try, dir)
}

func child(try func(string) error, dir string) Answer {
	runtime.LockOSThread() // masks of signals, priorities and traced processes belong to a thread
	debug.SetGCPercent(-1) // what the kernel has the address of is not collected
	runtime.GOMAXPROCS(4)  // a goroutine that the kernel holds does not hold the others
	err := try(dir)
	return answer(err)
}

// answer is what an error of try says.
func answer(err error) Answer {
	var w wrong
	var u unsure
	var errno unix.Errno
	switch {
	case err == nil:
		return Answer{Verdict: Works}
	case errors.As(err, &u):
		return Answer{Unsure, err.Error()}
	case errors.As(err, &w):
		return Answer{Wrong, err.Error()}
	case errors.As(err, &errno):
		a := Answer{Verdict: Verdict(errnoName(errno))}
		if err != error(errno) { // it says more than the name
			a.Detail = err.Error()
		}
		return a
	}
	return Answer{Unsure, err.Error()}
}

// errnoName has one name for 95, by the manual pages' use: that for sockets.
func errnoName(errno unix.Errno) string {
	switch name := unix.ErrnoName(errno); {
	case errno == unix.EOPNOTSUPP:
		return "EOPNOTSUPP"
	case name == "":
		return fmt.Sprintf("errno %d", int(errno))
	default:
		return name
	}
}

// Names are all rows, in the order of the table.
func Names() (names []string) {
	for _, p := range table() {
		names = append(names, p.name)
	}
	return names
}

// named are the probes of some names, in the order of the table; all for none.
func named(only []string) ([]probe, error) {
	for _, name := range only {
		if !slices.Contains(Names(), name) {
			return nil, fmt.Errorf("no row is called %q; there are %s", name, strings.Join(Names(), " "))
		}
	}
	return slices.DeleteFunc(table(), func(p probe) bool {
		return len(only) > 0 && !slices.Contains(only, p.name)
	}), nil
}

// table are the groups, in the order in which they are shown.
func table() []probe {
	return slices.Concat(
		in("start", startTable()), in("memory", memoryTable()), in("events", eventsTable()),
		in("files", filesTable()), in("locks", locksTable()), in("copies", copiesTable()), in("network", networkTable()),
		in("processes", processesTable()), in("tracing", tracingTable()), in("isolation", isolationTable()),
		in("kernel", kernelTable()),
	)
}

func in(group string, probes []probe) []probe {
	for i := range probes {
		probes[i].group = group
	}
	return probes
}
