package gc

import (
	"math"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

// metricNames are what is read of runtime/metrics. All are there since Go 1.21.
var metricNames = [...]string{
	"/gc/cycles/forced:gc-cycles",
	"/gc/heap/allocs:bytes",
	"/gc/heap/goal:bytes",
	"/gc/heap/live:bytes",
	"/gc/scan/globals:bytes",
	"/gc/scan/stack:bytes",
	"/gc/gogc:percent",
	"/gc/gomemlimit:bytes",
	"/gc/limiter/last-enabled:gc-cycle",
	"/memory/classes/heap/objects:bytes",
	"/memory/classes/heap/released:bytes",
	"/memory/classes/total:bytes",
	"/sched/gomaxprocs:threads",
	"/cpu/classes/gc/mark/assist:cpu-seconds",
	"/cpu/classes/gc/mark/dedicated:cpu-seconds",
	"/cpu/classes/gc/mark/idle:cpu-seconds",
	"/cpu/classes/gc/pause:cpu-seconds",
	"/cpu/classes/gc/total:cpu-seconds",
	"/cpu/classes/total:cpu-seconds",
}

// A reading is what the runtime said at one moment.
type reading struct {
	at                                time.Duration // since the measurement began
	numGC                             int64         // by debug.ReadGCStats
	pauseTotal                        time.Duration
	forced, allocs, goal, live        uint64
	globals, stacks, gogc, memory     uint64
	limiter, heap, mapped, procs      uint64
	assist, background, idle, stopped float64
	collector, cpu                    float64
}

// A pause is that of one cycle: the two of it together.
type pause struct {
	n       int64
	end     time.Duration // since the measurement began
	length  time.Duration
	reading int // the first after it
}

// A reader reads what the runtime says, ten times a second, without stopping the
// world, as runtime.ReadMemStats would, and without allocating.
type reader struct {
	begin    time.Time
	samples  []metrics.Sample
	stats    debug.GCStats
	readings []reading
	pauses   []pause
	lost     int     // pauses that were no longer in the ring
	costs    []int64 // of the readings, in nanoseconds
}

// ring is how many pauses debug.ReadGCStats has.
const ring = 256

func newReader(d time.Duration) *reader {
	r := &reader{
		begin:    time.Now(),
		samples:  make([]metrics.Sample, len(metricNames)),
		readings: make([]reading, 0, int(d/interval)+16),
		costs:    make([]int64, 0, int(d/interval)+16),
		pauses:   make([]pause, 0, 200*int(d/time.Second+1)),
	}
	for i, name := range metricNames {
		r.samples[i].Name = name
	}
	r.stats.Pause = make([]time.Duration, 2*ring+3)
	r.stats.PauseEnd = make([]time.Time, 0, ring)
	return r
}

// read adds a reading, and the pauses since the one before.
func (r *reader) read() {
	at := time.Since(r.begin)
	debug.ReadGCStats(&r.stats)
	metrics.Read(r.samples)
	now := r.reading(at)
	if n := len(r.readings); n > 0 {
		r.since(r.readings[n-1].numGC)
	}
	r.readings = append(r.readings, now)
	r.costs = append(r.costs, int64(time.Since(r.begin)-at))
}

// since adds the pauses of the cycles after the nth, the oldest first.
func (r *reader) since(n int64) {
	have := int64(len(r.stats.Pause))
	if fresh := r.stats.NumGC - n; fresh > have {
		r.lost += int(fresh - have)
		n += fresh - have
	}
	for ; n < r.stats.NumGC; n++ {
		i := r.stats.NumGC - 1 - n
		r.pauses = append(r.pauses, pause{n + 1, r.stats.PauseEnd[i].Sub(r.begin), r.stats.Pause[i], len(r.readings)})
	}
}

// reading copies the samples, which are in the order of metricNames.
func (r *reader) reading(at time.Duration) reading {
	s := r.samples
	return reading{
		at: at, numGC: r.stats.NumGC, pauseTotal: r.stats.PauseTotal,
		forced: count(s[0]), allocs: count(s[1]), goal: count(s[2]), live: count(s[3]),
		globals: count(s[4]), stacks: count(s[5]), gogc: count(s[6]), memory: count(s[7]),
		limiter: count(s[8]), heap: count(s[9]), mapped: count(s[11]) - count(s[10]), procs: count(s[12]),
		assist: seconds(s[13]), background: seconds(s[14]), idle: seconds(s[15]), stopped: seconds(s[16]),
		collector: seconds(s[17]), cpu: seconds(s[18]),
	}
}

// count is a sample, or 0 where this runtime does not have it.
func count(s metrics.Sample) uint64 {
	if s.Value.Kind() != metrics.KindUint64 {
		return 0
	}
	return s.Value.Uint64()
}

func seconds(s metrics.Sample) float64 {
	if s.Value.Kind() != metrics.KindFloat64 {
		return 0
	}
	return s.Value.Float64()
}

// limits are GOGC and GOMEMLIMIT as the runtime has them.
func (r reading) limits() limits {
	return limits{percent: r.gogc, off: r.gogc == math.MaxUint64, memory: r.memory}
}

// cpuSince is where the CPU time went between the last cycle before a reading and
// the last one before this. It is nil where that is the same one.
func (r reading) cpuSince(old reading) *CPU {
	all := (r.cpu - old.cpu) / 100
	if all <= 0 {
		return nil
	}
	return &CPU{
		GC: (r.collector - old.collector) / all, Assist: (r.assist - old.assist) / all,
		Background: (r.background - old.background) / all, Idle: (r.idle - old.idle) / all,
		Pause: (r.stopped - old.stopped) / all,
	}
}
