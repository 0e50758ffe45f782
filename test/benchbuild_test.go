package test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const onceBench = "golang-wsl: building golang-wsl-bench (once) with "

// bench calls what "golang-wsl bench" becomes.
func (p *plugin) bench(args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(p.dir, "lib", "bench.bash"), args...)
	cmd.Env = p.env
	return cmd
}

func (p *plugin) benches(t *testing.T) []string {
	t.Helper()
	found, err := filepath.Glob(p.cache() + "/golang-wsl-bench-*")
	require.NoError(t, err)
	return found
}

func TestBenchIsBuiltOnce(t *testing.T) {
	p := withFakeGo(t, "golang-wsl")
	got := run(t, p.bench("sched", "--quick"))
	got.requireOK(t)
	require.Equal(t, "bench of one sched --quick\n", got.stdout)
	require.Equal(t, onceBench+filepath.Join(p.home, "fake", "bin", "go")+" ...\n", got.stderr)

	got = run(t, p.bench("a b", ""))
	got.requireOK(t)
	require.Equal(t, "bench of one a b \n", got.stdout)
	require.Empty(t, got.stderr)
	require.Equal(t, 1, p.builds(t))
	p.requireClean(t, 0)

	// The helper is built as ever, and neither takes the other away.
	run(t, p.command("list-all")).requireOK(t)
	run(t, p.bench()).requireOK(t)
	require.Equal(t, 2, p.builds(t))
	p.requireClean(t, 1)
	require.Len(t, p.benches(t), 1)
}

// Beside the helper, and with the same end of its name: there the helper finds it.
func TestBenchLiesBesideTheHelper(t *testing.T) {
	p := withFakeGo(t, `it's "q" $(touch x)`)
	run(t, p.command("list-all")).requireOK(t)
	run(t, p.bench()).requireOK(t)
	require.FileExists(t, strings.Replace(p.benches(t)[0], "-bench-", "-", 1))
}

func TestBenchOfNewSources(t *testing.T) {
	p := withFakeGo(t, "golang-wsl")
	run(t, p.bench()).requireOK(t)
	run(t, p.command("list-all")).requireOK(t)
	age(t, p)
	p.write(t, "pkg/noun/noun.go", "package noun\n\nconst Word = \"two\"\n")
	got := run(t, p.bench("x"))
	got.requireOK(t)
	require.Equal(t, "bench of two x\n", got.stdout)
	require.Contains(t, got.stderr, onceBench)
	require.Len(t, p.benches(t), 1, "the old one is gone")
	require.Contains(t, run(t, p.command("list-all")).stdout, "two callback")
	p.requireClean(t, 1)
}

// A helper that the user names is no program that measures.
func TestBenchBesideANamedHelper(t *testing.T) {
	p := withFakeGo(t, "golang-wsl")
	p.set("GOLANG_WSL_HELPER=/nowhere")
	got := run(t, p.bench("x"))
	got.requireOK(t)
	require.Equal(t, "bench of one x\n", got.stdout)
}

func TestTwoBenchesOneBuild(t *testing.T) {
	p := withFakeGo(t, "golang-wsl")
	until := filepath.Join(p.home, "until")
	p.set("FAKE_GO_UNTIL=" + until)
	type end struct{ result }
	ends := make(chan end, 2)
	for range 2 {
		go func() { ends <- end{run(t, p.bench("x"))} }()
	}
	buildStarts(t, p)
	time.Sleep(300 * time.Millisecond) // the other one waits, or comes later
	require.NoError(t, os.WriteFile(until, nil, 0o644))
	for range 2 {
		got := <-ends
		got.requireOK(t)
		require.Equal(t, "bench of one x\n", got.stdout)
	}
	require.Equal(t, 1, p.builds(t))
	p.requireClean(t, 0)
}

