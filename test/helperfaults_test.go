package test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// together runs the same door n times at once, and lets the build go on when
// all the others wait for it.
func (p *plugin) together(t *testing.T, n int) []result {
	t.Helper()
	dir := t.TempDir()
	until := filepath.Join(dir, "until")
	doors := make([]*exec.Cmd, n)
	said := make([]string, n)
	for i := range doors {
		said[i] = filepath.Join(dir, fmt.Sprint(i))
		file, err := os.Create(said[i])
		require.NoError(t, err)
		defer file.Close()
		doors[i] = p.command("list-all", fmt.Sprint(i))
		doors[i].Env = append(p.env, "FAKE_GO_UNTIL="+until)
		doors[i].Stdout, doors[i].Stderr = file, file
		require.NoError(t, doors[i].Start())
	}
	read := func() (all []string) {
		for _, name := range said {
			text, err := os.ReadFile(name)
			require.NoError(t, err)
			all = append(all, string(text))
		}
		return all
	}
	require.Eventually(t, func() bool {
		all := strings.Join(read(), "")
		return strings.Count(all, "waiting for the build") == n-1 && strings.Contains(all, once)
	}, time.Minute, 20*time.Millisecond, "seven doors wait for the eighth")
	require.NoError(t, os.WriteFile(until, nil, 0o644))
	results := make([]result, n)
	for i, door := range doors {
		_ = door.Wait()
		results[i].code = door.ProcessState.ExitCode()
	}
	for i, text := range read() {
		results[i].stdout = text
	}
	return results
}

func TestEightDoorsOneBuild(t *testing.T) {
	p := withFakeGo(t, "golang-wsl")
	for i, got := range p.together(t, 8) {
		got.requireOK(t)
		require.Contains(t, got.stdout, fmt.Sprintf("list-all %d ", i))
	}
	require.Equal(t, 1, p.builds(t))
	p.requireClean(t, 1)
}

func TestEightDoorsOneFailure(t *testing.T) {
	p := withFakeGo(t, "golang-wsl")
	p.set("FAKE_GO_FAIL=1")
	for _, got := range p.together(t, 8) {
		require.Equal(t, 1, got.code)
		require.Regexp(t, `(?m)^golang-wsl: error: `, got.stdout)
	}
	require.Equal(t, 1, p.builds(t))
	p.requireClean(t, 0)

	p.set("FAKE_GO_FAIL=")
	run(t, p.command("list-all")).requireOK(t)
	p.requireClean(t, 1)
}

func TestFailureSaysWhy(t *testing.T) {
	p := withFakeGo(t, "golang-wsl")
	p.set("FAKE_GO_FAIL=1")
	got := run(t, p.command("list-all"))
	require.Equal(t, 1, got.code)
	require.Contains(t, got.stderr, "    main.go:1: no such thing\ngolang-wsl: error: the helper does not build\n")
	p.requireClean(t, 0)
}

func TestHelperThatDoesNotRun(t *testing.T) {
	p := withFakeGo(t, "golang-wsl")
	p.edit(t, "lib/build.bash", `"$golang_wsl_work/$golang_wsl_main" --help`, `false`)
	got := run(t, p.command("list-all"))
	require.Equal(t, 1, got.code)
	require.Contains(t, got.stderr, "golang-wsl: error: the helper was built, and does not run in "+p.cache()+"\ngolang-wsl: hint: ")
	p.requireClean(t, 0)
}

func TestProxyOutOfReach(t *testing.T) {
	for _, c := range []struct{ name, proxy, down, stamped string }{
		{"the usual one", "https://a.test,direct", "https://a.test,direct", "https://goproxy.cn,direct"},
		{"none", "https://a.test,direct", "all", ""},
		{"off means off", "off", "off", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := withFakeGo(t, "golang-wsl")
			p.set("GOPROXY="+c.proxy, "FAKE_GO_DOWN="+c.down)
			got := run(t, p.command("list-all"))
			if c.stamped != "" {
				got.requireOK(t)
				require.Contains(t, got.stdout, " "+c.stamped+" ")
				return
			}
			require.Equal(t, 1, got.code)
			require.Contains(t, got.stderr, "dial tcp: no route to ")
			require.Contains(t, got.stderr, "golang-wsl: error: cannot get what the helper is built from\ngolang-wsl: hint: ")
			require.Equal(t, c.proxy == "off", !strings.Contains(got.stderr, "goproxy.cn"))
			p.requireClean(t, 0)
		})
	}
}

func TestPasswordIsNotStamped(t *testing.T) {
	p := withFakeGo(t, "golang-wsl")
	p.set("GOPROXY=https://user:secret@a.test,direct")
	got := run(t, p.command("list-all"))
	got.requireOK(t)
	require.Contains(t, got.stdout, " https://proxy.test,direct ")
	require.Contains(t, strings.Join(p.goLog(t), "\n"), "list -C ")
	env, err := os.ReadFile(filepath.Join(p.home, "fake", "env"))
	require.NoError(t, err)
	require.Contains(t, string(env), "GOPROXY=https://user:secret@a.test,direct\n")
}

