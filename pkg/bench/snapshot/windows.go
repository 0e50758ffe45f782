package snapshot

import (
	"context"
	"fmt"
	"path"
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
