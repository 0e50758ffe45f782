package bench

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// steady is clean runs of one series whose p50 is as given, in the order in which
// they began, and of a rate.
func steady(values ...int64) *Set {
	set := &Set{}
	for i, v := range values {
		run := &Run{Probe: "p", Begin: time.Unix(int64(i), 0), Env: []Key{
			{"goversion", "go1.26.8"}, {"gomaxprocs", "2"}, {"cpus", "2"}, {"timerslack-ns", "50000"}, {"clocksource", "tsc"},
		}}
		s := Series{Name: "X", Unit: "ns", Role: Headline, Count: 1000}
		for _, q := range quantiles {
			s.Quantiles = append(s.Quantiles, Quantile{q, v})
		}
		run.Add(s)
		run.AddValue(Value{Name: "Rate", Unit: "req/s", Role: Headline, Number: float64(v), Higher: true})
		set.Runs = append(set.Runs, run)
	}
	return set
}

// around are ten values within 1 % of v.
func around(v int64) (values []int64) {
	for i := range int64(10) {
		values = append(values, v+(i*7%10-5)*v/1000)
	}
	return values
}

func (s *Set) set(key, value string) *Set {
	for _, r := range s.Runs {
		i := 0
		for i < len(r.Env) && r.Env[i].Name != key {
			i++
		}
		r.Env = append(r.Env[:i:i], append([]Key{{key, value}}, r.Env[min(i+1, len(r.Env)):]...)...)
	}
	return s
}

func compared1(t *testing.T, a, b *Set, o Options) map[string]Pair {
	t.Helper()
	c, err := Compare(a, b, o)
	require.NoError(t, err)
	pairs := make(map[string]Pair)
	for _, p := range c.Pairs {
		pairs[p.A.Metric] = p
	}
	return pairs
}

func TestCompareJudges(t *testing.T) {
	a := steady(around(1000)...)
	for _, c := range []struct {
		name     string
		b        *Set
		p50, why string
		rate     string
	}{
		{"more", steady(around(1100)...), "differs", "worse", "better"},
		{"less", steady(around(900)...), "differs", "better", "worse"},
		{"a little", steady(around(1040)...), "no difference shown", "less than 5 %", "less than 5 %"},
		{"the same", steady(around(1000)...), "no difference shown", "chance explains it", "chance explains it"},
		{"half of it", steady(1300, 1100, 1300, 1100, 1300, 1100, 1300, 1100, 1300, 1100), "no difference shown", "chance", ""},
	} {
		p := compared1(t, a, c.b, Options{})
		if c.name == "half of it" { // significant, and yet its own halves differ by 18 %
			p = compared1(t, a, steady(1190, 1090, 1190, 1090, 1190, 1090, 1190, 1090, 1190, 1090), Options{Effect: 0.2})
			require.Equal(t, NotShown, p["p50-ns"].Verdict)
			p = compared1(t, a, steady(1300, 1080, 1300, 1080, 1300, 1080, 1300, 1080, 1300, 1080), Options{})
			require.InDelta(t, 0.2037, p["p50-ns"].AA, 1e-4)
			require.Equal(t, "runs of one set differ as much", p["p50-ns"].Why)
			continue
		}
		require.Equal(t, c.p50, string(p["p50-ns"].Verdict), c.name)
		require.Equal(t, c.why, p["p50-ns"].Why, c.name)
		require.Equal(t, c.rate, p["req/s"].Why, c.name)
		require.GreaterOrEqual(t, p["p50-ns"].PHolm, p["p50-ns"].P)
	}
}

// The least p that there is with 4 and 4, and Mann and Whitney's own.
func TestLeastP(t *testing.T) {
	require.InDelta(t, 0.02857142857142857, leastP(4, 4), 1e-9)
	p := compared1(t, steady(1, 2, 3, 4), steady(5, 6, 7, 8), Options{MinRuns: 1})["p50-ns"]
	require.InDelta(t, leastP(4, 4), p.P, 1e-9)
}

func TestCompareWantsRuns(t *testing.T) {
	a, b := steady(around(1000)[:5]...), steady(around(2000)...)
	p := compared1(t, a, b, Options{})["p50-ns"]
	require.Equal(t, TooFewRuns, p.Verdict)
	require.Equal(t, "5 clean runs, and it needs 10", p.Why)
	require.Equal(t, 1.0, p.P)

	p = compared1(t, a, b, Options{MinRuns: 5})["p50-ns"]
	require.Equal(t, Differs, p.Verdict)
	p = compared1(t, steady(1, 2, 3), b, Options{MinRuns: 1})["p50-ns"]
	require.Equal(t, "3 clean runs, and it needs 4", p.Why)

	p = compared1(t, simulated(rand.New(rand.NewPCG(1, 1)), 4, 1, 0.01), simulated(rand.New(rand.NewPCG(1, 1)), 4, 2, 0.01), Options{MinRuns: 4})["p50-ns"]
	require.Equal(t, "4 and 4 runs cannot show one in 12 rows", p.Why)
}

