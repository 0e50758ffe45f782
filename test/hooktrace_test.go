package test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/shell"
)

// processes counts the system calls that make a process, a thread or another
// program, of a shell that runs this script.
func (h *hooked) processes(t *testing.T, script string, flags ...string) int {
	t.Helper()
	need(t, "strace")
	traced, log := *h, filepath.Join(t.TempDir(), "trace")
	traced.argv = slices.Concat([]string{"strace", "-f", "-qq", "-e", "trace=clone,clone3,fork,vfork,execve,execveat", "-e", "signal=none", "-o", log, need(t, h.argv[0])}, h.argv[1:], flags)
	traced.run(t, script).requireOK(t)
	data, err := os.ReadFile(log)
	require.NoError(t, err)
	require.Contains(t, string(data), "execve(")
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	if h.fish && slices.Contains(flags, "-i") {
		// It has threads, and not always the same number.
		lines = slices.DeleteFunc(lines, func(line string) bool { return strings.Contains(line, "CLONE_THREAD") })
	}
	return len(lines)
}

func TestHookStartsNoProcess(t *testing.T) {
	eachShell(t, func(t *testing.T, h *hooked) {
		for kind := range hookKinds {
			h.proc = hookKinds[kind]
			require.NoError(t, os.MkdirAll(filepath.Join(h.data(kind), "installs", "golang-wsl", "default"), 0o755))
		}
		h.write(t, ".tool-versions", "golang-wsl 1.22.5\n")
		empty := filepath.Join(h.home, "empty")
		h.write(t, "empty", "")
		for kind := range hookKinds {
			h.proc = hookKinds[kind]
			for _, flags := range [][]string{nil, {"-i"}} {
				want := h.processes(t, strings.ReplaceAll(h.script("SOURCE"), "$HOOK", empty), flags...)
				require.Equal(t, want, h.processes(t, "SOURCE", flags...), "%s %s", kind, flags)
			}
			require.NotEmpty(t, h.warnings(t, "SOURCE"), "it has warned, too")
		}
		h.proc = ambiguous
		writeScript(t, filepath.Join(h.data("wsl1"), "golang-wsl", "bin", "golang-wsl"), "echo wsl2")
		want := h.processes(t, ":")
		require.Greater(t, h.processes(t, "SOURCE"), want, "to be counted, there must be something")
		require.Equal(t, want, h.processes(t, "SOURCE"), "the answer is kept")
	})
}

// dumps print, for each hook's shells, all that a script can change in its shell.
var dumps = map[string]string{
	"bash": `{ set +o; alias; trap; umask; if [ -n "${BASH_VERSION-}" ]; then declare -p; declare -F; shopt; else set; fi; }`,
	"zsh":  `{ setopt; alias; trap; umask; typeset; typeset +f; }`,
	"fish": `begin; set -g; set -U; functions -a -n | string split ,; bind; abbr; umask; complete; end`,
}

// What the hook may leave, and what changes in a shell by itself.
var (
	documented = regexp.MustCompile(`^([^\s=]+ )*(ASDF_DATA_DIR|PATH|path|MISE_DATA_DIR|MISE_CACHE_DIR|MISE_ENV|GOLANG_WSL_WARNED|asdf)([= ]|$)`)
	restless   = regexp.MustCompile(`^([^\s=]+ )*(_|\?|BASH_\w+|SECONDS|S?RANDOM|EPOCH\w+|LINENO|PIPESTATUS|pipestatus|status|CMD_DURATION)([= ]|$)`)
)

func TestHookLeavesNothingElse(t *testing.T) {
	eachShell(t, func(t *testing.T, h *hooked) {
		if h.argv[0] == os.Getenv("OLD_BASH") {
			t.Skip("bash 3.2 dumps the text of functions, too")
		}
		h.proc = hookKinds["wsl2"]
		dump := dumps[strings.TrimPrefix(filepath.Ext(h.hook), ".")]
		// Once before, or the first dump lacks what dumping itself leaves.
		got := h.run(t, dump+" >dump\n"+dump+" >before\nSOURCE\n"+dump+" >after\nSOURCE\n"+dump+" >again")
		got.requireOK(t)
		require.Empty(t, got.stdout+got.stderr)
		lines := func(name string) []string {
			data, err := os.ReadFile(filepath.Join(h.home, name))
			require.NoError(t, err)
			return slices.DeleteFunc(strings.Split(string(data), "\n"), restless.MatchString)
		}
		before, after := lines("before"), lines("after")
		require.Greater(t, len(before), 5)
		require.Equal(t, after, lines("again"))
		changed := 0
		for _, line := range append(linesWithout(before, after), linesWithout(after, before)...) {
			require.Regexp(t, documented, line)
			changed++
		}
		require.GreaterOrEqual(t, changed, 5)
	})
}

// linesWithout are the lines that are not among the others.
func linesWithout(lines, others []string) (rest []string) {
	for _, line := range lines {
		if !slices.Contains(others, line) {
			rest = append(rest, line)
		}
	}
	return rest
}

