package page

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/go-analyze/charts/chartdraw"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/gc"
)

// A heap is the report of one process, and what it was.
type heap struct {
	name   string
	report *gc.Report
}

// heaps are those of the passes that looked at the collector, and of runs of the probe
// that does so the first of each configuration, a clean one if there is any.
func (v *view) heaps() (list []heap) {
	for _, r := range v.data.GC {
		if r != nil {
			list = append(list, heap{r.Workload, r})
		}
	}
	runs, seen := inOrder(v.data.Set.Runs), make(map[string]bool)
	slices.SortStableFunc(runs, func(a, b *bench.Run) int { return strings.Compare(rowClass(a.Clean()), rowClass(b.Clean())) })
	for _, run := range runs {
		if run.Probe != "gc" || len(run.Detail) == 0 || seen[run.Config] {
			continue
		}
		r := new(gc.Report)
		if json.Unmarshal(run.Detail, r) == nil { // what is of another version has no picture
			seen[run.Config] = true
			list = append(list, heap{strings.TrimSpace("gc " + v.name(run.Config)), r})
		}
	}
	return list
}

// heapChart draws what each cycle left, and what the next one was to be over at.
func heapChart(r *gc.Report) *chart {
	if len(r.Heap) < 2 {
		return nil
	}
	var most float64
	goals := 0
	for _, p := range r.Heap {
		most = math.Max(most, math.Max(float64(p.Live), float64(p.Goal)))
		if p.Goal > 0 {
			goals++
		}
	}
	last := r.Heap[len(r.Heap)-1].At
	if most == 0 || last <= r.Heap[0].At {
		return nil
	}
	c := &chart{
		title:  "the heap over time: what each garbage collection left, and the goal of the next",
		height: 220,
		x:      timeAxis(r.Heap[0].At, last),
		y:      valueAxis([]float64{0, most}, "B"),
	}
	c.marks = append(c.marks, func(canvas *canvas) {
		canvas.line("live a", steps(r.Heap, func(p gc.Point) uint64 { return p.Live })...)
		if goals > 1 {
			canvas.line("goal b", steps(r.Heap, func(p gc.Point) uint64 { return p.Goal })...)
		}
	})
	return c
}

// mostSteps is how many steps a line has at most. Where there are more points the
// highest of those that fall together is drawn: peaks are what a reader looks for.
const mostSteps = 400

// steps is a line that stays where it is until the next point.
func steps(points []gc.Point, of func(gc.Point) uint64) (places [][2]float64) {
	per := (len(points) + mostSteps - 1) / mostSteps
	for i := 0; i < len(points); i += per {
		var value uint64
		for _, p := range points[i:min(i+per, len(points))] {
			value = max(value, of(p))
		}
		at := points[i].At.Seconds()
		if n := len(places); n > 0 {
			places = append(places, [2]float64{at, places[n-1][1]})
		}
		places = append(places, [2]float64{at, float64(value)})
	}
	return places
}

// timeAxis is for seconds since the program began.
func timeAxis(from, to time.Duration) axis {
	a := axis{lo: from.Seconds(), hi: to.Seconds()}
	for _, v := range nice(a.lo, a.hi, 4) {
		a.ticks = append(a.ticks, chartdraw.Tick{Value: v, Label: tick(v*1e9, "ns")})
	}
	return a
}

// heapWords is the line that says what the picture does, with what it cost.
func heapWords(r *gc.Report) string {
	text := fmt.Sprintf("%s in %s, which stopped the program for %s in all", count(r.NumGC, "garbage collection"), number(float64(r.Wall), "ns"), number(float64(r.PauseTotal), "ns"))
	if r.CPU != nil {
		text += fmt.Sprintf(" and took %.2g %% of the CPU time", r.CPU.GC)
	}
	if r.Source == gc.FromTrace {
		text += ". Read off gctrace in a run of its own, whole MiB"
	}
	return text + "."
}

// heapTable is the cycles one by one.
func heapTable(r *gc.Report) table {
	const most = 200
	t := table{Caption: "Each garbage collection", Head: []string{"cycle", "at", "left", "goal", "pauses", "began because"}}
	for _, c := range r.Cycles[:min(len(r.Cycles), most)] {
		t.Rows = append(t.Rows, row{Cells: []cell{
			{Text: fmt.Sprint(c.N), Number: true}, {Text: number(float64(c.At), "ns"), Number: true}, {Text: number(float64(c.Live), "B"), Number: true},
			{Text: number(float64(c.Goal), "B"), Number: true}, {Text: number(float64(c.Pause), "ns"), Number: true}, {Text: string(c.Trigger)},
		}})
	}
	if left := len(r.Cycles) - most; left > 0 {
		t.Note = fmt.Sprintf("%d more are in the bundle.", left)
	}
	return t
}
