package test

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// withAsdf is a data directory in which asdf 0.16 or later and the shim choose
// from the same installs, under two plugin names.
func withAsdf(t *testing.T, plugin string) (s *shimmed, asdf, tools string) {
	asdf = need(t, "asdf")
	if out, err := exec.Command(asdf, "--version").CombinedOutput(); err != nil || strings.Contains(string(out), "0.14.") || strings.Contains(string(out), "0.15.") {
		t.Skipf("asdf 0.16 and later choose this way, not %s", out)
	}
	s = newShimmed(t, plugin, "1.20.14", "1.22.5", "1.23.1", "default", ".stage", "ref-main", "1.22.5:x", "1.22.5\t1.23.1")
	for _, part := range []string{"bin", "lib"} {
		copyTree(t, filepath.Join(repository(t), part), filepath.Join(s.data, "plugins", plugin, part))
	}
	for _, version := range []string{"nogofmt", "nogo", "notexecutable", "isdir", "empty"} {
		s.install(t, version)
	}
	require.NoError(t, os.Remove(s.root("nogofmt")+"/bin/gofmt"))
	require.NoError(t, os.Remove(s.root("nogo")+"/bin/go"))
	require.NoError(t, os.Chmod(s.root("notexecutable")+"/bin/go", 0o644))
	require.NoError(t, os.Remove(s.root("isdir")+"/bin/go"))
	require.NoError(t, os.Mkdir(s.root("isdir")+"/bin/go", 0o755))
	require.NoError(t, os.RemoveAll(s.root("empty")+"/bin"))
	require.NoError(t, os.Symlink("1.22.5", s.root("link")))
	require.NoError(t, os.WriteFile(filepath.Join(s.data, "golang-wsl", "env.sh"), []byte("[ -n \"${GOBIN:-}\" ] || export GOBIN='"+s.bin()+"'\n"), 0o644))

	base := filepath.Dir(s.data)
	tools = filepath.Join(base, "tools")
	require.NoError(t, os.Mkdir(tools, 0o755))
	for _, name := range []string{"bash", "sh", "env", "asdf", "cat"} {
		require.NoError(t, os.Symlink(need(t, name), filepath.Join(tools, name)))
	}
	for _, name := range []string{"usr1", "usr2", "own"} {
		fakeCommands(t, filepath.Join(base, name), name)
	}
	cmd := exec.Command(asdf, "reshim")
	cmd.Env = append(s.env, "GOLANG_WSL_HELPER="+realHelper(t))
	run(t, cmd).requireOK(t)
	text, err := os.ReadFile(filepath.Join(s.data, "shims", "go"))
	require.NoError(t, err)
	require.Contains(t, string(text), "# asdf-plugin: "+plugin+" ref:main\n")
	return s, asdf, tools
}

// The shim and asdf run the same binary with the same words and environment, or
// fail with the same code and run nothing.
func TestShimChoosesAsAsdf(t *testing.T) {
	trees := 1000
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("GOLANG_WSL_TEST_SEED"); text != "" {
		var err error
		seed, err = strconv.ParseUint(text, 10, 64)
		require.NoError(t, err)
	}
	t.Logf("GOLANG_WSL_TEST_SEED=%d repeats these trees", seed)
	one, asdf, tools := withAsdf(t, "golang-wsl")
	two, _, tools2 := withAsdf(t, "golang")
	var next, ran, failed atomic.Int64
	var group sync.WaitGroup
	for range runtime.NumCPU() {
		group.Go(func() {
			for i := next.Add(1); i <= int64(trees) && !t.Failed(); i = next.Add(1) {
				w := &world{Rand: rand.New(rand.NewPCG(seed, uint64(i))), t: t, s: one, tools: tools, root: filepath.Join(filepath.Dir(one.data), "trees", strconv.Itoa(int(i)))}
				if w.chance(20) {
					w.s, w.tools = two, tools2
				}
				w.build()
				shims := filepath.Join(w.s.data, "shims")
				want := w.call(shims, asdf, "exec", w.command, "a b", "", "c")
				got := w.call(w.s.bin()+":"+shims, filepath.Join(w.s.bin(), w.command), "a b", "", "c")
				if want.code != got.code || want.stdout != got.stdout || got.code != 0 && !strings.HasPrefix(got.stderr, "golang-wsl: error: ") {
					t.Errorf("tree %d of seed %d: %s in %s\n%s\nenv %q PATH %s\nasdf: %+v\nshim: %+v",
						i, seed, w.command, w.dir, strings.Join(w.written, "\n"), w.env, w.system, want, got)
				}
				if got.code == 0 {
					ran.Add(1)
				} else {
					failed.Add(1)
				}
				require.NoError(t, os.RemoveAll(w.root))
			}
		})
	}
	group.Wait()
	t.Logf("%d ran a go, %d failed", ran.Load(), failed.Load())
	if !t.Failed() {
		require.Greater(t, ran.Load(), int64(trees/5), "the trees must tell right from wrong")
		require.Greater(t, failed.Load(), int64(trees/10))
	}
}
