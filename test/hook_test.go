package test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/shell"
)

// proc is what a machine with this kernel says in /proc.
func proc(release, cmdline string) map[string]string {
	return map[string]string{
		"/proc/version": "Linux version " + release + "\n", "/proc/sys/kernel/osrelease": release + "\n", "/proc/cmdline": cmdline + "\n",
	}
}

var (
	debian = proc("6.1.0-18-amd64", "BOOT_IMAGE=/boot/vmlinuz-6.1.0-18-amd64 root=UUID=0 ro quiet")
	// Somebody's own, and not started as WSL2 is.
	ambiguous = proc("5.7.0-Microsoft", "quiet")

	// hookPath is what PATH is before the hook, and enough for the tests.
	hookPath = "/usr/local/bin:/usr/bin:/bin"

	hookKinds = map[string]map[string]string{"wsl1": kernels["wsl1"], "wsl2": kernels["wsl2"], "native": debian}
)

// hookShells are the shells that source a hook, each with its hook and how it runs
// a script. The strict ones have what scripts switch on, and what else of their
// options changes how they read words.
var hookShells = map[string]struct {
	hook string
	argv []string
}{
	"bash":        {"bash", []string{"bash", "--norc", "--noprofile"}},
	"bash posix":  {"bash", []string{"bash", "--norc", "--noprofile", "--posix"}},
	"bash strict": {"bash", []string{"bash", "--norc", "--noprofile", "-euCf", "-o", "pipefail"}},
	"dash":        {"bash", []string{"dash"}},
	"dash strict": {"bash", []string{"dash", "-euCf"}},
	"busybox":     {"bash", []string{"busybox", "ash", "-eu"}},
	"zsh":         {"zsh", []string{"zsh", "-f"}},
	"zsh strict": {"zsh", []string{
		"zsh", "-f", "-o", "err_exit", "-o", "no_unset", "-o", "ksh_arrays", "-o", "sh_word_split", "-o", "no_clobber",
		"-o", "glob_subst", "-o", "no_case_match", "-o", "rc_expand_param", "-o", "pipe_fail", "-o", "warn_create_global",
	}},
	"fish": {"fish", []string{"fish", "--no-config"}},
}

// eachShell runs the test in all of them. OLD_BASH may name a bash 3.2 to judge too.
func eachShell(t *testing.T, f func(t *testing.T, h *hooked)) {
	for name, sh := range hookShells {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			need(t, sh.argv[0])
			f(t, newHooked(t, sh.hook, sh.argv))
		})
	}
	if old := os.Getenv("OLD_BASH"); old != "" {
		t.Run("old bash", func(t *testing.T) {
			f(t, newHooked(t, "bash", []string{old, "--norc", "--noprofile", "-eu"}))
		})
	}
}

// hooked is a home, and a shell that sources the hook there.
type hooked struct {
	argv       []string // the shell, up to the script
	hook, home string
	proc       map[string]string
	env        []string // of the next shell
	fish       bool
}

func newHooked(t *testing.T, hook string, argv []string) *hooked {
	t.Helper()
	needKernels(t)
	h := &hooked{argv: argv, home: t.TempDir(), proc: debian, fish: hook == "fish"}
	text, err := shell.Hook(hook, nil)
	require.NoError(t, err)
	h.hook = filepath.Join(t.TempDir(), "hook."+hook)
	require.NoError(t, os.WriteFile(h.hook, text, 0o644))
	h.env = []string{"HOME=" + h.home, "PATH=" + hookPath, "HOOK=" + h.hook}
	return h
}

// script is the text, with what differs between the shells filled in: SOURCE
// sources the hook, ARGS are the arguments, STATUS is the last exit code.
func (h *hooked) script(text string) string {
	words := []string{"SOURCE", `. "$HOOK"`, "ARGS", `"$@"`, "STATUS", "$?"}
	if h.fish {
		words = []string{"SOURCE", `source "$HOOK"`, "ARGS", "$argv", "STATUS", "$status"}
	}
	return strings.NewReplacer(words...).Replace(text)
}

// command is the shell with a script and its arguments, on the machine.
func (h *hooked) command(t *testing.T, script string, args ...string) *exec.Cmd {
	t.Helper()
	if !h.fish {
		args = append([]string{"sh"}, args...) // $0
	} else {
		args = append([]string{"--"}, args...) // or fish would read them
	}
	path := hookPath // the last that is set; what goes before the shell needs one that works
	for _, v := range h.env {
		if value, ok := strings.CutPrefix(v, "PATH="); ok {
			path = value
		}
	}
	cmd := exec.Command("env", slices.Concat([]string{"PATH=" + path, need(t, h.argv[0])}, h.argv[1:], []string{"-c", h.script(script)}, args)...)
	cmd.Env, cmd.Dir = append(slices.Clone(h.env), "PATH="+hookPath), h.home
	cmd.Stdin = strings.NewReader("what the user types\n")
	onProc(t, h.proc, cmd)
	return cmd
}

