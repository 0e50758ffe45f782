package goversion

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// next is upstream's list and a release candidate of a line that has nothing
// else yet, out of order.
func next(t testing.TB) []Version {
	return append([]Version{must(t, "1.28rc1")}, upstream(t)...)
}

func TestParseQueryResolve(t *testing.T) {
	list := next(t)
	for _, tt := range []struct{ query, want string }{
		{"latest", "1.27.0"},
		{"stable", "1.27.0"},
		{"oldstable", "1.26.7"},
		{"*", "1.27.0"},
		{"1", "1.27.0"},
		{"1.x", "1.27.0"},
		{"1.22", "1.22.12"},
		{"go1.22", "1.22.12"},
		{"1.22.x", "1.22.12"},
		{"1.22.*", "1.22.12"},
		{"1.22.X", "1.22.12"},
		{"go1.22.x", "1.22.12"},
		{"  1.22\t", "1.22.12"},
		{"1.20", "1.20.14"},
		{"1.2", "1.2.2"}, // never 1.20 or later
		{"1.2.x", "1.2.2"},
		{"1.9", "1.9.7"},
		{"1.22.5", "1.22.5"},
		{"go1.22.5", "1.22.5"},
		{"1.20.0", "1.20"},
		{"go1.20.0", "1.20"},
		{"1.21.0", "1.21.0"},
		{"1.2.2", "1.2.2"},
		{"1.0.0", "1"},
		{"1.21rc2", "1.21rc2"},
		{"go1.9.2rc2", "1.9.2rc2"},
		{"1.28rc1", "1.28rc1"},
		{"latest:1.22", "1.22.12"},
		{"latest:1.2", "1.2.2"},
		{"latest:1.20", "1.20.14"},
		{"latest:1.22.5", "1.22.5"},
		{"latest:go1.22", "1.22.12"},
		{"latest:oldstable", "1.26.7"},
		{"latest:latest", "1.27.0"},
		{"latest:~1.22.3", "1.22.12"},
		{"~1.22.3", "1.22.12"},
		{"~1.22", "1.22.12"},
		{"~1.20.0", "1.20.14"},
		{"^1.21", "1.27.0"},
		{"^1.21.5", "1.27.0"},
		{">=1.21 <1.24", "1.23.12"},
		{">=1.21, <1.24", "1.23.12"},
		{">=1.21<1.24", "1.23.12"},
		{">= go1.21  <\tgo1.24", "1.23.12"},
		{"<1.24 >=1.21", "1.23.12"},
		{"<=1.23", "1.23.12"}, // a line is all its patches
		{"<1.23.3", "1.23.2"},
		{"<=1.20.0", "1.20"},
		{">1.26", "1.27.0"},
		{"=1.22.5", "1.22.5"},
		{"=1.22", "1.22.12"},
		{">=1.22 <1.23 !=1.22.12", "1.22.11"},
		{"1.21 - 1.23", "1.23.12"},
		{"1.21.1 - 1.23.4", "1.23.4"},
		{"1.19.x || 1.22.x", "1.22.12"},
		{"1.19.x||1.22.5", "1.22.5"},
		{">=1.20rc1 <1.20", "1.20rc3"},
		{">=1.21rc2 <1.24", "1.23.12"}, // not 1.24rc3
		{"<1.21rc4 >=1.21rc1", "1.21rc3"},
		{">=1.27rc1", "1.27.0"}, // not 1.28rc1
		{"~1.28rc1", "1.28rc1"},
		{">1.9.1 <1.9.2rc5", "1.9.2rc2"},
		{">=1.9.1rc1 <1.9.2", "1.9.1"}, // not 1.9.2rc2
	} {
		t.Run(tt.query, func(t *testing.T) {
			q, err := ParseQuery(tt.query)
			require.NoError(t, err)
			v, err := q.Resolve(list)
			require.NoError(t, err)
			require.Equal(t, tt.want, v.String())
		})
	}
}

