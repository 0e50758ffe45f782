package snapshot

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// This machine, whichever it is, has what every Linux has, and each fact has a value
// or a reason.
func TestTakeThisMachine(t *testing.T) {
	s := Take(t.Context(), Machine{Env: os.Getenv, Dirs: []string{t.TempDir()}})
	require.Equal(t, Schema, s.Schema)
	seen := make(map[[2]string]bool)
	for _, f := range s.Facts {
		require.NotEmpty(t, f.Group+f.Name)
		require.Contains(t, Groups(), f.Group, f)
		require.Contains(t, []Kind{Setting, Counter, Gauge}, f.Kind, f)
		require.NotEmpty(t, f.Source, f)
		require.NotEqual(t, f.Value == "", f.Absent == "", f)
		require.False(t, seen[[2]string{f.Group, f.Name}], "twice: %v", f)
		seen[[2]string{f.Group, f.Name}] = true
	}
	require.Contains(t, s.Value("identity", "version"), "Linux version")
}

func TestDiff(t *testing.T) {
	a := &Snapshot{Facts: []Fact{
		{Group: "cpu", Name: "governor", Kind: Setting, Value: "powersave"},
		{Group: "cpu", Name: "online", Kind: Setting, Value: "0-1"},
		{Group: "memory", Name: "free", Kind: Gauge, Value: "100"},
		{Group: "counters", Name: "ctxt", Kind: Counter, Value: "10"},
		{Group: "counters", Name: "steal", Kind: Counter, Value: "7"},
	}}
	b := &Snapshot{Facts: []Fact{
		{Group: "cpu", Name: "governor", Kind: Setting, Absent: "no permission"},
		{Group: "cpu", Name: "online", Kind: Setting, Value: "0-1"},
		{Group: "cpu", Name: "smt", Kind: Setting, Value: "off"},
		{Group: "memory", Name: "free", Kind: Gauge, Value: "90.5"},
		{Group: "counters", Name: "ctxt", Kind: Counter, Value: "25"},
		{Group: "counters", Name: "steal", Kind: Counter, Value: "7"},
	}}
	require.Equal(t, []Difference{
		{"cpu", "governor", Setting, "powersave", "absent (no permission)", ""},
		{"cpu", "smt", Setting, "absent (not asked for)", "off", ""},
		{"memory", "free", Gauge, "100", "90.5", "-9.5"},
		{"counters", "ctxt", Counter, "10", "25", "+15"},
	}, Diff(a, b))
	require.Empty(t, Diff(a, a))
}
