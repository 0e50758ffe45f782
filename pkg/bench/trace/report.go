package trace

import "time"

// Schema is the version of the JSON of a [Report].
const Schema = 1

// A Report is what a trace says. Durations are in nanoseconds in JSON, those called
// At count from the start of the trace. Lists are sorted by total, the largest first.
type Report struct {
	Schema      int           `json:"schema"`
	Format      string        `json:"format"` // of the trace: "1.26" is that of Go 1.26
	Bytes       int64         `json:"bytes"`
	Events      int64         `json:"events"`
	Generations int           `json:"generations"`
	Started     *time.Time    `json:"started,omitempty"` // by the wall clock; since Go 1.25
	Duration    time.Duration `json:"duration_ns"`
	GOMAXPROCS  int           `json:"gomaxprocs"` // the largest there was
	Goroutines  int64         `json:"goroutines"` // that were heard of
	Running     time.Duration `json:"running_ns"` // of all goroutines, outside of system calls
	// OtherStacks is how many spans are charged to one stack together, "(other stacks)",
	// as there are more than 32768 different ones in the trace.
	OtherStacks int64     `json:"other_stacks"`
	Syscalls    Syscalls  `json:"syscalls"`
	Scheduler   Scheduler `json:"scheduler"`
	Ps          Ps        `json:"ps"`
	LongRuns    LongRuns  `json:"long_runs"`
	Stops       []Stop    `json:"stops"` // by reason
	GC          GC        `json:"gc"`
}

// A Sum is how many there were, and how long they took together.
type Sum struct {
	Count int64         `json:"count"`
	Total time.Duration `json:"total_ns"`
}

// A Latency is how long each of many spans took. Count, Total and Max are exact, so
// are the quantiles of up to 64 spans; those of more are within 1.6 %.
type Latency struct {
	Count int64         `json:"count"`
	Total time.Duration `json:"total_ns"`
	P50   time.Duration `json:"p50_ns"`
	P90   time.Duration `json:"p90_ns"`
	P99   time.Duration `json:"p99_ns"`
	Max   time.Duration `json:"max_ns"`
}

// Syscalls are all system calls that Go traces: those that may block.
type Syscalls struct {
	Latency
	LostP   int64         `json:"lost_p"` // calls in which the goroutine lost its P
	LeftOut Sum           `json:"left_out"`
	Open    Sum           `json:"open"`
	Sites   []SyscallSite `json:"sites"`
}

// A SyscallSite is one place in the code, and all that leads to it.
type SyscallSite struct {
	Stack Stack `json:"stack"`
	Latency
	MaxAt   time.Duration `json:"max_at_ns"`
	LostP   int64         `json:"lost_p"`
	Lost    Lost          `json:"lost"`
	WithP   time.Duration `json:"with_p_ns"`    // of those that lost it, until then
	Without time.Duration `json:"without_p_ns"` // of those, from then on
	LeftOut Sum           `json:"left_out"`     // by go tool trace, of Latency
	Open    Sum           `json:"open"`         // had not ended with the trace, beside Latency
}

// Lost is how Ps were lost in system calls.
type Lost struct {
	HandedOff int64 `json:"handed_off"` // by the goroutine, which knew that it would block
	Retaken   int64 `json:"retaken"`    // by the runtime's monitor, as others could use it
	Stopped   int64 `json:"stopped"`    // by a stop of the world, or of all Ps
	Unseen    int64 `json:"unseen"`     // the trace does not say how and when
}

// A Scheduler is how long goroutines were runnable before they ran.
type Scheduler struct {
	Latency
	LeftOut    Sum       `json:"left_out"`
	Open       Sum       `json:"open"`
	Migrations int64     `json:"migrations"` // runs on another P than the one before
	Causes     []Cause   `json:"causes"`
	Sites      []Wakeup  `json:"sites"`
	Backlog    int       `json:"most_runnable"` // goroutines at one moment
	Idle       IdleWaits `json:"idle"`
}

// A Cause is why goroutines became runnable: "created", "unblocked", "preempted",
// "yielded", "syscall exit", "other", or "before the trace".
type Cause struct {
	Cause string `json:"cause"`
	Latency
	MaxAt     time.Duration `json:"max_at_ns"`
	Migrated  int64         `json:"migrated"`
	WhileIdle time.Duration `json:"while_idle_ns"` // of Total, with a P that idled
	LeftOut   Sum           `json:"left_out"`
	Open      Sum           `json:"open"`
}

// A Wakeup is a place at which goroutines became runnable: the stack is that of who
// created or unblocked them, where they were preempted or yielded, or that of their
// system call. None is that of the runtime: its timers, and what waits for the network.
type Wakeup struct {
	Cause
	Stack Stack `json:"stack"`
}

// IdleWaits are goroutines that were runnable while a P idled. Some of that is what it
// takes to wake a P up.
type IdleWaits struct {
	Total    time.Duration `json:"total_ns"`    // of all waits, as far as a P idled
	Together time.Duration `json:"together_ns"` // in which that was so, of the trace
	Limit    time.Duration `json:"limit_ns"`    // 10 medians of all waits, at least 1 ms
	Long     int64         `json:"long"`        // waits in which a P idled for longer
	Max      time.Duration `json:"max_ns"`      // in one wait
	IdleTime time.Duration `json:"any_idle_ns"` // in which any P idled, of the trace
}

// Ps are what became of the Ps.
type Ps struct {
	Starts int64 `json:"starts"` // of one that idled
	Lost   Lost  `json:"lost"`   // in system calls
}

// LongRuns are runs of a goroutine in which nothing preempted it for too long.
type LongRuns struct {
	Limit time.Duration `json:"limit_ns"`
	Sum
	Max    time.Duration `json:"max_ns"`
	Places []LongRun     `json:"places"`
}

// A LongRun is where such runs ended, and how: "preempted", "syscall", "exit" ...
type LongRun struct {
	Sum
	Max          time.Duration `json:"max_ns"`
	MaxAt        time.Duration `json:"max_at_ns"`
	MaxGoroutine int64         `json:"max_goroutine"`
	Ended        string        `json:"ended"`
	Entry        *Frame        `json:"entry,omitempty"` // where the goroutine began
	Stack        Stack         `json:"stack"`
}

// A Stop is all stops of the world for one reason.
type Stop struct {
	Reason string `json:"reason"`
	Latency
	MaxAt    time.Duration `json:"max_at_ns"`
	Stopping Latency       `json:"stopping"` // until no other P ran
}

// GC is what the garbage collector did. Assists are goroutines that allocate and must
// help it first.
type GC struct {
	Cycles  Latency       `json:"cycles"`     // the concurrent mark phases that ended
	Assists Latency       `json:"assists"`    // from begin to end, waits included
	Assist  time.Duration `json:"assist_ns"`  // of Running, in assists
	Workers time.Duration `json:"workers_ns"` // of Running, by the collector's goroutines
}
