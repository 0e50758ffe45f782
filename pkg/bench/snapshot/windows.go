package snapshot

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/wsl"
)

// windows is what is below WSL, and how WSL was set up.
func (t *taker) windows() {
	if t.report.Kind == wsl.Native {
		return
	}
	t.conf("wsl.conf", "/etc/wsl.conf", confKeys)
	if t.report.Kind == wsl.WSL2 {
		t.wslconfig()
	}
	t.interop()
	t.versions()
	t.windowsPower()
}

// confKeys and wslconfigKeys are those that a measurement feels, with the defaults of
// WSL 3.0 (WslDistributionConfig.h, WslCoreConfig.h). Older ones had others, and so
// the value says that it is a default.
var (
	confKeys = []struct{ key, standard string }{
		{"automount.enabled", "true"}, {"automount.options", ""}, {"automount.cgroups", "v2"}, {"boot.systemd", "false"}, {"interop.enabled", "true"},
	}
	wslconfigKeys = []struct{ key, standard string }{
		{"wsl2.memory", "half of the memory"}, {"wsl2.processors", "all"}, {"wsl2.swap", "a quarter of the memory"},
		{"wsl2.networkingMode", "nat"}, {"experimental.autoMemoryReclaim", "dropCache"},
		{"wsl2.hardwarePerformanceCounters", "true on x64"}, {"wsl2.isolateDistroCgroup", "true"}, {"wsl2.kernel", "its own"},
		{"wsl2.kernelCommandLine", "none"}, {"wsl2.nestedVirtualization", "true on Windows 11"}, {"wsl2.virtiofs", "false"},
		{"experimental.sparseVhd", "false"},
	}
)

// conf adds a file of settings, and each of those that matter.
func (t *taker) conf(name, file string, keys []struct{ key, standard string }) {
	text, err := t.slowly(func() (string, error) { return t.read(file) })
	f := Fact{Group: "windows", Name: name, Source: file, Raw: text, Value: "see below", Absent: absence(err, text)}
	if f.Absent != "" {
		f.Value = ""
	}
	t.add(f)
	settings := wsl.ParseSettings(text)
	for _, k := range keys {
		s, ok := settings.Get(k.key)
		f := Fact{Group: "windows", Name: k.key, Source: file, Value: s.Value}
		switch {
		case ok && s.Value == "":
			f.Value = "(empty)"
		case !ok && k.standard == "":
			f.Absent = "not set"
		case !ok:
			f.Value = k.standard + " (default)"
		}
		t.add(f)
	}
}

// wslconfig is that of the Windows user. Where several users have one, it is not known
// whose VM this is.
func (t *taker) wslconfig() {
	text, err := t.slowly(func() (string, error) {
		files := t.wslconfigs()
		if len(files) > 1 {
			return "", fmt.Errorf("%d users have one", len(files))
		}
		return strings.Join(files, ""), nil
	})
	switch {
	case err != nil:
		t.add(Fact{Group: "windows", Name: ".wslconfig", Source: "the drives of Windows", Absent: why(err)})
	case text == "":
		t.conf(".wslconfig", t.anyDrive()+"/Users/*/.wslconfig", wslconfigKeys)
	default:
		t.conf(".wslconfig", text, wslconfigKeys)
	}
}

func (t *taker) anyDrive() string {
	for _, m := range t.report.Mounts {
		if m.Windows {
			return strings.TrimSuffix(m.Point, "/")
		}
	}
	return ""
}

// wslconfigs are the files there are: of one user if USERPROFILE is shared through
// WSLENV, which translates it with /p.
func (t *taker) wslconfigs() (files []string) {
	if home := t.Env("USERPROFILE"); path.IsAbs(home) {
		return t.glob(path.Join(escape(home), ".wslconfig"))
	}
	for _, m := range t.report.Mounts {
		if !m.Windows {
			continue
		}
		for _, file := range t.glob(path.Join(escape(m.Point), "Users/*/.wslconfig")) {
			user := path.Base(path.Dir(file))
			if user != "All Users" && user != "Default User" && !slices.Contains(files, file) { // junctions to others
				files = append(files, file)
			}
		}
	}
	return files
}

func escape(pattern string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(pattern)
}

// slowly reads what may never answer, and leaves it behind then: a system call on a
// drive that hangs cannot be ended from here.
func (t *taker) slowly(read func() (string, error)) (string, error) {
	type answer struct {
		text string
		err  error
	}
	got := make(chan answer, 1)
	go func() {
		text, err := read()
		got <- answer{text, err}
	}()
	timer := time.NewTimer(t.Deadline)
	defer timer.Stop()
	select {
	case a := <-got:
		return a.text, a.err
	case <-timer.C:
		return "", context.DeadlineExceeded
	case <-t.ctx.Done():
		return "", t.ctx.Err()
	}
}