func TestCompareLeavesOut(t *testing.T) {
	a, b := steady(around(1000)...), steady(around(2000)...)
	b.Runs[4].Series[0].Count = 367
	p := compared1(t, a, b, Options{})
	require.Equal(t, "367 samples a run, and it needs 368", p["p99-ns"].Why)
	require.Equal(t, NotCompared, p["p99-ns"].Verdict)
	require.Equal(t, Differs, p["p95-ns"].Verdict)
	require.Equal(t, "a few samples decide it", p["p99.9-ns"].Why)
	require.Equal(t, NotCompared, p["max-ns"].Verdict)
	for _, r := range b.Runs {
		r.Series[0].Role = Diagnostic
	}
	for _, r := range a.Runs {
		r.Series[0].Role = Diagnostic
	}
	require.Equal(t, "explains the others", compared1(t, a, b, Options{})["p50-ns"].Why)
}

// A run that something disturbed is none of the ten.
func TestCompareCountsCleanRunsOnly(t *testing.T) {
	a, b := steady(append(around(1000), 9000, 9000)...), steady(around(1000)...)
	a.Runs[10].Marks, a.Runs[11].Partial = []Mark{{RunDelay, 3, 2, "%"}}, true
	c, err := Compare(a, b, Options{})
	require.NoError(t, err)
	require.Equal(t, "10 clean, 1 disturbed, 1 partial", c.A.String())
	require.Len(t, c.Pairs[0].A.PerRun, 10)
	require.Less(t, c.Pairs[0].A.Hi, 1010.0)
	a.Runs = a.Runs[10:]
	_, err = Compare(a, b, Options{})
	require.EqualError(t, err, "the first set has no clean run: 0 clean, 1 disturbed, 1 partial")
}

func TestCompareWarns(t *testing.T) {
	a, b := steady(around(1000)...), steady(around(1000)...)
	a.Partial = true
	for _, r := range b.Runs {
		r.Series[0].Name, r.Config = "Y", "other"
	}
	c, err := Compare(a, b, Options{})
	require.NoError(t, err)
	require.Contains(t, c.Warnings, "only the first has X p50-ns of p")
	require.Contains(t, c.Warnings, "only the second has Y p50-ns of p other")
	require.Contains(t, c.Warnings, "a set was ended early")
	require.Len(t, c.Pairs, 1, "the name of a configuration is what is compared")
	for _, r := range b.Runs {
		r.Probe = "q"
	}
	_, err = Compare(a, b, Options{})
	require.ErrorIs(t, err, ErrNothingShared)
}

// Of several configurations of a probe, as gc has one for each workload, those with
// the same name are compared.
func TestComparePairsConfigurations(t *testing.T) {
	set := func(names ...string) *Set {
		all := new(Set)
		for i, name := range names {
			of := steady(around(1000 * int64(i+1))...)
			for _, r := range of.Runs {
				r.Config = name
			}
			all.Runs = append(all.Runs, of.Runs...)
		}
		return all
	}
	c, err := Compare(set("small", "large", "maps"), set("small", "large", "maps"), Options{})
	require.NoError(t, err)
	require.Empty(t, c.Warnings)
	for _, p := range c.Pairs {
		require.Equal(t, p.A, p.B)
		require.NotEqual(t, Differs, p.Verdict)
	}
	require.Len(t, c.Pairs, 3*6)
	c, err = Compare(set("small", "large"), set("large", "maps"), Options{})
	require.NoError(t, err)
	require.Len(t, c.Pairs, 6)
	require.Equal(t, []string{"large", "large"}, []string{c.Pairs[0].A.Config, c.Pairs[0].B.Config})
	require.Contains(t, c.Warnings, "only the first has X p50-ns of p small")
	require.Contains(t, c.Warnings, "only the second has X p50-ns of p maps")
	c, err = Compare(set("small"), set("large", "small"), Options{})
	require.NoError(t, err)
	require.Equal(t, "small", c.Pairs[0].B.Config)
}

