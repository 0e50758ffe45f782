package bench

import (
	"math"
	"math/rand/v2"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A round is one measurement of A and B, 10 runs each, in the order that Collect has.
// took says what a run takes of what it should, by when it is.
func round(r *rand.Rand, rows int, more float64, took func(r *rand.Rand, when int) float64) *Set {
	set, when := new(Set), 0
	for i := range 10 {
		for k := range 2 {
			run := &Run{Probe: "command", Config: []string{"A", "B"}[(i+k)%2], Begin: time.Unix(int64(when), 0)}
			for row := range rows {
				factor := took(r, when)
				if run.Config == "B" {
					factor *= 1 + more
				}
				run.AddValue(Value{Name: string(rune('a' + row)), Unit: "ns", Role: Headline, Number: 1e6 * float64(row+1) * factor})
			}
			set.Runs = append(set.Runs, run)
			when++
		}
	}
	return set
}

func noise(sigma float64) func(*rand.Rand, int) float64 {
	return func(r *rand.Rand, _ int) float64 { return math.Exp(sigma * r.NormFloat64()) }
}

// How runs of one program may differ from each other.
var unsteady = []struct {
	name string
	took func(r *rand.Rand, when int) float64
}{
	{"0.1 %", noise(0.001)}, {"0.5 %", noise(0.005)}, {"1 %", noise(0.01)}, {"3 %", noise(0.03)}, {"20 %", noise(0.2)},
	{"drift of 30 %", func(r *rand.Rand, when int) float64 {
		return (1 + 0.3*float64(when)/20) * math.Exp(0.01*r.NormFloat64())
	}},
	{"two modes, 15 % apart", func(r *rand.Rand, _ int) float64 {
		return (1 + 0.15*float64(r.IntN(2))) * math.Exp(0.01*r.NormFloat64())
	}},
	{"a slow phase", func(r *rand.Rand, when int) float64 {
		return (1 + 0.4*float64(map[bool]int{true: 1}[when >= 7 && when < 12])) * math.Exp(0.01*r.NormFloat64())
	}},
	{"a tail", func(r *rand.Rand, _ int) float64 { return 1 + 0.01*math.Pow(r.Float64(), -0.7) }},
}

// foundIn is in how many of 1,000 comparisons a row is said to differ.
func foundIn(t *testing.T, rows int, more float64, took func(*rand.Rand, int) float64) (n int) {
	r := rand.New(rand.NewPCG(uint64(rows), math.Float64bits(more)))
	for range 1000 {
		c, err := Versus(round(r, rows, more, took))
		require.NoError(t, err)
		for _, p := range c.Pairs {
			if p.Verdict == Differs {
				n++
				break
			}
		}
	}
	return n
}

// A program against itself: in at least 95 of 100 comparisons nothing is found, however
// its runs differ, and in however many rows.
func TestVersusFindsNothingInOneProgram(t *testing.T) {
	for _, u := range unsteady {
		for _, rows := range rowCounts() {
			n := foundIn(t, rows, 0, u.took)
			t.Logf("%s, %d rows: %d of 1000", u.name, rows, n)
			require.LessOrEqual(t, n, 50, "%s, %d rows", u.name, rows)
		}
	}
}

// 5 % more is found where the runs of one side differ by less than that; what is less
// than 2 % is never called a difference.
func TestVersusFindsFivePercent(t *testing.T) {
	for _, u := range unsteady[:3] {
		for _, rows := range rowCounts() {
			n := foundIn(t, rows, 0.05, u.took)
			t.Logf("%s, %d rows: %d of 1000", u.name, rows, n)
			require.GreaterOrEqual(t, n, 950, "%s, %d rows", u.name, rows)
		}
	}
	require.Zero(t, foundIn(t, 3, 0.01, unsteady[0].took), "1 % more")
}

// rowCounts are those of a command and of a package; 30 take a minute with -race.
func rowCounts() []int {
	if os.Getenv("GOLANG_WSL_TEST_LONG") != "" {
		return []int{1, 3, 30}
	}
	return []int{3}
}

// One allocation more in a hundred is one, and no matter of chance; time and bytes that
// are 1 % more may be.
func TestVersusCounts(t *testing.T) {
	set := new(Set)
	for i := range 20 {
		more := float64(i % 2)
		run := &Run{Probe: "go-test x", Config: []string{"A", "B"}[i%2], Begin: time.Unix(int64(i), 0)}
		for _, unit := range []string{"allocs/op", "B/op", "ns/op"} {
			run.AddValue(Value{Name: "X", Unit: unit, Number: 100 + more})
		}
		set.Runs = append(set.Runs, run)
	}
	c, err := Versus(set)
	require.NoError(t, err)
	require.Equal(t, Differs, c.Pairs[0].Verdict)
	require.Equal(t, "less than 2 %", c.Pairs[1].Why)
	require.Equal(t, "less than 2 %", c.Pairs[2].Why)
	set.Runs[0].Values[0].Number = 101
	c, err = Versus(set)
	require.NoError(t, err)
	require.Equal(t, "less than 2 %", c.Pairs[0].Why, "not all runs of A agree")
	for i, run := range set.Runs {
		run.Values[0].Number = float64(i % 2)
	}
	c, err = Versus(set)
	require.NoError(t, err)
	require.Equal(t, Differs, c.Pairs[0].Verdict)
	require.Equal(t, "The second is worse: X allocs/op from 0\n", c.Answer())
	require.Contains(t, c.Table(Style{}), "from 0")
}

func TestVersusSays(t *testing.T) {
	set := round(rand.New(rand.NewPCG(1, 1)), 2, 0.05, noise(0.002))
	for _, r := range set.Runs {
		r.Env = []Key{{"goversion", map[string]string{"A": "go1.25.9", "B": "go1.26.8"}[r.Config]}}
		r.Values[1].Higher = true
	}
	c, err := Versus(set)
	require.NoError(t, err)
	require.Empty(t, c.Reasons)
	require.Equal(t, []string{"also different: goversion: go1.25.9 in A, go1.26.8 in B"}, c.Warnings)
	require.Regexp(t, `^The second is worse: a ns \+[45]\.\d %\nThe second is better: b ns \+[45]\.\d %\n$`, c.Answer())
	c, err = Versus(round(rand.New(rand.NewPCG(1, 1)), 2, 0, noise(0.002)))
	require.NoError(t, err)
	require.Equal(t, "No difference is shown. That is not to say that there is none.\n", c.Answer())
	set.Runs = set.Runs[:8]
	c, err = Versus(set)
	require.NoError(t, err)
	require.Equal(t, "There is no verdict.\n", c.Answer())
	_, err = Versus(new(Set))
	require.ErrorContains(t, err, "has no clean run")
}