// A shim would ask this plugin for a version, and so on without end.
func TestShimsAreNoGo(t *testing.T) {
	p := withFakeGo(t, "golang-wsl")
	called := filepath.Join(p.home, "called")
	shim := fmt.Sprintf("# asdf-plugin: golang-wsl 1.22.5\ntouch %q\n", called)
	other := filepath.Join(p.home, "other")
	writeScript(t, filepath.Join(other, "a", "go"), shim)
	writeScript(t, filepath.Join(other, "shims", "go"), fmt.Sprintf("touch %q\n", called))
	writeScript(t, filepath.Join(other, "mise"), fmt.Sprintf("touch %q\n", called))
	require.NoError(t, os.Mkdir(filepath.Join(other, "b"), 0o755))
	require.NoError(t, os.Symlink("../mise", filepath.Join(other, "b", "go")))
	p.set("PATH=" + strings.Join([]string{other + "/a", other + "/shims", other + "/b", filepath.Join(p.home, "fake", "bin"), os.Getenv("PATH")}, ":"))

	got := run(t, p.command("list-all"))
	got.requireOK(t)
	require.Contains(t, got.stderr, once+filepath.Join(p.home, "fake", "bin", "go"))
	require.NoFileExists(t, called)
}

// One that is not known to be a shim, but calls back, must end too.
func TestGoThatCallsThePlugin(t *testing.T) {
	p := withFakeGo(t, "golang-wsl")
	wrapper := filepath.Join(p.home, "wrapper")
	writeScript(t, filepath.Join(wrapper, "go"), fmt.Sprintf("echo x >>%q\nexec %q\n", filepath.Join(p.home, "calls"), p.door("list-all")))
	p.set("PATH=" + wrapper + ":" + filepath.Join(p.home, "fake", "bin") + ":" + os.Getenv("PATH"))
	run(t, p.command("list-all")).requireOK(t)
	calls, err := os.ReadFile(filepath.Join(p.home, "calls"))
	require.NoError(t, err)
	require.Equal(t, "x\n", string(calls))
}

func TestWhichGo(t *testing.T) {
	p := withFakeGo(t, "golang-wsl")
	p.edit(t, "lib/find-go.bash", "/usr/local/go/bin/go", "/nowhere/go")
	// Each answers with its own version, and with nothing where it is no Go.
	dir := func(name, version string) string {
		bin := filepath.Join(p.home, name, "bin")
		writeScript(t, filepath.Join(bin, "go"), "FAKE_GO_VERSION='"+version+"'\n"+fakeGo)
		return bin
	}
	old, enough, devel, broken := dir("old", "go1.20.14"), dir("enough", "go1.21rc2"), dir("devel", "devel go1.27-2f5c5a2 Mon"), dir("broken", "")
	good := filepath.Join(p.home, "fake", "bin")
	for _, c := range []struct {
		path []string
		want string
	}{
		{[]string{old, broken, good}, good},
		{[]string{enough, good}, good},
		{[]string{enough, old}, enough},
		{[]string{devel, good}, devel},
	} {
		tools := onlyTools(t, "")
		p.set("PATH="+strings.Join(c.path, ":")+":"+tools, "GOLANG_WSL_CACHE_DIR="+t.TempDir())
		got := run(t, p.command("list-all"))
		got.requireOK(t)
		require.Equal(t, once+filepath.Join(c.want, "go")+" ...\n", got.stderr)
	}
}

// An install of this very plugin is as good as any Go.
func TestGoThatThisPluginInstalled(t *testing.T) {
	p := withFakeGo(t, "golang")
	p.edit(t, "lib/find-go.bash", "/usr/local/go/bin/go", "/nowhere/go")
	installed := filepath.Join(filepath.Dir(p.dir), "..", "installs", "golang", "1.26.8", "go", "bin")
	writeScript(t, filepath.Join(installed, "go"), fakeGo)
	p.set("PATH=" + onlyTools(t, ""))
	got := run(t, p.command("list-all"))
	got.requireOK(t)
	require.Contains(t, got.stderr, "installs/golang/1.26.8/go/bin/go ...")
}

// buildStarts waits until the fake go is in the middle of a build.
func buildStarts(t *testing.T, p *plugin) {
	t.Helper()
	require.Eventually(t, func() bool {
		found, _ := filepath.Glob(p.cache() + "/work.*/tmp/half")
		return len(found) == 1
	}, 20*time.Second, 10*time.Millisecond)
}

