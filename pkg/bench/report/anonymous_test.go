package report

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/flame"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/snapshot"
)

// named are names that stand for themselves in no text of a program.
var named = snapshot.Secrets{
	Hosts: []string{"anns-laptop"}, Users: []string{"annabel"}, MACs: []string{"02:42:ac:11:00:02"},
	Dirs: []snapshot.Dir{{Path: "/home/annabel", As: "home"}},
}

// Nothing in an anonymous bundle names anybody, whatever it is in: samples, command,
// machine, profiles, page. And it is as good a bundle as any.
func TestAnonymous(t *testing.T) {
	e := full(t)
	e.Raw[0].Data = append(e.Raw[0].Data, "log: /home/annabel/src/secret-plan/x.go by Annabel\n"...)
	e.Set.Failed = []bench.Failure{{Probe: "command", Error: "open /home/annabel/src/secret-plan/y: no"}}
	e.Set.Runs[0].Env = append(e.Set.Runs[0].Env, bench.Key{Name: "host", Value: "anns-laptop"})
	bytesOfName, err := base64.StdEncoding.DecodeString("annabel/")
	require.NoError(t, err)
	for i := range e.Raw[1:4] { // in base64, as JSON has bytes, they are a name
		e.Raw[1+i].Data = bytes.Repeat(bytesOfName, 100)
		e.Set.Runs[1+i].Partial = true
		e.Set.Runs[1+i].Values = nil
	}
	data := bundled(t, e, Options{Redact: snapshot.NewRedactor(named)})
	require.True(t, open(t, data).Manifest.Anonymous)
	v := checked(t, data)
	require.True(t, v.Sound, v.Findings)
	for name, text := range open(t, data).files {
		for _, secret := range []string{"annabel", "anns-laptop", "secret-plan", "02:42:ac:11:00:02"} {
			require.NotContains(t, strings.ToLower(string(text)), secret, name)
		}
	}
	p, err := flame.Parse(open(t, data).files["profiles/cpu-A-encoding-json.pprof"])
	require.NoError(t, err)
	require.Equal(t, "[home]/...", p.Function[0].Filename)
	require.Equal(t, "[home]/...", p.Mapping[0].File)
	require.Equal(t, []string{"by [user]"}, p.Comments)
	require.Contains(t, string(e.Raw[0].Data), "Annabel", "the evidence stays as it is")

	plain := bundled(t, full(t), Options{})
	require.True(t, bytes.Contains(plain, []byte("secret-plan")), "or there was nothing to take out")
}
