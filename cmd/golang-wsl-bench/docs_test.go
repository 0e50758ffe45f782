package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/pflag"
	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/fsio"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/gc"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/sched"
)

// docs/bench.md says what each method, mark, flag and field is.
func TestDocsExplainEverything(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "bench.md"))
	require.NoError(t, err)
	docs := string(text)
	for _, id := range sched.Methods() {
		require.Contains(t, docs, "\n| `"+id+"` |", "a method")
	}
	for _, id := range fsio.Operations() {
		require.Contains(t, docs, "`"+id+"`", "an operation")
	}
	for _, trigger := range gc.Triggers() {
		require.Contains(t, docs, "`"+string(trigger)+"`", "a trigger")
	}
	for cause := range bench.DefaultLimits() {
		require.Regexp(t, "`(Watch/)?"+cause+"`", docs, "a mark")
	}
	a := &app{env: func(string) string { return "" }, probes: allProbes()}
	for _, cmd := range a.rootCommand().Commands() {
		if cmd.Hidden {
			continue
		}
		require.Contains(t, docs, "`"+strings.Fields(cmd.Use)[0], "a command")
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			require.Regexp(t, "--"+f.Name+"\\b|`-"+f.Shorthand+" ", docs, "a flag of %s", cmd.Name())
		})
	}
}
