package doctor

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/wsl"
)

func fileChecks() []Check {
	return []Check{
		{
			ID: "tool-versions", Title: ".tool-versions as asdf reads it", Look: lookToolVersions,
			Reads:   "`.tool-versions` from the current directory up, and in the home directory",
			Decides: "Windows line ends, a byte order mark and tabs between words are warnings",
			Why:     "asdf takes them for part of a name or a version (asdf-vm/asdf#1234), which is then not installed",
			Cure:    "sed -i 's/\\r$//' .tool-versions", Safe: true,
		},
		{
			ID: "goroot", Title: "GOROOT", Look: lookGOROOT,
			Reads:   "`GOROOT` in the environment and as `go env -w` has it, the data directories of all kinds, `VERSION` there and beside the first go on `PATH`",
			Decides: "one without a go is an error; one of another kind's data directory, or of another version than the go on PATH, is a warning",
			Why:     "the go command takes its compiler and its library from there, whatever version it is itself",
			Cure:    "unset GOROOT, and take it out of the rc files", Safe: true,
		},
		{
			ID: "tools", Title: "programs that installs and builds need", Look: lookTools,
			Reads:   "`PATH`, `/usr/bin`, `/etc/os-release`, `/var/lib/apt/lists`",
			Decides: "each of git, curl or wget, tar, gzip and sha256sum that is missing on file systems of Linux, or is in `/usr/bin` and not on PATH, is a warning",
			Why:     "the plugin is cloned with git and builds its helper with the others; go get needs git for direct downloads",
			Cure:    "install them with the package manager", Safe: false,
		},
	}
}

// toolVersionFiles are those that asdf reads here, the nearest first.
func (m *Machine) toolVersionFiles() (files []string) {
	name := cmp.Or(m.Env("ASDF_TOOL_VERSIONS_FILENAME"), m.Env("ASDF_DEFAULT_TOOL_VERSIONS_FILENAME"), ".tool-versions")
	for dir := path.Clean(m.Dir); ; dir = path.Dir(dir) {
		files = append(files, path.Join(dir, name))
		if dir == "/" || dir == "." {
			break
		}
	}
	if home := m.home(); home != "" && !slices.Contains(files, path.Join(home, name)) {
		files = append(files, path.Join(home, name))
	}
	return files
}

func lookToolVersions(_ context.Context, m *Machine) Finding {
	var texts, cures []string
	var edits []Edit
	read := 0
	for _, file := range m.toolVersionFiles() {
		text, there := m.read(file)
		if !there {
			continue
		}
		read++
		bad, script, good := mendVersions(text)
		if len(bad) == 0 {
			continue
		}
		texts = append(texts, fmt.Sprintf("%s has %s", file, strings.Join(bad, " and ")))
		cures = append(cures, fmt.Sprintf("sed -i '%s' %s", strings.Join(script, "; "), quote(file)))
		edit, ok := m.edit(file, text, good, "take out "+strings.Join(bad, " and "))
		if ok && !slices.ContainsFunc(edits, func(e Edit) bool { return e.File == edit.File }) {
			edits = append(edits, edit)
		}
	}
	switch {
	case len(texts) > 0:
		f := Finding{Status: Warning, Text: strings.Join(texts, "; "), Cure: strings.Join(cures, "; ")}
		if len(edits) > 0 {
			f.Fix = &Fix{Edits: edits}
		}
		return f
	case read == 0:
		return skipped("there is none")
	}
	return ok("%d read", read)
}

// mendVersions says what is bad about a .tool-versions, how sed takes it out, and
// what is there then.
func mendVersions(text string) (bad, script []string, good string) {
	good = text
	if rest := strings.TrimLeft(good, "\ufeff"); rest != good {
		bad, script, good = append(bad, "a byte order mark"), append(script, `1s/^\xEF\xBB\xBF//`), rest
	}
	if plain := lineEnds.ReplaceAllString(good, "$1"); plain != good {
		bad, script, good = append(bad, "Windows line ends"), append(script, `s/\r$//`), plain
	}
	if plain := withoutTabs(good); plain != good {
		bad, script, good = append(bad, "tabs"), append(script, `s/\t/ /g`), plain
	}
	return bad, script, good
}

// lineEnds are those of Windows, also where the last line has no end.
var lineEnds = regexp.MustCompile(`\r+(\n|$)`)

// withoutTabs has blanks for tabs that stand between words that count.
func withoutTabs(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		words, _, _ := strings.Cut(line, "#")
		words = strings.TrimSpace(words)
		b.WriteString(strings.Replace(line, words, strings.ReplaceAll(words, "\t", " "), 1))
	}
	return b.String()
}

func lookGOROOT(_ context.Context, m *Machine) Finding {
	root, source := m.goSetting("GOROOT")
	if root == "" {
		return ok("not set")
	}
	f := m.lookRoot(root)
	if !f.Status.IsProblem() || source != m.goEnvFile() {
		return f
	}
	f.Text += ", as " + source + " has it"
	f.Cure = "go env -u GOROOT"
	if edit, ok := m.goEnvUnset([]string{"GOROOT"}); ok && f.Status == Error {
		f.Fix = &Fix{Edits: []Edit{edit}}
	}
	return f
}

