package httploop

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

func TestTwoProcesses(t *testing.T) {
	run, err := bench.Once(t.Context(), New(Options{Quick: true, Rates: []int{100, 200}, Start: start()}))
	require.NoError(t, err)
	roles := make(map[string]bench.Role)
	for _, s := range run.Series {
		name, _, _ := strings.Cut(s.Name, "/procs=")
		roles[name] = s.Role
		require.Len(t, s.Samples, 400, name)
		require.Equal(t, "ns", s.Unit)
		require.Positive(t, slices.Min(s.Samples), "%s: before it was due", name)
		require.NotContains(t, s.Note, "failed")
	}
	// Where twenty others want the CPUs a way may have less than these rates, and says so.
	for name, role := range map[string]bench.Role{
		"net=ipv4/keepalive=on/rate=100":  bench.Headline,
		"net=ipv4/keepalive=on/rate=200":  bench.Headline,
		"net=ipv6/keepalive=on/rate=200":  bench.Headline,
		"net=unix/keepalive=on/rate=200":  bench.Control,
		"net=ipv4/keepalive=off/rate=200": bench.Headline,
		"net=ipv6/keepalive=off/rate=200": bench.Headline,
		"net=unix/keepalive=off/rate=200": bench.Control,
	} {
		if why := run.Get("httploop-without-" + name); why != "" {
			require.Regexp(t, "^the rate is above 80 % of the saturation", why, name)
			require.NotContains(t, roles, "Latency/"+name)
			continue
		}
		require.Equal(t, role, roles["Latency/"+name], name)
		delete(roles, "Latency/"+name)
	}
	require.Empty(t, roles, "nothing else is measured")
	for _, v := range run.Values {
		t.Logf("%-60s %12.0f %s", v.Name, v.Number, v.Unit)
	}
	for _, s := range Settings(run) {
		t.Logf("%+v", s)
		require.NotEmpty(t, s.Advice)
		require.NotEmpty(t, s.Tried)
	}
	require.Len(t, Settings(run), 6)
	require.Empty(t, Settings(new(bench.Run)))
	require.NotEmpty(t, run.Get(Overflow))
	for _, m := range run.Marks { // two processes fill all CPUs: what is theirs is no disturbance
		require.LessOrEqual(t, m.Value, max(number(run, "Watch/"+bench.Others), number(run, "Watch/"+m.Cause)), m)
	}
	_, err = bench.Once(t.Context(), New(Options{}))
	require.ErrorContains(t, err, "who starts the server?")
}
