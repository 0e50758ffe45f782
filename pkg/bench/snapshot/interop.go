package snapshot

import (
	"bytes"
	"context"
	"errors"
	"regexp"
	"strings"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/wsl"
)

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

// ask is what a program says, decoded. A Windows that has not answered once is not
// asked again: each question would take as long.
func (t *taker) ask(deadline time.Duration, name string, args ...string) (string, error) {
	if t.Run == nil {
		return "", errors.New("not asked")
	}
	windows := strings.HasSuffix(name, ".exe")
	if windows && t.mute {
		return "", context.DeadlineExceeded
	}
	ctx, cancel := context.WithTimeout(t.ctx, deadline)
	defer cancel()
	var out bytes.Buffer
	err := t.Run(ctx, &out, name, args...)
	if ctx.Err() != nil {
		err, t.mute = ctx.Err(), t.mute || windows
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