func TestBenchThatCannotBeBuilt(t *testing.T) {
	p := withFakeGo(t, "golang-wsl")
	p.set("FAKE_GO_DOWN=all")
	got := run(t, p.bench("x"))
	require.Equal(t, 1, got.code)
	require.Empty(t, got.stdout)
	require.Contains(t, got.stderr, "dial tcp: no route to ")
	require.Contains(t, got.stderr, "golang-wsl: error: cannot get what golang-wsl-bench is built from\n"+
		"golang-wsl: hint: check the network, or set GOPROXY to a module proxy that you can reach\n")
	require.Empty(t, p.benches(t))

	p.set("FAKE_GO_DOWN=", "FAKE_GO_FAIL=1")
	got = run(t, p.bench("x"))
	require.Equal(t, 1, got.code)
	require.Contains(t, got.stderr, "    main.go:1: no such thing\ngolang-wsl: error: golang-wsl-bench does not build\n")

	// That is no reason for the helper not to be built, and the other way round.
	p.set("FAKE_GO_FAIL=")
	run(t, p.command("list-all")).requireOK(t)
	run(t, p.bench()).requireOK(t)
}

// A key press builds nothing.
func TestCompletionDoesNotBuildTheBench(t *testing.T) {
	p := withFakeGo(t, "golang-wsl")
	got := run(t, p.bench("__complete", "sch"))
	require.Equal(t, 1, got.code)
	require.Empty(t, got.stdout+got.stderr)
	require.Zero(t, p.builds(t))

	run(t, p.bench()).requireOK(t)
	require.Equal(t, "bench of one __completeNoDesc sch\n", run(t, p.bench("__completeNoDesc", "sch")).stdout)
}

// strippedBench is golang-wsl-bench as a user has it built: stripped, and without the
// race detector, which these tests may have.
func strippedBench(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "golang-wsl-bench")
	cmd := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", path, "../cmd/golang-wsl-bench")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	run(t, cmd).requireOK(t)
	return path
}

// What measures is built by a user, and kept in a cache: it must be small enough for
// both.
func TestBenchIsSmall(t *testing.T) {
	info, err := os.Stat(strippedBench(t))
	require.NoError(t, err)
	require.Less(t, info.Size(), int64(25<<20))
}

// The helper knows where its sources are, whatever the directory is called.
func TestHelperKnowsItsSources(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"golang wsl", "stamped"}, {"it's", "stamped"}, {`"q" $(x)`, "stamped"}, {`it's "q"`, ""},
	} {
		p := newPlugin(t, c.name)
		p.edit(t, "cmd/golang-wsl/main.go", "var defaultGOPROXY string", "var defaultGOPROXY, builtFrom string")
		p.edit(t, "cmd/golang-wsl/main.go", "defaultGOPROXY)", `"from "+builtFrom)`)
		p.set("GOCACHE="+goEnv(t, "GOCACHE"), "GOTELEMETRY=off")
		got := run(t, p.command("list-all"))
		got.requireOK(t)
		want := "from \n"
		if c.want != "" {
			want = "from " + p.dir + "\n"
		}
		require.True(t, strings.HasSuffix(got.stdout, want), got.stdout)
	}
}

// A copy on PATH builds golang-wsl-bench from the clone that it is from.
func TestBenchOfAStandaloneHelper(t *testing.T) {
	r := newReader(t)
	for _, command := range []string{"cd " + r.repository, "./scripts/build ~/.local/bin", "golang-wsl version"} {
		shown, code := r.follow(t, command)
		require.Zero(t, code, shown)
	}
	shown, code := r.follow(t, "cd && golang-wsl bench --help")
	require.Zero(t, code, shown)
	require.Contains(t, shown, onceBench)
	require.Contains(t, shown, "golang-wsl bench [command]")
	shown, code = r.follow(t, "golang-wsl bench compare --help && golang-wsl __complete bench comp")
	require.Zero(t, code, shown)
	require.NotContains(t, shown, onceBench)
	require.Contains(t, shown, "compare\tWhether two files")
}
