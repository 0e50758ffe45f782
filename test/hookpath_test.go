package test

import (
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// $1, $2 and $N are the data directories in the home, $H is the home.
func (h *hooked) expand(text string) string {
	return strings.NewReplacer("$1", h.data("wsl1"), "$2", h.data("wsl2"), "$N", h.data("native"), "$H", h.home).Replace(text)
}

func TestHookKeepsTheRestOfPath(t *testing.T) {
	tests := map[string]struct {
		kind, path string
		want       string // behind the two of our own
		asdf       string // ASDF_DATA_DIR before
	}{
		"plain":               {kind: "wsl1", path: "/a:/b", want: ":/a:/b"},
		"empty entries":       {kind: "wsl2", path: ":/a::/b:", want: "::/a::/b:"},
		"only empty ones":     {kind: "wsl2", path: ":", want: "::"},
		"own at the end":      {kind: "wsl2", path: "/a:$2/shims:$2/golang-wsl/bin", want: ":/a"},
		"own many times":      {kind: "wsl2", path: "$2/shims:$2/shims:/a:$2/shims:$2/shims:/a", want: ":/a:/a"},
		"own and no other":    {kind: "wsl2", path: "$2/golang-wsl/bin:$2/shims", want: ""},
		"one of two":          {kind: "wsl1", path: "/a:$2/golang-wsl/bin", want: ":/a"},
		"the other of two":    {kind: "wsl1", path: "/a:$2/shims", want: ":/a"},
		"own and empty":       {kind: "wsl2", path: "$2/shims:", want: ":"},
		"the other kind":      {kind: "wsl2", path: "$1/golang-wsl/bin:$1/shims:/a:$1/bin", want: ":/a:$1/bin"},
		"native in WSL":       {kind: "wsl1", path: "$N/shims:$N/bin:/a:$N/golang-wsl/bin", want: ":$N/bin:/a"},
		"inherited in WSL":    {kind: "wsl1", asdf: "/opt/asdf", path: "/opt/asdf/shims:/a:$N/shims", want: ":/a"},
		"WSL in native":       {kind: "native", path: "$2/shims:/a:$1/golang-wsl/bin", want: ":/a"},
		"another in native":   {kind: "native", asdf: "/opt/asdf", path: "$N/shims:/opt/asdf/shims:/a", want: ":$N/shims:/a"},
		"the same but longer": {kind: "wsl1", path: "$2/shims/x:x$2/shims:$2/shimsx", want: ":$2/shims/x:x$2/shims:$2/shimsx"},
	}
	eachShell(t, func(t *testing.T, h *hooked) {
		base := h.env
		for name, test := range tests {
			if h.fish && strings.Contains(":"+test.path+":", "::") {
				continue // fish itself writes "." for an empty entry
			}
			h.env, h.proc = base, hookKinds[test.kind]
			h.set("PATH="+h.expand(test.path), "ASDF_DATA_DIR="+test.asdf)
			data := h.data(test.kind)
			if test.kind == "native" && test.asdf != "" {
				data = test.asdf
			}
			want := data + "/golang-wsl/bin:" + data + "/shims" + h.expand(test.want)
			require.Equal(t, want, h.environ(t, "SOURCE")["PATH"], name)
		}
	})
}

// An entry that is empty would be the current directory.
func TestHookWithoutPath(t *testing.T) {
	eachShell(t, func(t *testing.T, h *hooked) {
		data := h.data("native")
		for _, remove := range []string{"unset PATH", "PATH="} {
			if h.fish {
				remove = map[string]string{"unset PATH": "set -e PATH", "PATH=": "set PATH"}[remove]
			}
			require.Equal(t, data+"/golang-wsl/bin:"+data+"/shims", h.environ(t, remove+"\nSOURCE")["PATH"])
		}
	})
}

func TestHookVariables(t *testing.T) {
	tests := map[string]struct {
		kind string
		env  []string
		want map[string]string // of some variables; "" is not there
	}{
		"data directory of WSL1":     {"wsl1", []string{"GOLANG_WSL_WSL1_DATA_DIR=/d 1"}, map[string]string{"ASDF_DATA_DIR": "/d 1", "PATH": "/d 1/golang-wsl/bin:/d 1/shims:" + hookPath}},
		"of WSL2":                    {"wsl2", []string{"GOLANG_WSL_WSL2_DATA_DIR=/d2", "ASDF_DATA_DIR=/x"}, map[string]string{"ASDF_DATA_DIR": "/d2"}},
		"of native":                  {"native", []string{"GOLANG_WSL_NATIVE_DATA_DIR=/n", "ASDF_DATA_DIR=/x"}, map[string]string{"ASDF_DATA_DIR": "/n"}},
		"of native, which is WSL1's": {"native", []string{"GOLANG_WSL_NATIVE_DATA_DIR=$1"}, map[string]string{"ASDF_DATA_DIR": "$1"}},
		"an empty one":               {"wsl1", []string{"GOLANG_WSL_WSL1_DATA_DIR="}, map[string]string{"ASDF_DATA_DIR": "$1"}},
		"native, inherited":          {"native", []string{"ASDF_DATA_DIR=/x"}, map[string]string{"ASDF_DATA_DIR": "/x"}},
		"native, WSL2 inherited":     {"native", []string{"ASDF_DATA_DIR=$2"}, map[string]string{"ASDF_DATA_DIR": "$N"}},
		"native, another WSL1 inherited": {
			"native", []string{"GOLANG_WSL_WSL1_DATA_DIR=/d1", "ASDF_DATA_DIR=/d1", "PATH=/d1/shims:" + hookPath},
			map[string]string{"ASDF_DATA_DIR": "$N", "PATH": "$N/golang-wsl/bin:$N/shims:" + hookPath},
		},
		"mise in WSL": {
			"wsl1", []string{"XDG_DATA_HOME=/s", "XDG_CACHE_HOME=/c", "MISE_ENV=dev,wsl2", "MISE_DATA_DIR=/mine"},
			map[string]string{"MISE_DATA_DIR": "/s/mise-wsl1", "MISE_CACHE_DIR": "/c/mise-wsl1", "MISE_ENV": "dev,wsl1"},
		},
		"words of mise":            {"wsl2", []string{"MISE_ENV=wsl2,a b,wsl1,wsl2,*"}, map[string]string{"MISE_ENV": "a b,*,wsl2"}},
		"similar words of mise":    {"wsl2", []string{"MISE_ENV=wsl22,xwsl1"}, map[string]string{"MISE_ENV": "wsl22,xwsl1,wsl2"}},
		"an empty list of mise":    {"wsl2", []string{"MISE_ENV="}, map[string]string{"MISE_ENV": "wsl2"}},
		"native leaves mise alone": {"native", []string{"MISE_ENV=a,,b", "MISE_DATA_DIR=/m", "MISE_CACHE_DIR=/m"}, map[string]string{"MISE_ENV": "a,,b", "MISE_DATA_DIR": "/m", "MISE_CACHE_DIR": "/m"}},
		"native takes WSL from mise": {
			"native", []string{"MISE_ENV=wsl1,dev,wsl2,wsl1", "MISE_DATA_DIR=$H/.local/share/mise-wsl2", "MISE_CACHE_DIR=$H/.cache/mise-wsl1"},
			map[string]string{"MISE_ENV": "dev", "MISE_DATA_DIR": "", "MISE_CACHE_DIR": ""},
		},
		"nothing left for mise": {"native", []string{"MISE_ENV=wsl2"}, map[string]string{"MISE_ENV": ""}},
	}
	eachShell(t, func(t *testing.T, h *hooked) {
		base := h.env
		for name, test := range tests {
			h.env, h.proc = base, hookKinds[test.kind]
			for _, v := range test.env {
				h.set(h.expand(v))
			}
			for _, script := range []string{"SOURCE", "SOURCE\nSOURCE"} {
				got := h.environ(t, script)
				for variable, value := range test.want {
					require.Equal(t, h.expand(value), got[variable], "%s: %s", name, variable)
					_, there := got[variable]
					require.Equal(t, value != "", there, "%s: %s", name, variable)
				}
			}
		}
	})
}

// The helper is asked once, and its answer holds until the next boot, or until
// another kernel shows.
func TestHookAsksOncePerBoot(t *testing.T) {
	eachShell(t, func(t *testing.T, h *hooked) {
		calls := filepath.Join(h.home, "calls")
		helper := filepath.Join(h.data("wsl2"), "golang-wsl", "bin", "golang-wsl")
		asked := func(answer string) int {
			_ = os.Remove(calls)
			writeScript(t, helper, `[ "$*" = "detect --kind" ] && [ -z "$(cat)" ] && echo >>"`+calls+`"; `+answer)
			h.environ(t, "SOURCE")
			data, _ := os.ReadFile(calls)
			return len(data)
		}
		boot := func(id string) {
			h.proc = maps.Clone(h.proc)
			h.proc["/proc/sys/kernel/random/boot_id"] = id + "\n"
		}
		h.proc = ambiguous
		require.Equal(t, h.want("native", hookPath), h.environ(t, "SOURCE"), "no helper")

		boot("one")
		require.Equal(t, 1, asked("echo wsl2"))
		require.Equal(t, 0, asked("echo wsl1"))
		require.Equal(t, h.want("wsl2", hookPath), h.environ(t, "SOURCE"), "the kept answer")
		boot("two")
		require.Equal(t, 1, asked("echo wsl1"))
		require.Equal(t, h.want("wsl1", hookPath), h.environ(t, "SOURCE"))
		h.proc["/proc/sys/kernel/osrelease"] = "4.19.104-microsoft-dozo\n"
		require.Equal(t, 1, asked("echo native"))
		require.Equal(t, 0, asked("echo native"))
		require.Equal(t, h.want("native", hookPath), h.environ(t, "SOURCE"))

		boot("three") // nothing that is no answer is kept
		require.Equal(t, 1, asked("echo wsl3"))
		require.Equal(t, 1, asked("echo wsl2; exit 1"))
		require.Equal(t, 1, asked("echo"))
		require.Equal(t, h.want("native", hookPath), h.environ(t, "SOURCE"))

		for _, name := range []string{
			"5.10.102.2-microsoft-standard", "5.0-MICROSOFT", "5.5.0-WangYneos-WSL-Kernel", "5.0-wsl", "3.4.0+", "3.4.0-1-generic",
			"4.4.0-1x-Microsoft", "4.4.0--Microsoft", "4.19.x-microsoft-standard", "4.19.1-microsoft-standard-x", "4.4.0-43-microsoft",
		} {
			h.proc["/proc/sys/kernel/osrelease"] = name + "\n"
			require.Equal(t, 1, asked("echo wsl2"), name)
		}
		// A kind that needs no question asks none.
		for kind := range hookKinds {
			h.proc = hookKinds[kind]
			require.Equal(t, 0, asked("echo wsl2"))
		}
		for name, kind := range map[string]string{
			"3.4.0": "native", "4.4.0-31-generic": "native", "3.4.0-Microsoft": "wsl1", "4.4.0-19041-Microsoft": "wsl1",
			"7.2.0-WSL2-STABLE": "wsl2", "4.19.128-microsoft-standard": "wsl2", "4.19.128-microsoft-standard+": "wsl2",
		} {
			h.proc = proc(name, "quiet")
			require.Equal(t, 0, asked("echo nothing"), name)
			require.Equal(t, h.want(kind, hookPath), h.environ(t, "SOURCE"), name)
		}
	})
}