func TestParseQueryGarbage(t *testing.T) {
	more := []string{
		"x", "X", "**", "1.x.3", "1.22.5.x", "1.21rc1.x", ".x", "1..x", "go*", "gox",
		">", ">=", "^", "~", "=>>1.22", ">=1.21 <", "|| 1.22", "1.22 ||", "1.22|1.23", "||", "|",
		"1.22-1.23", "1.22 -1.23", "1.22- 1.23", "- 1.23", "1.22 -", "1.22 - ", "1.22-rc.1", "1.22.0-rc.1", "1.22.0+x",
		"latest:", "latest: ", "latest:latest:1.22", "latest:$(cmd)", "latest:../x", "Latest", "LATEST", "newest", "oldoldstable",
		">=1.21\n<1.24", ">=1.21;<1.24", ">=1.21 <1.24/..", ">=$(x)", ">=1.70000", "^0", "~1.22.05",
		"1.22" + strings.Repeat(" || 1.22", 30), strings.Repeat(">=1.22 ", 1<<14),
	}
	for _, in := range append(more, garbage...) {
		for _, parse := range []func(string) (Query, error){ParseQuery, ParseName} {
			_, err := parse(in)
			var bad *ParseError
			require.ErrorAs(t, err, &bad, "%q", in)
			require.Equal(t, in, bad.Text)
			require.Less(t, len(err.Error()), 500)
		}
	}
}

func TestQueryExact(t *testing.T) {
	for in, want := range map[string]string{
		"1.22.5": "1.22.5", "go1.22.5": "1.22.5", "1.20.0": "1.20", "1.21.0": "1.21.0", "1.21rc2": "1.21rc2", "latest:1.22.5": "1.22.5",
		"1.22": "", "1.20": "", "1": "", "latest": "", "oldstable": "", "1.22.x": "", "~1.22.5": "", "=1.22.5": "", "1.22.5 || 1.23": "",
	} {
		q, err := ParseQuery(in)
		require.NoError(t, err)
		v, ok := q.Exact()
		require.Equal(t, want, v.String(), in)
		require.Equal(t, want != "", ok, in)
		require.Equal(t, in, q.String())
	}
}

func TestQueryString(t *testing.T) {
	q, err := ParseQuery("\t>=1.21\t<1.24 \n")
	require.NoError(t, err)
	require.Equal(t, ">=1.21 <1.24", q.String(), "no control characters")
}

func TestParseName(t *testing.T) {
	all := upstream(t)
	for _, tt := range []struct {
		word string
		list []Version
		want string
	}{
		{"1.20", all, "1.20"}, // a name
		{"go1.20", all, "1.20"},
		{"1.20", []Version{must(t, "1.20.1"), must(t, "1.20.14")}, "1.20.14"}, // no such name here: a query
		{"1.20.0", all, "1.20"},
		{"1.19", all, "1.19"},
		{"1.21", all, "1.21.13"}, // upstream has no release of this name
		{"1.22", all, "1.22.12"},
		{"latest:1.20", all, "1.20.14"},
		{"~1.20", all, "1.20.14"},
		{"1", all, "1"},
		{"1", all[1:], "1.27.0"}, // go1 has no Linux build
		{"1.22.5", all, "1.22.5"},
		{"1.21rc2", all, "1.21rc2"},
		{"latest", all, "1.27.0"},
	} {
		q, err := ParseName(tt.word)
		require.NoError(t, err)
		v, err := q.Resolve(tt.list)
		require.NoError(t, err, tt.word)
		require.Equal(t, tt.want, v.String(), tt.word)
	}
	q, err := ParseName("1.20")
	require.NoError(t, err)
	_, ok := q.Exact()
	require.False(t, ok, "what 1.20 is depends on the list")
}

func TestZeroQueryIsLatest(t *testing.T) {
	v, err := Query{}.Resolve(next(t))
	require.NoError(t, err)
	require.Equal(t, "1.27.0", v.String())
	require.Equal(t, "latest", Query{}.String())
}
