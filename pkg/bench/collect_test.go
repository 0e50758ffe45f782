package bench

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A lab launches runs that are told what to be: a letter each, by configuration;
// "." clean, "d" disturbed, "s" a storm of switches, "e" an error, "p" partial with
// an error, "n" nothing. After the last all are clean.
type lab struct {
	plans  map[string]string
	order  []string
	cancel func()
	after  int // cancel while this run is made
}

func (l *lab) launch(ctx context.Context, c Config) (*Run, error) {
	what := "."
	if plan := l.plans[c.Name]; plan != "" {
		what, l.plans[c.Name] = plan[:1], plan[1:]
	}
	l.order = append(l.order, c.Name)
	run := &Run{Begin: time.Unix(int64(len(l.order)), 0)}
	rate := 100.0
	switch what {
	case "d":
		run.Marks = []Mark{{RunDelay, 9, 2, "%"}}
	case "s":
		rate = 501
	case "e":
		return nil, errors.New("exit status 2")
	case "p":
		return run, errors.New("exit status 3")
	case "n":
		return nil, nil
	}
	run.AddValue(Value{Name: "Watch/" + Nivcsw, Number: rate})
	if l.cancel != nil && len(l.order) == l.after {
		l.cancel()
		return run, ctx.Err()
	}
	return run, nil
}

func (l *lab) plan(runs int) Plan {
	return Plan{Configs: []Config{{"p", "A"}, {"p", "B"}, {"p", "C"}}, Runs: runs, Launch: l.launch}
}

func TestCollectTakesTurns(t *testing.T) {
	l := new(lab)
	set, err := Collect(t.Context(), l.plan(4))
	require.NoError(t, err)
	require.Equal(t, "ABC BCA CAB ABC", fmt.Sprintf("%s %s %s %s", strings.Join(l.order[:3], ""), strings.Join(l.order[3:6], ""), strings.Join(l.order[6:9], ""), strings.Join(l.order[9:], "")))
	require.False(t, set.Partial)
	require.Equal(t, Tally{Clean: 4}, set.Of("p", "B").Tally())
	require.Equal(t, Schema, set.Schema)
}

func TestCollectDefaultsToTen(t *testing.T) {
	l := &lab{plans: map[string]string{"A": "dddddddddddddddddddd"}}
	set, err := Collect(t.Context(), l.plan(0))
	require.NoError(t, err)
	require.Equal(t, Tally{Disturbed: 15}, set.Of("p", "A").Tally())
	require.Equal(t, Tally{Clean: 10}, set.Of("p", "B").Tally())
}

// Disturbed runs are repeated, and stay.
func TestCollectRepeats(t *testing.T) {
	l := &lab{plans: map[string]string{"A": "..d.", "B": ".s.s.s", "C": ".e.n"}}
	plan := l.plan(4)
	plan.Retries = 3
	set, err := Collect(t.Context(), plan)
	require.NoError(t, err)
	require.Equal(t, Tally{Clean: 4, Disturbed: 1}, set.Of("p", "A").Tally())
	require.Equal(t, Tally{Clean: 4, Disturbed: 3}, set.Of("p", "B").Tally())
	require.Equal(t, Tally{Clean: 4, Failed: 2}, set.Of("p", "C").Tally())
	require.Equal(t, []string{"exit status 2", "the process said nothing"}, []string{set.Failed[0].Error, set.Failed[1].Error})
	for _, r := range set.Of("p", "B").Runs {
		if !r.Clean() {
			require.Equal(t, []Mark{{Nivcsw, 501, 500, "1/s"}}, r.Marks)
		}
	}
}

func TestCollectRetriesNever(t *testing.T) {
	l := &lab{plans: map[string]string{"A": "d"}}
	plan := l.plan(3)
	plan.Retries = -1
	set, err := Collect(t.Context(), plan)
	require.NoError(t, err)
	require.Len(t, set.Runs, 9)
}

// What fails twice in a row is given up; the others go on.
func TestCollectGivesUp(t *testing.T) {
	l := &lab{plans: map[string]string{"A": "eeeeee", "B": "e.pp...."}}
	set, err := Collect(t.Context(), l.plan(4))
	require.ErrorContains(t, err, "measure p A: exit status 2")
	require.Equal(t, Tally{Failed: 2}, set.Of("p", "A").Tally())
	require.Equal(t, Tally{Clean: 1, Partial: 2, Failed: 3}, set.Of("p", "B").Tally())
	require.Equal(t, Tally{Clean: 4}, set.Of("p", "C").Tally())
}

func TestCollectEndsEarly(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	l := &lab{cancel: cancel, after: 5}
	set, err := Collect(ctx, l.plan(4))
	require.ErrorIs(t, err, context.Canceled)
	require.True(t, set.Partial)
	require.Equal(t, Tally{Clean: 4, Partial: 1}, set.Tally())

	set, err = Collect(ctx, l.plan(4))
	require.ErrorIs(t, err, context.Canceled)
	require.True(t, set.Partial)
	require.Empty(t, set.Runs)
}

func TestCollectSaysHowFar(t *testing.T) {
	l := &lab{plans: map[string]string{"A": "dd", "B": "e"}}
	plan := l.plan(2)
	var said []string
	plan.Retries = 1
	plan.Progress = func(p Progress) {
		said = append(said, fmt.Sprintf("%s %d/%d %v %v %v", p.Config.Name, p.Done, p.Total, p.Retry, p.Run != nil, p.Failure))
	}
	_, err := Collect(t.Context(), plan)
	require.NoError(t, err)
	require.Equal(t, []string{
		"A 0/6 false false <nil>", "A 1/7 false true <nil>",
		"B 1/7 false false <nil>", "B 2/8 false false exit status 2",
		"C 2/8 false false <nil>", "C 3/8 false true <nil>",
		"B 3/8 false false <nil>", "B 4/8 false true <nil>",
		"C 4/8 false false <nil>", "C 5/8 false true <nil>",
		"A 5/8 false false <nil>", "A 6/8 false true <nil>",
		"A 6/8 true false <nil>", "A 7/8 true true <nil>",
		"B 7/8 true false <nil>", "B 8/8 true true <nil>",
	}, said)
}

// A machine at rest has few switches, and a few more are no storm.
func TestSwitchesOfAMachineAtRest(t *testing.T) {
	var runs []*Run
	for _, rate := range []float64{0, 0, 1, 49, 51} {
		runs = append(runs, &Run{Values: []Value{{Name: "Watch/" + Nivcsw, Number: rate}}})
	}
	markSwitches(runs[3:])
	require.Empty(t, runs[4].Marks, "two runs do not say what is usual")
	markSwitches(runs)
	markSwitches(runs)
	require.Empty(t, runs[3].Marks)
	require.Equal(t, []Mark{{Nivcsw, 51, 50, "1/s"}}, runs[4].Marks)
}