func (m *Machine) lookRoot(root string) Finding {
	if absolute(root) == "" || !m.exists(path.Join(root, "bin", "go")) {
		return Finding{Status: Error, Text: fmt.Sprintf("GOROOT is %s, where there is no bin/go", root)}
	}
	real := m.real(root)
	for _, kind := range []wsl.Kind{wsl.WSL1, wsl.WSL2, wsl.Native} {
		other := m.DataDirs[kind]
		if kind != m.Report.Kind && other != "" && m.real(other) != m.real(m.dataDir()) && strings.HasPrefix(real, m.real(other)+"/") {
			return Finding{Status: Warning, Text: fmt.Sprintf("GOROOT is %s, in the data directory of %s", root, kind)}
		}
	}
	version := m.versionOf(root)
	if file := m.first("go"); file != "" && version != "" {
		if first := m.versionOf(path.Dir(path.Dir(m.real(file)))); first != "" && first != version {
			return Finding{
				Status: Warning, Text: fmt.Sprintf("GOROOT is %s, which is %s; the first go on PATH is %s", root, version, first),
				Evidence: []string{file},
			}
		}
	}
	return Finding{Status: Info, Text: fmt.Sprintf("GOROOT is %s; go finds it by itself", root)}
}

// versionOf is the first line of VERSION in a Go tree: go1.22.5.
func (m *Machine) versionOf(root string) string {
	text, _ := m.read(path.Join(root, "VERSION"))
	return firstLine(text)
}

// An installer is the package manager of some distributions.
type installer struct {
	ids, command string
	compiler     string // the packages that have gcc and what it needs to link
}

const aptGet = "sudo apt-get install"

// aptUnread reports whether apt knows of no package yet, as images of Debian and
// Ubuntu come.
func (m *Machine) aptUnread() bool {
	const lists = "/var/lib/apt/lists"
	return m.exists(lists) && !slices.ContainsFunc(m.list(lists), func(name string) bool { return strings.Contains(name, "_Packages") })
}

var installers = []installer{
	{"ubuntu debian kali pengwin linuxmint raspbian", aptGet, "gcc libc6-dev"},
	{"fedora rhel centos almalinux rocky ol amzn", "sudo dnf install", "gcc glibc-devel"},
	{"alpine", "sudo apk add", "gcc musl-dev"},
	{"arch archarm manjaro", "sudo pacman -S", "base-devel"},
	{"opensuse opensuse-leap opensuse-tumbleweed sles sled", "sudo zypper install", "gcc glibc-devel"},
	{"void", "sudo xbps-install", "base-devel"},
}

// installer is that of this distribution, or nothing where it is not known.
func (m *Machine) installer() installer {
	for _, i := range installers {
		if slices.Contains(strings.Fields(i.ids), m.Report.Distribution.ID) {
			if i.command == aptGet && m.aptUnread() {
				i.command = "sudo apt-get update && " + aptGet
			}
			return i
		}
	}
	return installer{}
}

// installCompiler is the command that installs a C compiler, or "".
func (m *Machine) installCompiler() string {
	i := m.installer()
	return strings.TrimSpace(i.command + " " + i.compiler)
}

func lookTools(_ context.Context, m *Machine) Finding {
	var missing, packages, off []string
	for _, tool := range []struct{ names, pkg string }{{"git", "git"}, {"curl wget", "curl"}, {"tar", "tar"}, {"gzip", "gzip"}, {"sha256sum", "coreutils"}} {
		names := strings.Fields(tool.names)
		switch {
		case slices.ContainsFunc(names, m.hasTool):
		case slices.ContainsFunc(names, func(name string) bool { return m.exists("/usr/bin/" + name) }):
			off = append(off, names[0])
		default:
			missing = append(missing, strings.ReplaceAll(tool.names, " ", " or "))
			packages = append(packages, tool.pkg)
		}
	}
	var texts, cures []string
	if len(off) > 0 {
		texts = append(texts, "PATH leaves out /usr/bin, where these are: "+strings.Join(off, ", "))
		cures = append(cures, `export PATH="${PATH:+$PATH:}/usr/bin:/bin"`)
	}
	if len(missing) > 0 {
		texts = append(texts, "missing: "+strings.Join(missing, ", "))
		cures = append(cures, cmp.Or(m.install(packages...), "install "+strings.Join(packages, " ")+" with the package manager"))
	}
	if len(texts) == 0 {
		return ok("git, curl or wget, tar, gzip, sha256sum")
	}
	return Finding{Status: Warning, Text: strings.Join(texts, "; "), Cure: strings.Join(cures, " && ")}
}

// install is the command that installs packages here, "" if it is not known.
func (m *Machine) install(packages ...string) string {
	if i := m.installer(); i.command != "" {
		return i.command + " " + strings.Join(packages, " ")
	}
	return ""
}

// hasTool looks for a program of Linux.
func (m *Machine) hasTool(name string) bool {
	for file := range m.look(name) {
		if _, windows := m.onWindows(file); !windows {
			return true
		}
	}
	return false
}