// What zsh, bash and the helper say of the same kernel must be the same, or
// installs are made where no shell looks.
func TestHookAndHelperAgree(t *testing.T) {
	needKernels(t)
	helper := realHelper(t)
	home, samples := t.TempDir(), kernelSamples(t)
	writeScript(t, filepath.Join(home, ".asdf", "golang-wsl", "bin", "golang-wsl"), `exec "`+helper+`" detect --root "$SAMPLE" --kind`)
	var driver strings.Builder
	driver.WriteString("set -eu\n")
	for name, sh := range hookShells {
		if strings.Contains(name, " ") {
			continue
		}
		argv := slices.Concat([]string{need(t, sh.argv[0])}, sh.argv[1:], []string{"-c", `. "$HOOK"; echo "$SAMPLE $ASDF_DATA_DIR"`})
		for i, word := range argv {
			argv[i] = shell.Quote("sh", word)
		}
		hook := filepath.Join(repository(t), "pkg", "shell", "hook."+sh.hook)
		driver.WriteString(`for SAMPLE in */; do
			export SAMPLE
			cat "$SAMPLE/proc/cmdline" >/proc/cmdline
			cat "$SAMPLE/proc/sys/kernel/osrelease" >/proc/sys/kernel/osrelease
			HOOK=` + shell.Quote("sh", hook) + ` ` + strings.Join(argv, " ") + "\nrm -rf \"$HOME/.cache\"\ndone\n")
	}
	cmd := exec.Command("sh", "-c", driver.String())
	cmd.Dir, cmd.Env = samples, []string{"HOME=" + home, "PATH=" + hookPath}
	onProc(t, debian, cmd) // whose files the driver writes over
	got := run(t, cmd)
	got.requireOK(t)
	require.Empty(t, got.stderr)
	count := make(map[string]int)
	for line := range strings.Lines(got.stdout) {
		sample, dir, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		kind := strings.TrimPrefix(strings.TrimPrefix(dir, home+"/.asdf"), "-")
		if kind == "" {
			kind = "native"
		}
		detect := run(t, commandIn(samples, helper, "detect", "--root", sample, "--kind"))
		detect.requireOK(t)
		require.Equal(t, strings.TrimSpace(detect.stdout), kind, sample)
		count[kind]++
	}
	for kind := range hookKinds {
		require.Greater(t, count[kind], 10, kind)
	}
}

// edges are names and command lines next to those that decide.
var edges = [][2]string{
	{"", "BOOT_IMAGE=/kernel init=/init"}, {"", "BOOT_IMAGE=/kernel init=/init ro"}, {"", "BOOT_IMAGE=/kernel init=/init rw"}, {"", "BOOT_IMAGE=/kernel init=/init ro quiet"}, {"", "BOOT_IMAGE=/kernel init=/init  ro"},
	{"", "BOOT_IMAGE=/kernel init=/init r"}, {"", "quiet BOOT_IMAGE=/kernel init=/init"},
	{"", `initrd=\initrd.img panic=-1`}, {"", `initrd=\initrd.img panic=-12`}, {"", ` initrd=\initrd.img panic=-1`},
	{"", `initrd=\initrd.img WSLC_ROOT_INIT=1 panic=-1`}, {"", `initrd=\initrd.img WSLC_ROOT_INIT=1 panic=-1 x`},
	{"", `initrd=\initrd.img WSLX_ROOT_INIT=1 panic=-1`}, {"", `initrd=\initrd.img WSL_ROOT_INIT=1  panic=-1`},
	{"", `initrd=/initrd.img panic=-1`}, {"", `initrd=initrd.img panic=-1`}, {"", `initrd=\\initrd.img panic=-1`},
	{"", `initrd=\initrd.img panic=-1 androidboot.x=1`}, {"5.10.1-WSL2", `initrd=\initrd.img panic=-1 androidboot.x=1`},
	{"3.4.0-Microsoft", ""}, {"4.4.0-Microsoft", ""}, {"4.4.0-1x-Microsoft", ""}, {"4.4.0--Microsoft", ""}, {"4.4.0-43-microsoft", ""},
	{"4.4.0-43-Microsoft-x", ""}, {"4.5.0-43-Microsoft", ""}, {"14.4.0-Microsoft", ""}, {"4.4.0-1-2-Microsoft", ""},
	{"4.19.x-microsoft-standard", ""}, {"4.19.-microsoft-standard", ""}, {"4.19.1-microsoft-standard++", ""}, {"4.19.1-microsoft-standard-x", ""},
	{"4.20.1-microsoft-standard", ""}, {"4.19.1-microsoft-standard-microsoft-standard", ""}, {"WSL2", ""}, {"5.0-wsl2", ""}, {"3.4.0+", ""}, {"3.4.0", ""},
	{"", ""},
}

// kernelSamples is a directory with one for each of edges, and for each line of
// testdata/kernels.tsv, laid out like /.
func kernelSamples(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "kernels.tsv"))
	require.NoError(t, err)
	samples := edges
	for line := range strings.Lines(string(data)) {
		if fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t"); !strings.HasPrefix(line, "#") {
			require.Len(t, fields, 3, line)
			samples = append(samples, [2]string{fields[1], fields[2]})
		}
	}
	dir := t.TempDir()
	for i, sample := range samples {
		name := strings.NewReplacer(" ", "_", "/", "_", `\`, "_").Replace(fmt.Sprintf("%03d-%s-%.80s", i, sample[0], sample[1]))
		proc := filepath.Join(dir, name, "proc")
		require.NoError(t, os.MkdirAll(filepath.Join(proc, "sys", "kernel"), 0o755))
		for file, text := range map[string]string{"sys/kernel/osrelease": sample[0], "cmdline": sample[1]} {
			require.NoError(t, os.WriteFile(filepath.Join(proc, file), []byte(text+"\n"), 0o644))
		}
	}
	return dir
}
