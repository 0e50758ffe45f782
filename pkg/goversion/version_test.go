package goversion

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// must parses a name that a test is sure of.
func must(t testing.TB, name string) Version {
	t.Helper()
	v, err := Parse(name)
	require.NoError(t, err)
	return v
}

func TestParse(t *testing.T) {
	for _, tt := range []struct{ in, want, minor string }{
		{"1.22.5", "1.22.5", "1.22"},
		{"go1.22.5", "1.22.5", "1.22"},
		{"1", "1", "1.0"},
		{"go1", "1", "1.0"},
		{"1.0.3", "1.0.3", "1.0"},
		{"1.4beta1", "1.4beta1", "1.4"},
		{"1.20rc1", "1.20rc1", "1.20"},
		{"1.9.2rc2", "1.9.2rc2", "1.9"},
		{"1.21rc10", "1.21rc10", "1.21"},
		{"1.20", "1.20", "1.20"},
		{"1.20.0", "1.20", "1.20"},
		{"1.21", "1.21.0", "1.21"},
		{"1.21.0", "1.21.0", "1.21"},
		{"1.21.0rc2", "1.21rc2", "1.21"},
		{"2", "2.0.0", "2.0"},
		{"1.9999.9999", "1.9999.9999", "1.9999"},
	} {
		t.Run(tt.in, func(t *testing.T) {
			v := must(t, tt.in)
			require.Equal(t, tt.want, v.String())
			require.Equal(t, tt.minor, v.Minor())
			require.False(t, v.IsZero())
			require.Equal(t, !strings.ContainsAny(tt.want, "br"), v.IsStable())
			require.True(t, v == must(t, v.String()), "the name reads back as the same version")
		})
	}
}

// garbage is what Parse and ParseQuery must refuse, with an error that says
// so. Some of it would do harm as part of a path or of a command line.
var garbage = []string{
	"", " ", "\t", "go", "gogo1.22", "v1.22.5", "1.", ".1", "1..2", "1.22.5.1",
	"01.22", "1.022", "1.22.05", "0", "0.1", "-1", "1.-2", "+1.22", "1,22,5 ;",
	"1.22rc", "1.22rc-1", "1.22RC1", "1.22alpha1", "1.22rc1beta1", "1.22beta1rc1", "1.22rc01", "1.22.5-acme", "1.22.5+build",
	"99999999999999999999999999.1", "1.70000", "1.22.4294967301", strings.Repeat("1", 1<<16), strings.Repeat("1.", 1<<15),
	"１.２２", "1.22٥", "1\u200b.22", "\ufeff1.22", "1.22.5\x00", "\xff\xfe",
	"$(cmd)", "`cmd`", "1.22$(cmd)", "1.22;rm", "1.22.5/..", "../x", "..", "/", "/etc/passwd", "1.22.5/", `1.22\5`, "1.22.5\n1.22.6",
	"system", "path:/x", "ref:abc", "default",
}

func TestParseGarbage(t *testing.T) {
	for _, in := range append([]string{" 1.22.5", "1.22.5 ", "1.22.5\r", "1.22.x", "latest"}, garbage...) {
		v, err := Parse(in)
		var bad *ParseError
		require.ErrorAs(t, err, &bad, "%q", in)
		require.Equal(t, in, bad.Text)
		require.Less(t, len(err.Error()), 500, "a long text is not repeated")
		require.True(t, v.IsZero())
	}
}

func TestZeroVersion(t *testing.T) {
	var none Version
	require.True(t, none.IsZero())
	require.False(t, none.IsStable())
	require.Empty(t, none.String())
	require.Empty(t, none.Minor())
}

func TestVersionInJSON(t *testing.T) {
	type doc struct{ V, None Version }
	data, err := json.Marshal(doc{V: must(t, "1.20rc1")})
	require.NoError(t, err)
	require.Equal(t, `{"V":"1.20rc1","None":""}`, string(data))
	var back doc
	require.NoError(t, json.Unmarshal(data, &back))
	require.Equal(t, doc{V: must(t, "1.20rc1")}, back)
	require.Error(t, json.Unmarshal([]byte(`{"V":"../x"}`), &back))
}