// interop is whether programs of Windows can be started. WSLInterop-late was its name
// under systemd for some versions (microsoft/WSL#13467).
func (t *taker) interop() {
	f := Fact{Group: "windows", Name: "interop", Source: "/proc/sys/fs/binfmt_misc/WSLInterop", Absent: "no such file"}
	for _, name := range []string{"WSLInterop", "WSLInterop-late"} {
		file := "/proc/sys/fs/binfmt_misc/" + name
		if text, err := t.read(file); err == nil {
			f.Source, f.Raw = file, text
			f.Value, _, _ = strings.Cut(text, "\n")
		}
	}
	t.add(f)
}

var dotted = regexp.MustCompile(`\d+(\.\d+)+[-.\w]*`)

// versions are those of the package and of Windows. The labels of wsl.exe are
// translated, their order is not; one that came with Windows prints its help instead.
func (t *taker) versions() {
	t.program("networking-mode", "wslinfo", "--networking-mode")
	t.program("wsl-package", "wslinfo", "--version", "-n")
	const source = "wsl.exe --version"
	text, err := t.ask(t.Deadline, "wsl.exe", "--version")
	var found []string
	for l := range strings.Lines(text) {
		if _, after, ok := cutColon(l); ok && dotted.MatchString(after) {
			found = append(found, dotted.FindString(after))
		}
	}
	if err == nil && len(found) != 7 {
		err = errors.New("it says something else")
	}
	if err != nil {
		t.add(Fact{Group: "windows", Name: "windows-build", Source: source, Raw: text, Absent: why(err)})
		return
	}
	for i, name := range []string{"wsl", "wsl-kernel", "wslg", "msrdc", "direct3d", "dxcore", "windows-build"} {
		f := Fact{Group: "windows", Name: name, Source: source, Value: found[i]}
		if i == 0 {
			f.Raw = text
		}
		t.add(f)
	}
}

// cutColon cuts at a colon, which other scripts have of their own.
func cutColon(l string) (before, after string, ok bool) {
	if i := strings.IndexAny(l, ":："); i >= 0 {
		return l[:i], strings.TrimLeft(l[i:], ":： "), true
	}
	return l, "", false
}

// program adds what a program says.
func (t *taker) program(name, program string, args ...string) {
	text, err := t.ask(t.Deadline, program, args...)
	t.say("windows", name, Setting, strings.Join(append([]string{program}, args...), " "), text, err)
}

// ask is what a program says, decoded.
func (t *taker) ask(deadline time.Duration, name string, args ...string) (string, error) {
	if t.Run == nil {
		return "", errors.New("not asked")
	}
	ctx, cancel := context.WithTimeout(t.ctx, deadline)
	defer cancel()
	var out bytes.Buffer
	err := t.Run(ctx, &out, name, args...)
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return strings.TrimSpace(wsl.Decode(out.Bytes())), err
}

// plans are the GUIDs of the power plans of Windows, whose names are translated.
var plans = map[string]string{
	"381b4222-f694-41f0-9685-ff5bb260df2e": "balanced",
	"8c5e7fda-e8bf-4a96-9a85-a6e23a8c635c": "high performance",
	"a1841308-3541-4fab-bc81-f71556f20b4a": "power saver",
	"e9a42b02-d5df-448d-aa00-03f14749eb61": "ultimate performance",
}

var guid = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

// batteryScript says one line for each battery: its BatteryStatus, of which 1 is
// "discharging", and how full it is, in percent.
const batteryScript = `Get-CimInstance Win32_Battery | ForEach-Object { "battery {0} {1}" -f $_.BatteryStatus, $_.EstimatedChargeRemaining }; "end"`

// windowsPower is the power plan and the battery, which Linux does not see from inside.
func (t *taker) windowsPower() {
	text, err := t.ask(t.Deadline, "powercfg.exe", "/getactivescheme")
	id := guid.FindString(strings.ToLower(text))
	plan := plans[id]
	if plan == "" && id != "" {
		plan = "one of its own"
	}
	t.say("power", "windows-plan", Setting, "powercfg.exe", plan, err)
	// PowerShell takes seconds to start.
	text, err = t.ask(4*t.Deadline, "powershell.exe", "-NoProfile", "-NonInteractive", "-Command", batteryScript)
	state, charge := "none", ""
	for l := range strings.Lines(text) {
		words := strings.Fields(l)
		if len(words) == 3 && words[0] == "battery" {
			state, charge = "charging or full", words[2]
			if words[1] == "1" {
				state = "discharging"
			}
		}
	}
	if err == nil && !strings.HasSuffix(text, "end") {
		err = errors.New("it says something else")
	}
	t.say("power", "windows-battery", Setting, "powershell.exe", state, err)
	if err == nil && charge != "" {
		t.say("power", "windows-battery-percent", Gauge, "powershell.exe", charge, nil)
	}
}
