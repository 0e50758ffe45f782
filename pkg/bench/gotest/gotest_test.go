package gotest

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func words(line string) []string { return strings.Fields(line) }

func TestIs(t *testing.T) {
	for line, want := range map[string]bool{
		"go test -bench=. ./...":                  true,
		"go test ./... --bench .":                 true,
		"/usr/local/go/bin/go test -test.bench=X": true,
		"go1.22.3 test -bench=.":                  true,
		"go1.27rc1 test -bench=.":                 true,
		"gotip test -bench=.":                     true,
		"go test -C dir -bench=. .":               true,
		"go test -benchmem ./...":                 false,
		"go test ./... -args -bench=.":            false,
		"go build -bench":                         false,
		"gopls test -bench=.":                     false,
		"go":                                      false,
		"":                                        false,
	} {
		require.Equal(t, want, Is(words(line), ""), line)
	}
	require.True(t, Is(words("go test ."), "-tags=x -bench=."))
	require.False(t, Is(words("go test ."), "-benchmem"))
}

func TestRecording(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"go test -bench=. ./...", "go test -exec=/r DIR -bench=. ./..."},
		{"go test -C sub -bench=. .", "go test -C sub -exec=/r DIR -bench=. ."},
		{"go test -C=sub -bench=. .", "go test -C=sub -exec=/r DIR -bench=. ."},
		{"go test -C", "go test -C -exec=/r DIR"},
	} {
		got, err := Recording(words(c.line), "/r", "DIR")
		require.NoError(t, err)
		require.Equal(t, c.want, strings.Join(got, " "))
	}
	for _, line := range []string{"-exec=x", "-c", "-o x", "--json", "-cover", "-fuzz=X", "-list=."} {
		_, err := Recording(words("go test -bench=. "+line), "/r")
		var flag *FlagError
		require.ErrorAs(t, err, &flag, line)
		require.Equal(t, flagName(words(line)[0]), flag.Flag)
	}
	got, err := Recording(words("go test -bench=. -args -c"), "/a b/r", "it's", `say "x"`)
	require.NoError(t, err, "flags after -args are the test's own")
	require.Equal(t, `-exec='/a b/r' "it's" 'say "x"'`, got[2])
}

func TestArguments(t *testing.T) {
	b := &Binary{Args: words("-test.paniconexit0 -test.timeout=10m0s -test.bench=. -test.cpu=1,2 -own=1 hi -test.run=X")}
	require.Equal(t, "-test.paniconexit0 -test.timeout=10m0s -test.bench=. -test.cpu=1,2 -test.run=^$ -own=1 hi -test.run=X",
		strings.Join(b.Arguments(Pass{}), " "), "what is behind the test's own flags is the test's")
	require.Equal(t, 10*time.Minute, b.Timeout())
	require.Equal(t, 1, b.Count())
	require.Contains(t, b.Arguments(Pass{BenchTime: time.Second}), "-test.benchtime=1s")
	require.Contains(t, strings.Join(b.Arguments(Pass{Once: true}), " "), "-test.benchtime=1x -test.count=1 -test.cpu=1 -own=1 hi")
	require.Contains(t, strings.Join(b.Arguments(Pass{CPUProfile: "/c", MemProfile: "/m", Trace: "/t"}), " "),
		"-test.cpuprofile=/c -test.memprofile=/m -test.trace=/t -own=1 hi")

	b = &Binary{Args: words("-test.paniconexit0 -own 3 -test.bench=. -test.run=X -other")}
	require.Equal(t, "-test.paniconexit0 -own 3 -test.bench=. -test.run=X -test.benchtime=1s -other",
		strings.Join(b.Arguments(Pass{BenchTime: time.Second}), " "), "-own has a value")

	b = &Binary{Args: words("-test.bench=. -test.run=Test -test.benchtime=3s -test.count=5 -test.v=test2json")}
	require.Equal(t, "-test.bench=. -test.run=Test -test.benchtime=3s -test.count=5 -test.v=test2json -test.v=false",
		strings.Join(b.Arguments(Pass{BenchTime: time.Second}), " "))
	require.Equal(t, 5, b.Count())
	require.Zero(t, b.Timeout())
}

func TestCheck(t *testing.T) {
	require.NoError(t, (&Binary{Args: words("-test.bench=. -test.cpuprofilerate=1")}).Check())
	for _, name := range []string{"cpuprofile", "memprofile", "trace", "blockprofile", "mutexprofile", "coverprofile"} {
		err := (&Binary{Args: words("-test.bench=. -test." + name + "=x")}).Check()
		var flag *FlagError
		require.ErrorAs(t, err, &flag)
		require.Equal(t, name, flag.Flag)
	}
}

// The go command of this machine runs the recorder in place of each test binary, with
// all that it would have run.
func TestTheGoCommandRecords(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o755))
	}
	write("go.mod", "module example.com/x\ngo 1.21\n")
	write("x_test.go", "package x\nimport \"testing\"\nfunc BenchmarkX(b *testing.B) {}\n")
	write("sub/y_test.go", "package y\nimport \"testing\"\nfunc BenchmarkY(b *testing.B) {}\n")
	write("it's a recorder/r", "#!/bin/sh\ncp \"$2\" \"$1/${2##*/}\"\n{ pwd; shift; for a; do echo \"$a\"; done; } >>\"$0.log\"\n")
	line, err := Recording(words("go test -bench=. -tags=foo ./... -own -args a b"), filepath.Join(dir, "it's a recorder/r"), dir)
	require.NoError(t, err)
	cmd := exec.CommandContext(t.Context(), line[0], line[1:]...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "GOFLAGS=-count=2", "GOWORK=off")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	log, err := os.ReadFile(filepath.Join(dir, "it's a recorder/r.log"))
	require.NoError(t, err)
	args := strings.Split(strings.TrimSpace(string(log)), "\n")
	half := len(args) / 2
	require.Equal(t, []string{dir, filepath.Join(dir, "sub")}, []string{args[0], args[half]})
	require.Equal(t, []string{"-test.bench=.", "-own", "a", "b"}, args[half-4:half])
	require.Subset(t, args[half:], []string{"-test.count=2", "-test.paniconexit0", "-test.timeout=10m0s"})

	b := Binary{Path: filepath.Join(dir, "sub.test")}
	require.NoError(t, b.Identify())
	require.Equal(t, "example.com/x/sub", b.Package)
	require.Regexp(t, `^go1\.\d+`, b.GoVersion)
	require.Equal(t, "foo", b.Settings["-tags"])
	text, err := json.Marshal(b)
	require.NoError(t, err)
	require.Contains(t, string(text), `"package":"example.com/x/sub"`)
	require.Error(t, (&Binary{Path: filepath.Join(dir, "go.mod")}).Identify())
}