func (h *hooked) run(t *testing.T, script string, args ...string) result {
	t.Helper()
	return run(t, h.command(t, script, args...))
}

// environ is what a program sees that is started at the end of the script. The
// script must print nothing.
func (h *hooked) environ(t *testing.T, script string, args ...string) map[string]string {
	t.Helper()
	env, err := exec.LookPath("env")
	require.NoError(t, err)
	got := h.run(t, script+"\nexec "+env+" -0", args...)
	got.requireOK(t)
	require.Empty(t, got.stderr)
	vars := make(map[string]string)
	for entry := range strings.SplitSeq(strings.TrimSuffix(got.stdout, "\x00"), "\x00") {
		name, value, ok := strings.Cut(entry, "=")
		require.True(t, ok, "%q", got.stdout)
		vars[name] = value
	}
	for _, name := range []string{"_", "SHLVL", "PWD", "OLDPWD", "USER", "LOGNAME"} { // which shells set by themselves
		delete(vars, name)
	}
	return vars
}

// inherit makes what one shell left the environment of the next.
func (h *hooked) inherit(vars map[string]string) {
	h.env = nil
	for name, value := range vars {
		h.env = append(h.env, name+"="+value)
	}
}

func (h *hooked) set(vars ...string) { h.env = slices.Clip(append(h.env, vars...)) }

// data is the data directory of a kind, under the home.
func (h *hooked) data(kind string) string {
	if kind == "native" {
		return filepath.Join(h.home, ".asdf")
	}
	return filepath.Join(h.home, ".asdf-"+kind)
}

// want is what the hook is to set where nothing was set but PATH.
func (h *hooked) want(kind, path string) map[string]string {
	data := h.data(kind)
	want := map[string]string{
		"HOME": h.home, "HOOK": h.hook, "ASDF_DATA_DIR": data,
		"PATH": data + "/golang-wsl/bin:" + data + "/shims:" + path,
	}
	if kind != "native" {
		want["MISE_DATA_DIR"] = h.home + "/.local/share/mise-" + kind
		want["MISE_CACHE_DIR"] = h.home + "/.cache/mise-" + kind
		want["MISE_ENV"] = kind
	}
	return want
}

func TestHookKnowsTheKind(t *testing.T) {
	eachShell(t, func(t *testing.T, h *hooked) {
		for kind := range hookKinds {
			h.proc = hookKinds[kind]
			require.Equal(t, h.want(kind, hookPath), h.environ(t, "SOURCE"))
			require.Equal(t, h.want(kind, hookPath), h.environ(t, "SOURCE\nSOURCE"), "sourced twice")
		}
	})
}

// One home, and each shell starts in what a shell of another kind left.
func TestHookThereAndBack(t *testing.T) {
	eachShell(t, func(t *testing.T, h *hooked) {
		for _, kind := range []string{"wsl1", "wsl2", "native", "wsl1", "native", "wsl2", "wsl1", "wsl1"} {
			h.proc = hookKinds[kind]
			got := h.environ(t, "SOURCE")
			require.Equal(t, h.want(kind, hookPath), got)
			h.inherit(got)
		}
	})
}

// Whatever a path may have in it, but the colon that PATH is made of.
func TestHookReadsAnyHome(t *testing.T) {
	names := []string{
		"it's \"quoted\" $(touch injected) `touch injected` $HOME ${x}", `back\slash\`, "* [a-z]? {a,b} ~ !x # a=b;c&d|e<f>(g)", "-n\tnew\nline", "ä",
	}
	eachShell(t, func(t *testing.T, h *hooked) {
		base := h.home
		for _, name := range names {
			if h.fish && name == "ä" {
				continue // without a locale fish itself exports it as other bytes
			}
			h.home = filepath.Join(base, name)
			require.NoError(t, os.Mkdir(h.home, 0o755))
			h.inherit(map[string]string{"HOME": h.home, "PATH": hookPath, "HOOK": h.hook})
			for _, kind := range []string{"wsl2", "native", "wsl1"} {
				h.proc = hookKinds[kind]
				got := h.environ(t, "SOURCE")
				require.Equal(t, h.want(kind, hookPath), got)
				h.inherit(got)
			}
			require.NoFileExists(t, filepath.Join(h.home, "injected"))
		}
	})
}

func TestHookWithoutHomeDoesNothing(t *testing.T) {
	eachShell(t, func(t *testing.T, h *hooked) {
		h.proc = hookKinds["wsl1"]
		for _, remove := range []string{"unset HOME", "HOME="} {
			if h.fish {
				remove = map[string]string{"unset HOME": "set -e HOME", "HOME=": "set HOME ''"}[remove]
			}
			require.Equal(t, h.environ(t, remove), h.environ(t, remove+"\nSOURCE"))
		}
	})
}
