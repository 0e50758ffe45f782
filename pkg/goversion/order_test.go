package goversion

import (
	"cmp"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// upstream returns every release that go.dev lists, oldest first.
func upstream(t testing.TB) []Version {
	t.Helper()
	data, err := os.ReadFile("testdata/order.txt")
	require.NoError(t, err)
	var vs []Version
	for name := range strings.Lines(string(data)) {
		name = strings.TrimSpace(name)
		if strings.HasPrefix(name, "#") {
			continue
		}
		v := must(t, name)
		require.Equal(t, name, "go"+v.String(), "upstream's spelling")
		vs = append(vs, v)
	}
	require.Len(t, vs, 363, "362 releases with a Linux build, and go1")
	return vs
}

func TestSortAgreesWithUpstream(t *testing.T) {
	want := upstream(t)
	for seed := range uint64(5) {
		got := slices.Clone(want)
		rand.New(rand.NewPCG(seed, 0)).Shuffle(len(got), func(i, j int) { got[i], got[j] = got[j], got[i] })
		Sort(got)
		require.Equal(t, want, got)
	}
}

func TestCompareAgreesWithUpstream(t *testing.T) {
	vs := append([]Version{{}}, upstream(t)...)
	for i, v := range vs {
		for j := i % 7; j < len(vs); j += 7 { // all pairs would take seconds under -race
			if got := v.Compare(vs[j]); got != cmp.Compare(i, j) {
				t.Errorf("%q.Compare(%q) = %d, want %d", v, vs[j], got, cmp.Compare(i, j))
			}
		}
	}
}

// TestCompareTraps has the orders that others got wrong, and one that
// upstream has never needed yet: a tenth release candidate.
func TestCompareTraps(t *testing.T) {
	for _, names := range []string{
		"1 1.0.1 1.1 1.2.2 1.3",
		"1.9.1 1.9.2rc2 1.9.2 1.9.3 1.10",
		"1.19.13 1.20beta1 1.20rc1 1.20rc2 1.20rc10 1.20 1.20.1 1.20.14 1.21rc2 1.21.0 1.21.1",
		"1.2 1.2.2 1.20 1.20.2 1.100",
		"1.99.99 2rc1 2.0.0",
	} {
		words := strings.Fields(names)
		for i := range len(words) - 1 {
			require.Equal(t, -1, must(t, words[i]).Compare(must(t, words[i+1])), "%s < %s", words[i], words[i+1])
			require.Equal(t, +1, must(t, words[i+1]).Compare(must(t, words[i])), "%s > %s", words[i+1], words[i])
		}
	}
}

// BenchmarkList is what list-all does with upstream's answer, which is newest
// first: read every name, put them in order, spell them out.
func BenchmarkList(b *testing.B) {
	var names []string
	for _, v := range upstream(b) {
		names = append(names, v.String())
	}
	slices.Reverse(names)
	b.ReportAllocs()
	for b.Loop() {
		vs := make([]Version, 0, len(names))
		for _, name := range names {
			v, _ := Parse(name)
			vs = append(vs, v)
		}
		Sort(vs)
		for _, v := range vs {
			_ = v.String()
		}
	}
}

func BenchmarkResolve(b *testing.B) {
	list := upstream(b)
	for _, text := range []string{"latest", "oldstable", "1.22.5", "1.22", ">=1.21 <1.24"} {
		b.Run(text, func(b *testing.B) {
			for b.Loop() {
				q, _ := ParseQuery(text)
				_, _ = q.Resolve(list)
			}
		})
	}
}
