package report

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/snapshot"
)

func TestMachines(t *testing.T) {
	of := func(values ...string) *snapshot.Snapshot {
		s := &snapshot.Snapshot{Schema: snapshot.Schema}
		for i, f := range []snapshot.Fact{
			{Group: "identity", Name: "distribution", Kind: snapshot.Setting},
			{Group: "cpu", Name: "model", Kind: snapshot.Setting},
			{Group: "cpu", Name: "smt", Kind: snapshot.Setting},
			{Group: "go", Name: "version", Kind: snapshot.Setting},
			{Group: "scheduler", Name: "load1", Kind: snapshot.Gauge},
			{Group: "memory", Name: "dirty-kib", Kind: snapshot.Gauge},
			{Group: "counters", Name: "ctxt", Kind: snapshot.Counter},
		} {
			f.Value = values[i]
			s.Facts = append(s.Facts, f)
		}
		return s
	}
	a := of("Debian", "AMD EPYC", "on", "go1.26.8", "0.1", "10", "100")
	b := of("Ubuntu", strings.Repeat("Intel ", 20), "off", "go1.26.8", "9.5", "20", "200")
	require.Equal(t, `the machines                first     second
  cpu         model         AMD EPYC  Intel Intel Intel Intel Intel Intel I...
              smt           on        off
  identity    distribution  Debian    Ubuntu
  scheduler   load1         0.1       9.5
2 other values differ, which change by themselves
`, Machines(a, b))
	require.Empty(t, Machines(a, a))
}
