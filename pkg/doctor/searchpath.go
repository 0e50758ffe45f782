package doctor

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
	"time"
)

func pathChecks() []Check {
	return []Check{
		{
			ID: "windows-go", Title: "Go for Windows on PATH", Look: lookWindowsGo,
			Reads:   "`PATH`, the mounts",
			Decides: "a `go` on a Windows drive in front of all others is an error; a `go.exe` with no Linux go beside it a warning, else info",
			Why:     "editors and scripts that take it build for Windows, and its file locks fail on \\\\wsl$ (golang/go#37461)",
			Cure:    "golang-wsl setup puts a Linux go first; [interop] appendWindowsPath=false in /etc/wsl.conf takes all of Windows off PATH",
		},
		{
			ID: "path-order", Title: "which go is first on PATH", Look: lookPathOrder,
			Reads:   "`PATH`, the data directory",
			Decides: "another go in front of `golang-wsl/bin` and `shims` of the data directory is a warning",
			Why:     "the version that .tool-versions asks for is not the one that runs",
			Cure:    "move the line that sources the hook to the end of the rc file",
		},
		{
			ID: "windows-path", Title: "Windows directories on PATH", Look: lookWindowsPath,
			Reads:   "`PATH`, the mounts; measures look-ups in those of Windows",
			Decides: "one in front of `/usr/bin` is a warning, and so are more than 20 ms for one name that is in none of them; others are counted as info",
			Why:     "a command that is looked for crosses to Windows for each of them (golang/go#36768)",
			Cure:    "put the Windows directories last, or set [interop] appendWindowsPath=false in /etc/wsl.conf",
		},
	}
}

func lookWindowsGo(_ context.Context, m *Machine) Finding {
	if !m.isWSL() {
		return skipped("not on Windows")
	}
	var windows []string
	linux := false
	for file := range m.look("go") {
		// Where our own is, is for go-dirs to judge.
		if _, foreign := m.onWindows(file); !foreign || strings.HasPrefix(file, m.dataDir()+"/") {
			linux = true
			break
		}
		windows = append(windows, file)
	}
	if len(windows) > 0 {
		return Finding{Status: Error, Text: windows[0] + " is the first go on PATH, and not one for Linux", Evidence: windows}
	}
	exe := m.first("go.exe")
	switch {
	case exe == "":
		return ok("none")
	case !linux:
		return Finding{Status: Warning, Text: exe + " is the only go on PATH"}
	}
	return Finding{Status: Info, Text: exe + " is on PATH; Linux tools do not look for that name"}
}

func lookPathOrder(_ context.Context, m *Machine) Finding {
	ours := []string{path.Join(m.dataDir(), "golang-wsl", "bin"), path.Join(m.dataDir(), "shims")}
	var before []string
	for file := range m.look("go") {
		if !slices.Contains(ours, path.Dir(file)) {
			before = append(before, file)
			continue
		}
		if len(before) == 0 || m.inInstalls(before[0]) {
			return ok("%s", append(before, file)[0])
		}
		return Finding{Status: Warning, Text: fmt.Sprintf("%s is in front of %s", before[0], file), Evidence: before}
	}
	return skipped("no go of this data directory is on PATH")
}

// inInstalls reports whether a file is of a version that asdf or mise has chosen.
func (m *Machine) inInstalls(file string) bool {
	for _, dir := range []string{m.dataDir(), absolute(m.Env("MISE_DATA_DIR")), below(m.home(), ".local", "share", "mise")} {
		if dir != "" && strings.HasPrefix(file, path.Join(dir, "installs")+"/") {
			return true
		}
	}
	return false
}

// slowLookup is what a command that is not there may cost: people notice it where a
// prompt or a build script looks for several.
const slowLookup = 20 * time.Millisecond

func lookWindowsPath(ctx context.Context, m *Machine) Finding {
	if !m.isWSL() {
		return skipped("not on Windows")
	}
	var windows []string
	entries := m.entries()
	front, usrBin := false, slices.Index(entries, "/usr/bin")
	for i, dir := range entries {
		if m.windowsEntry(dir) {
			windows = append(windows, dir)
			front = front || i < usrBin
		}
	}
	f := Finding{Status: Info, Text: fmt.Sprintf("%d of %d directories on PATH are on Windows drives", len(windows), len(entries)), Evidence: windows}
	if len(windows) == 0 {
		f.Status = OK
		return f
	}
	if front {
		f.Status = Warning
		f.Text += ", some in front of /usr/bin"
	}
	cost, all := m.missCost(ctx, windows)
	if cost > slowLookup {
		f.Status = Warning
	}
	if cost >= time.Millisecond/10 {
		f.Text += "; a command that is not there costs " + milliseconds(cost, all) + " more"
	}
	return f
}

// missCost is what it takes to look for one name in all of these directories, or in
// those for which a second was enough; all reports whether that is all of them.
func (m *Machine) missCost(ctx context.Context, dirs []string) (cost time.Duration, all bool) {
	if m.Try == nil {
		return 0, true
	}
	begin := time.Now()
	for _, dir := range dirs {
		if time.Since(begin) > time.Second {
			return cost, false
		}
		if m.exists(dir) {
			took, _ := m.Try.Miss(ctx, dir) // 0 where nobody may look
			cost += took
		}
	}
	return cost, true
}

func milliseconds(d time.Duration, all bool) string {
	text := fmt.Sprintf("%.1f ms", float64(d)/float64(time.Millisecond))
	if !all {
		text = "at least " + text
	}
	return text
}
