package trace

import (
	"fmt"
	"strconv"
	"time"
)

// From when on something is worth a look. Each is a choice, not a law.
const (
	blockedPart = 0.01                  // of the Ps' time, in system calls that then lost their P
	longWait    = 10 * time.Millisecond // p99 of waiting to run: the slice of another
	idlePart    = 0.01                  // of the trace, with a goroutine that waited and a P that idled
	longStop    = time.Millisecond      // of the world
	assistPart  = 0.05                  // of what goroutines ran
)

// Verdict is the report in five lines: system calls, waiting to run, idle Ps,
// preemption, stops of the world and the collector. Each says whether it is fine or
// worth a look, and why.
func (r *Report) Verdict() []string {
	return []string{
		line("System calls", r.callsVerdict),
		line("Waiting to run", r.waitsVerdict),
		line("Idle Ps", r.idleVerdict),
		line("Preemption", r.runsVerdict),
		line("Stops and GC", r.stopsVerdict),
	}
}

func line(subject string, verdict func() (look bool, text string)) string {
	look, text := verdict()
	if look {
		return subject + ": worth a look: " + text
	}
	return subject + ": fine: " + text
}

func (r *Report) callsVerdict() (bool, string) {
	s := r.Syscalls
	if s.Count == 0 {
		return false, "there were none that may block" + r.openCalls()
	}
	var with, without time.Duration
	worst := -1
	for i, site := range s.Sites {
		with, without = with+site.WithP, without+site.Without
		if site.LostP > 0 && (worst < 0 || site.Without+site.WithP > s.Sites[worst].Without+s.Sites[worst].WithP) {
			worst = i
		}
	}
	text := fmt.Sprintf("%s took %s", plural(s.Count, "call"), words(s.Total))
	if worst < 0 {
		return false, text + ", none lost its P" + r.openCalls()
	}
	site := s.Sites[worst]
	text += fmt.Sprintf("; in %d of them the P was lost, after %s, and missing for %s; most of that in %s (%s)",
		s.LostP, words(with), words(without), where(site.Stack), words(site.WithP+site.Without))
	return part(with, r.Duration*time.Duration(max(r.GOMAXPROCS, 1))) > blockedPart, text + r.openCalls()
}

func (r *Report) openCalls() string {
	if r.Syscalls.Open.Count == 0 {
		return ""
	}
	return fmt.Sprintf("; %d had not returned at the end", r.Syscalls.Open.Count)
}

func (r *Report) waitsVerdict() (bool, string) {
	s := r.Scheduler
	if s.Count == 0 {
		return false, "nothing waited"
	}
	c := s.Causes[0]
	return s.P99 > longWait, fmt.Sprintf("%s of %s in all, p50 %s, p99 %s, at most %s; most of it %s (%s, at most %s)",
		plural(s.Count, "wait"), words(s.Total), words(s.P50), words(s.P99), words(s.Max), c.Cause, words(c.Total), words(c.Max))
}

func (r *Report) idleVerdict() (bool, string) {
	idle := r.Scheduler.Idle
	text := fmt.Sprintf("for %s (%s of the trace) a P idled while a goroutine waited", words(idle.Together), percent(part(idle.Together, r.Duration)))
	if idle.Long > 0 {
		text += fmt.Sprintf(", in %s for more than %s", plural(idle.Long, "wait"), words(idle.Limit))
	}
	text += fmt.Sprintf("; %s to another P, %s retaken from system calls", plural(r.Scheduler.Migrations, "move"), plural(r.Ps.Lost.Retaken, "P"))
	return idle.Long > 0 && part(idle.Together, r.Duration) > idlePart, text
}

func (r *Report) runsVerdict() (bool, string) {
	l := r.LongRuns
	if l.Count == 0 {
		return false, "no goroutine ran for " + words(l.Limit) + " without being preempted"
	}
	p := l.Places[0]
	for _, other := range l.Places {
		if other.Max > p.Max {
			p = other
		}
	}
	return true, fmt.Sprintf("%s of more than %s without it, the longest %s, which ended in %s",
		plural(l.Count, "run"), words(l.Limit), words(p.Max), p.where())
}

func (p LongRun) where() string {
	if len(p.Stack) == 0 && p.Entry != nil {
		return p.Entry.Func
	}
	return where(p.Stack)
}

func (r *Report) stopsVerdict() (bool, string) {
	var all Sum
	var longest Stop
	for _, s := range r.Stops {
		if s.Reason == startTrace { // that is the price of the trace
			continue
		}
		all.merge(Sum{s.Count, s.Total})
		if s.Max > longest.Max {
			longest = s
		}
	}
	text := "the world was not stopped"
	if all.Count > 0 {
		text = fmt.Sprintf("%s of the world for %s, the longest %s (%s; until it stood: at most %s)",
			plural(all.Count, "stop"), words(all.Total), words(longest.Max), longest.Reason, words(longest.Stopping.Max))
	}
	share := part(r.GC.Assist, r.Running)
	text += fmt.Sprintf("; %s of the collector, assists were %s of what goroutines ran", plural(r.GC.Cycles.Count, "cycle"), percent(share))
	return longest.Max > longStop || share > assistPart, text
}

func where(s Stack) string {
	call, caller := s.Call(), s.Caller()
	switch {
	case caller == nil:
		return "the runtime"
	case caller.Func == call:
		return call
	}
	return call + " by " + caller.Func
}

func part(of, whole time.Duration) float64 {
	if whole <= 0 {
		return 0
	}
	return float64(of) / float64(whole)
}

func percent(part float64) string { return strconv.FormatFloat(100*part, 'g', 2, 64) + " %" }

func plural(n int64, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// words is a duration with three digits.
func words(d time.Duration) string {
	switch f := float64(d); {
	case d < 1000:
		return fmt.Sprintf("%d ns", d)
	case d < 1e6:
		return strconv.FormatFloat(f/1e3, 'g', 3, 64) + " us"
	case d < 1e9:
		return strconv.FormatFloat(f/1e6, 'g', 3, 64) + " ms"
	default:
		return strconv.FormatFloat(f/1e9, 'f', 2, 64) + " s"
	}
}
