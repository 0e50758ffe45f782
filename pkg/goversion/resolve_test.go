package goversion

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// versions parses names that are separated by blanks.
func versions(t testing.TB, names string) []Version {
	t.Helper()
	var vs []Version
	for _, name := range strings.Fields(names) {
		vs = append(vs, must(t, name))
	}
	return vs
}

func TestNoMatch(t *testing.T) {
	for _, tt := range []struct{ query, near string }{
		{"1.28", "1.28rc1"}, // a line that has only prereleases
		{"1.7.2", "1.7.3 1.7.1 1.7.4"},
		{"1.22.99", "1.22.12 1.22.11 1.22.10"},
		{"1.21rc1", "1.21.0 1.21rc4 1.21rc3"},
		{"1.20rc9", "1.20 1.20rc3 1.20rc2"},
		{"1.225", "1.27.0 1.26.7 1.25.14"},
		{">=1.30", "1.27.0 1.26.7 1.25.14"},
		{"1.1", "1 1.2.2 1.3.3"},
		{"2", "1 1.2.2 1.3.3"},
		{">1.23 <1.22", "1.23.0 1.23.1 1.23.2"},
	} {
		t.Run(tt.query, func(t *testing.T) {
			q, err := ParseQuery(tt.query)
			require.NoError(t, err)
			list := next(t)
			before := slices.Clone(list)
			v, err := q.Resolve(list)
			var none *NoMatchError
			require.ErrorAs(t, err, &none)
			require.True(t, v.IsZero())
			require.Equal(t, before, list, "the list is left alone")
			require.Equal(t, tt.query, none.Query)
			require.EqualError(t, err, `no Go release matches "`+tt.query+`"`)
			require.Equal(t, versions(t, tt.near), none.Near)
		})
	}
}

func TestResolveSmallLists(t *testing.T) {
	for _, tt := range []struct{ query, list, want string }{
		{"latest", "", ""},
		{"oldstable", "", ""},
		{"1.22", "", ""},
		{"1.22.5", "", ""},
		{"latest", "1.28rc1", ""},
		{"oldstable", "1.22.1 1.22.5", ""}, // no line before it
		{"oldstable", "1.22.1 1.20.3 1.20.14 1.21rc2 1.23rc1", "1.20.14"},
		{"1.2", "1.20 1.21.0 1.22.5", ""},
		{"1.22", "1.22.9 1.22.9 1.22.10 1.22.9", "1.22.10"},
		{"1.22.5", "1.22.50 1.22.5rc1", ""},
	} {
		q, err := ParseQuery(tt.query)
		require.NoError(t, err)
		v, err := q.Resolve(versions(t, tt.list))
		require.Equal(t, tt.want, v.String(), "%s of %s", tt.query, tt.list)
		require.Equal(t, tt.want == "", err != nil)
	}
}

func TestNearHasNoDuplicates(t *testing.T) {
	q, err := ParseQuery("1.22.5")
	require.NoError(t, err)
	_, err = q.Resolve(versions(t, "1.22.4 1.22.4 1.22.3 1.22.4 1.22.3"))
	var none *NoMatchError
	require.ErrorAs(t, err, &none)
	require.Equal(t, versions(t, "1.22.4 1.22.3"), none.Near)
}
