package doctor

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/wsl"
)

func TestLeast(t *testing.T) {
	flags := func(n int) (list string) {
		for _, l := range levels[:n] {
			list += " " + l.flags
		}
		return "flags\t\t:" + list + "\n"
	}
	for _, test := range []struct {
		name, cpuinfo string
		level         int
		missing       string
	}{
		{"nothing is known", "", -1, ""},
		{"not of this architecture", "Features\t: fp asimd\n", -1, ""},
		{"v1", flags(1), 0, levels[1].flags},
		{"v2", flags(2), 1, levels[2].flags},
		{"v4", flags(4), 3, ""},
		{"the least of two", flags(4) + strings.Replace(flags(3), " movbe", "", 1), 1, "movbe"},
		{"a level without the one before", strings.Replace(flags(4), " bmi2", "", 1), 1, "bmi2"},
		{"cut off", flags(3) + "flags : pni sss", 2, levels[3].flags},
	} {
		t.Run(test.name, func(t *testing.T) {
			level, missing := least(test.cpuinfo)
			require.Equal(t, test.level, level)
			require.Equal(t, test.missing, strings.Join(missing, " "))
		})
	}
}

// bits are what the masks of runtime/asm_amd64.s mean: CPUID 1 and 0x80000001 in
// ECX, CPUID 7 in EBX. The CPU has XSAVE and Linux uses it (1<<27) where avx shows.
var bits = map[string]map[int]string{
	"FEATURES_CX":     {0: "pni", 9: "ssse3", 12: "fma", 13: "cx16", 19: "sse4_1", 20: "sse4_2", 22: "movbe", 23: "popcnt", 27: "avx", 28: "avx", 29: "f16c"},
	"EXT_FEATURES_CX": {0: "lahf_lm", 5: "abm"},
	"EXT_FEATURES_BX": {3: "bmi1", 5: "avx2", 8: "bmi2", 16: "avx512f", 17: "avx512dq", 28: "avx512cd", 30: "avx512bw", 31: "avx512vl"},
}

// What programs ask for is what the table says, by the source of this Go.
func TestLevelsAsInTheRuntime(t *testing.T) {
	out, err := exec.Command("go", "env", "GOROOT").Output()
	require.NoError(t, err)
	source, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(out)), "src/runtime/asm_amd64.s"))
	require.NoError(t, err)
	define := regexp.MustCompile(`(?m)^#define V(\d)_((?:EXT_)?FEATURES_[BC]X) (.*)$`)
	shift := regexp.MustCompile(`1 << (\d+)`)
	want := make(map[string]map[string]bool)
	for _, d := range define.FindAllStringSubmatch(string(source), -1) {
		for _, s := range shift.FindAllStringSubmatch(d[3], -1) {
			bit, err := strconv.Atoi(s[1])
			require.NoError(t, err)
			require.NotEmpty(t, bits[d[2]][bit], "a bit that is not known: %s", d[0])
			if want["v"+d[1]] == nil {
				want["v"+d[1]] = make(map[string]bool)
			}
			want["v"+d[1]][bits[d[2]][bit]] = true
		}
	}
	require.Len(t, want, 3)
	for _, l := range levels[1:] {
		have := make(map[string]bool)
		for flag := range strings.FieldsSeq(l.flags) {
			have[flag] = true
		}
		require.Equal(t, want[l.name], have, l.name)
	}
}

// The verdict on this machine is that of programs which are built for the
// upper levels.
func TestGOAMD64Real(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("not on amd64")
	}
	root := os.DirFS("/")
	file := filepath.Join(t.TempDir(), "main.go")
	require.NoError(t, os.WriteFile(file, []byte("package main\n\nfunc main() {}\n"), 0o600))
	for _, l := range levels[2:] {
		env := func(name string) string { return map[string]string{"GOAMD64": l.name}[name] }
		m := &Machine{Root: root, Env: env, Dir: "/", Arch: "amd64", Report: wsl.Detect(wsl.Machine{Root: root, Env: env})}
		f := lookGOAMD64(t.Context(), m)
		cmd := exec.Command("go", "run", file)
		cmd.Env = append(os.Environ(), "GOAMD64="+l.name, "GO111MODULE=off", "GOFLAGS=-v=false")
		out, err := cmd.CombinedOutput()
		if f.Status == OK {
			require.NoError(t, err, "%s: %s: %s", l.name, f.Text, out)
			continue
		}
		require.Equal(t, Error, f.Status, "%+v", f)
		require.Contains(t, string(out), "can only be run on AMD64 processors with "+l.name)
	}
}

func TestParseGOTOOLCHAIN(t *testing.T) {
	for setting, want := range map[string][2]string{
		"": {"", "auto"}, "auto": {"", "auto"}, "path": {"", "path"}, "local": {"", ""}, "local+path": {"", "path"},
		"go1.22.5": {"1.22.5", ""}, "go1.22.5+auto": {"1.22.5", "auto"}, "go1.22.5-custom+path": {"1.22.5", "path"},
	} {
		least, changes := parseGOTOOLCHAIN(setting)
		require.Equal(t, want, [2]string{least.String(), changes}, setting)
	}
}
