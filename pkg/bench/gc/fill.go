package gc

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// fill adds the numbers of a report to a run. GOGC, GOMEMLIMIT and GOMAXPROCS of the
// run become those of the program that was measured.
func (r *Report) fill(run *bench.Run) {
	setKey(run, "gogc", cmp.Or(r.Settings.GOGC, "100"))
	setKey(run, "gomemlimit", cmp.Or(r.Settings.GOMEMLIMIT, "off"))
	setKey(run, "gomaxprocs", strconv.Itoa(r.Procs))
	pauses := bench.Series{
		Name: r.name("Pause"), Unit: "ns", Role: bench.Headline, Batch: 1,
		Note: "both pauses of a cycle together",
	}
	for _, c := range r.Cycles {
		pauses.Samples = append(pauses.Samples, int64(c.Pause))
	}
	if r.Mixed {
		pauses.Note += ", of several programs"
	}
	run.Add(pauses)
	r.value(run, "NumGC", "cycles", bench.Headline, float64(r.NumGC))
	r.value(run, "PauseTotal", "ns", bench.Headline, float64(r.PauseTotal))
	r.value(run, "Lost", "cycles", bench.Diagnostic, float64(r.Lost))
	count := r.Count()
	for _, t := range Triggers() {
		r.value(run, "Trigger-"+string(t), "cycles", bench.Diagnostic, float64(count[t]))
	}
	r.fillCPU(run)
	r.fillHeap(run)
	r.fillPressure(run)
}

// name is that of a metric: GOMAXPROCS changes what it is.
func (r *Report) name(metric string) string {
	return fmt.Sprintf("%s/work=%s/procs=%d", metric, r.Workload, r.Procs)
}

func (r *Report) value(run *bench.Run, metric, unit string, role bench.Role, number float64) {
	run.AddValue(bench.Value{Name: r.name(metric), Unit: unit, Role: role, Number: number})
}

func setKey(run *bench.Run, name, value string) {
	i := slices.IndexFunc(run.Env, func(k bench.Key) bool { return k.Name == name })
	if i < 0 {
		i, run.Env = len(run.Env), append(run.Env, bench.Key{Name: name})
	}
	run.Env[i].Value = value
}

func (r *Report) fillCPU(run *bench.Run) {
	if r.CPU == nil {
		return
	}
	r.value(run, "CPU-gc", "%", bench.Headline, r.CPU.GC)
	r.value(run, "CPU-assist", "%", bench.Headline, r.CPU.Assist)
	r.value(run, "CPU-background", "%", bench.Diagnostic, r.CPU.Background)
	r.value(run, "CPU-idle", "%", bench.Diagnostic, r.CPU.Idle)
	r.value(run, "CPU-pause", "%", bench.Diagnostic, r.CPU.Pause)
}

func (r *Report) fillHeap(run *bench.Run) {
	if len(r.Heap) == 0 {
		return
	}
	for _, line := range []struct {
		metric string
		of     func(Point) uint64
	}{
		{"Live", func(p Point) uint64 { return p.Live }},
		{"Goal", func(p Point) uint64 { return p.Goal }},
	} {
		var most uint64
		for _, p := range r.Heap {
			most = max(most, line.of(p))
		}
		r.value(run, line.metric+"-first", "B", bench.Diagnostic, float64(line.of(r.Heap[0])))
		r.value(run, line.metric+"-last", "B", bench.Diagnostic, float64(line.of(r.Heap[len(r.Heap)-1])))
		r.value(run, line.metric+"-max", "B", bench.Diagnostic, float64(most))
	}
}

// fillPressure adds what the machine tells, and a key for what it does not.
func (r *Report) fillPressure(run *bench.Run) {
	p := r.Pressure
	if p == nil || len(p.Samples) == 0 {
		return
	}
	for _, name := range p.Absent {
		setKey(run, "absent-"+strings.ToLower(path.Base(name)), bench.Absent)
	}
	var used, least uint64
	for _, m := range p.Samples {
		used = max(used, m.Current)
		least = min(cmp.Or(least, m.Available), m.Available)
	}
	has := func(name string) bool { return !slices.Contains(p.Absent, name) }
	if has(groupMemory) {
		r.value(run, "Memory-current-max", "B", bench.Diagnostic, float64(used))
	}
	if has(available) {
		r.value(run, "Memory-available-min", "B", bench.Diagnostic, float64(least))
	}
	if has(pressureFile) {
		last := p.Samples[len(p.Samples)-1]
		r.value(run, "Memory-some", "us", bench.Diagnostic, float64(last.Some.Microseconds()))
		r.value(run, "Memory-full", "us", bench.Diagnostic, float64(last.Full.Microseconds()))
	}
	for _, name := range append(eventNames[:], "failcnt") {
		if n, ok := p.Events[name]; ok {
			r.value(run, "Memory-"+name, "events", bench.Diagnostic, float64(n))
		}
	}
}

// fillCost says what it cost to measure: for each reading, and of the whole time, in
// which other programs may have had the CPU in the middle of a reading.
func (r *Report) fillCost(run *bench.Run, readings, pressures []int64) {
	run.Add(bench.Series{Name: r.name("Cost-runtime"), Unit: "ns", Role: bench.Floor, Batch: 1, Samples: readings})
	run.Add(bench.Series{Name: r.name("Cost-memory"), Unit: "ns", Role: bench.Floor, Batch: 1, Samples: pressures})
	var sum int64
	for _, ns := range slices.Concat(readings, pressures) {
		sum += ns
	}
	if r.Wall > 0 {
		r.value(run, "Cost", "ppm", bench.Floor, 1e6*float64(sum)/float64(r.Wall))
	}
}

// fill adds what a report has no place for.
func (r *reader) fill(run *bench.Run, report *Report) {
	first, last := r.readings[0], r.readings[len(r.readings)-1]
	if report.Wall > 0 {
		report.value(run, "Allocated", "B/s", bench.Control, float64(last.allocs-first.allocs)/report.Wall.Seconds())
	}
	limited, before := 0, first.limiter
	for _, reading := range r.readings {
		if reading.limiter != before {
			limited, before = limited+1, reading.limiter
		}
	}
	report.value(run, "Limited", "readings", bench.Diagnostic, float64(limited))
}