func TestSignalsLeaveNothing(t *testing.T) {
	for sig, code := range map[syscall.Signal]int{syscall.SIGINT: 130, syscall.SIGTERM: 143, syscall.SIGHUP: 129} {
		t.Run(sig.String(), func(t *testing.T) {
			unignore(t, sig)
			p := withFakeGo(t, "golang-wsl")
			p.set("FAKE_GO_SLEEP=77.25")
			cmd := p.command("list-all")
			require.NoError(t, cmd.Start())
			buildStarts(t, p)
			begin := time.Now()
			require.NoError(t, cmd.Process.Signal(sig))
			require.Error(t, cmd.Wait())
			require.Equal(t, code, cmd.ProcessState.ExitCode())
			require.Less(t, time.Since(begin), 20*time.Second)
			p.requireClean(t, 0)
			requireNoProcess(t, "sleep\x0077.25")

			p.set("FAKE_GO_SLEEP=0")
			run(t, p.command("list-all")).requireOK(t)
			p.requireClean(t, 1)
		})
	}
}

// requireNoProcess fails if a process has these words among its arguments.
func requireNoProcess(t *testing.T, words string) {
	t.Helper()
	found, err := filepath.Glob("/proc/[0-9]*/cmdline")
	require.NoError(t, err)
	for _, file := range found {
		data, _ := os.ReadFile(file)
		require.NotContains(t, string(data), words)
	}
}

func TestKilledBuildIsTakenOver(t *testing.T) {
	p := withFakeGo(t, "golang-wsl")
	p.set("FAKE_GO_SLEEP=5")
	cmd := p.command("list-all")
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	require.NoError(t, cmd.Start())
	buildStarts(t, p)
	require.NoError(t, cmd.Process.Kill())
	require.Error(t, cmd.Wait())
	link, err := os.Readlink(p.cache() + "/lock")
	require.NoError(t, err)
	require.Regexp(t, regexp.MustCompile(fmt.Sprintf(`^%d\.[0-9]+\.[0-9a-f-]{36}$`, cmd.Process.Pid)), link)

	p.set("FAKE_GO_SLEEP=0")
	for _, got := range p.together(t, 4) {
		got.requireOK(t)
	}
	require.Equal(t, 2, p.builds(t))
	p.requireClean(t, 1)
}

// A lock whose number belongs to another process by now, or to one of before
// the last boot, holds nobody up.
func TestLockOfAnotherLife(t *testing.T) {
	for _, owner := range []string{
		fmt.Sprintf("%d.1.%s", os.Getpid(), bootID(t)),
		fmt.Sprintf("%d.1.00000000-0000-0000-0000-000000000000", os.Getpid()),
		"999999999.1." + bootID(t),
		"nonsense",
	} {
		p := withFakeGo(t, "golang-wsl")
		require.NoError(t, os.MkdirAll(p.cache(), 0o755))
		require.NoError(t, os.Symlink(owner, p.cache()+"/lock"))
		run(t, p.command("list-all")).requireOK(t)
		p.requireClean(t, 1)
	}
}

func bootID(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	require.NoError(t, err)
	return strings.TrimSpace(string(data))
}

// A power cut can leave a file without its content. Bash runs an empty file
// without complaint, so that an install would seem to succeed.
func TestEmptyHelperIsNone(t *testing.T) {
	p := withFakeGo(t, "golang-wsl")
	run(t, p.command("list-all")).requireOK(t)
	found, err := filepath.Glob(p.cache() + "/golang-wsl-*")
	require.NoError(t, err)
	require.Len(t, found, 2, "helper and shim")
	for i, file := range found {
		require.NoError(t, os.Truncate(file, 0))
		require.Contains(t, run(t, p.command("list-all")).stdout, "one callback")
		require.Equal(t, i+2, p.builds(t))
	}
}

// `git pull` during a build must not give the new name to the old program.
func TestSourcesThatChangeDuringTheBuild(t *testing.T) {
	p := withFakeGo(t, "golang-wsl")
	until := filepath.Join(p.home, "until")
	p.set("FAKE_GO_UNTIL=" + until)
	var stdout bytes.Buffer
	cmd := p.command("list-all")
	cmd.Stdout = &stdout
	require.NoError(t, cmd.Start())
	buildStarts(t, p)
	p.write(t, "pkg/noun/noun.go", "package noun\n\nconst Word = \"two\"\n")
	require.NoError(t, os.WriteFile(until, nil, 0o644))
	require.NoError(t, cmd.Wait())
	require.Contains(t, stdout.String(), "two ")
	require.Equal(t, 2, p.builds(t))
	p.requireClean(t, 1)
}

// onlyTools is a directory with the commands that quickstart may count on. With
// busybox all but bash, curl and git are its applets.
func onlyTools(t *testing.T, busybox string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{
		"bash", "env", "uname", "mkdir", "rm", "mv", "ln", "readlink", "find", "sort", "sed", "grep", "head", "tail", "cat",
		"touch", "sleep", "chmod", "tar", "gzip", "sha256sum", "sync",
	} {
		target := busybox
		if busybox == "" || name == "bash" {
			var err error
			if target, err = exec.LookPath(name); err != nil {
				require.Equal(t, "sync", name)
				continue
			}
		}
		require.NoError(t, os.Symlink(target, filepath.Join(dir, name)))
	}
	return dir
}