func TestComparable(t *testing.T) {
	const same = ""
	for _, c := range []struct{ key, a, b, says string }{
		{"goversion", "go1.25.9", "go1.26.8", "goversion: go1.25.9 here, go1.26.8 there: "},
		{"godebug", "", "asyncpreemptoff=1", "godebug: unknown here, asyncpreemptoff=1 there"},
		{"godebug", "a=1", "a=1", same},
		{"timerslack-ns", "50000", "1", "timerslack-ns: "},
		{"clocksource", "hyperv_clocksource_tsc_page", "tsc", "clocksource: "},
		{"clocksource", "absent", "tsc", "clocksource: "},
		{"gomaxprocs", "1", "2", "gomaxprocs/cpus: 0.5 here, 1 there"},
		{"hz", "250", "1000", "hz: "},
		{"hz", "absent", "1000", same},
		{"hz", "", "1000", same},
		{"preempt", "PREEMPT_DYNAMIC none", "PREEMPT_DYNAMIC full", "preempt: "},
		{"kernel", "6.6", "6.18", same},
		{"clock-rate-ppm", "100", "-100", same},
		{"clock-rate-ppm", "100", "-101", "clock-rate-ppm: 100 here, -101 there"},
		{"clock-rate-ppm", "70000", "", "clock-rate-ppm: 70000 here, unknown there"},
		{"clock-rate-ppm", "70000", "70010", same},
		{"clock-rate-ppm", "absent", "150", same},
		{"clock-rate-ppm", "fast", "1", "clock-rate-ppm: "},
		{"fs-a", "ext4", "9p", "fs-a: ext4 here, 9p there: another file system"},
		{"fs-b", "9p", "virtiofs", "fs-b: 9p here, virtiofs there"},
		{"fs-a", "ext4", "", same},
		{"fs-a-options", "rw,relatime", "rw,noatime", same},
	} {
		a, b := steady(around(1000)...).set(c.key, c.a), steady(around(1000)...).set(c.key, c.b)
		reasons := Comparable(a, b)
		if c.says == same {
			require.Empty(t, reasons, c)
			continue
		}
		require.Len(t, reasons, 1, c)
		require.True(t, strings.HasPrefix(reasons[0].String(), c.says), "%s: %s", c.says, reasons[0])
	}
}

// What explains a difference is said, and refuses nothing.
func TestCompareSaysWhatElseDiffers(t *testing.T) {
	for _, c := range []struct{ key, a, b, says string }{
		{"kernel", "6.6.87.2-microsoft-standard-WSL2", "6.18.1", "kernel: 6.6.87.2-microsoft-standard-WSL2 here, 6.18.1 there"},
		{"kernel", "6.6", "6.6", ""},
		{"kind", "wsl1", "wsl2", "kind: wsl1 here, wsl2 there"},
		{"gogc", "100", "off", "gogc: 100 here, off there"},
		{"cgroup-cpu-max", Absent, "2", ""},
		{"fs-a-options", "rw,relatime", "rw,noatime", "fs-a-options: rw,relatime here, rw,noatime there"},
		{"fs-b-options", "rw,cache=5,trans=fd,rfdno=8,wfdno=8", "rw,cache=5,trans=fd,rfdno=11,wfdno=11", ""},
		{"fs-b-options", "rw,cache=5,rfdno=8,wfdno=8", "rw,cache=0xf,rfdno=8,wfdno=8", "fs-b-options: rw,cache=5 here, rw,cache=0xf there"},
	} {
		found, err := Compare(steady(around(1000)...).set(c.key, c.a), steady(around(1000)...).set(c.key, c.b), Options{})
		require.NoError(t, err)
		if c.says == "" {
			require.Empty(t, found.Warnings, c)
			continue
		}
		require.Equal(t, []string{c.says}, found.Warnings)
		require.Contains(t, found.Table(Style{}), c.says)
	}
}

// The same share of CPUs is comparable; runs of two kinds in one set are not.
func TestComparableLooksAtAllRuns(t *testing.T) {
	a := steady(around(1000)...)
	require.Empty(t, Comparable(a, steady(around(1000)...).set("gomaxprocs", "8").set("cpus", "8")))
	a.Runs[3].Env = []Key{{"goversion", "go1.25.9"}}
	reasons := Comparable(a, a)
	require.Len(t, reasons, 1)
	require.Contains(t, reasons[0].String(), "go1.25.9 and go1.26.8 here")
}

func TestCompareRefuses(t *testing.T) {
	a, b := steady(around(1000)...), steady(around(2000)...).set("timerslack-ns", "1").set("goversion", "go1.25.9")
	_, err := Compare(a, b, Options{})
	var refusal *IncomparableError
	require.ErrorAs(t, err, &refusal)
	require.Len(t, refusal.Reasons, 2)
	require.ErrorContains(t, err, "goversion: go1.26.8 here, go1.25.9 there: the scheduler and its metrics change with each release; timerslack-ns: 50000 here")
	c, err := Compare(a, b, Options{Force: true})
	require.NoError(t, err)
	require.Equal(t, refusal.Reasons, c.Reasons)
	require.Contains(t, c.Table(Style{}), refusal.Reasons[0].String())
}
