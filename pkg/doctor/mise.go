package doctor

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/pelletier/go-toml/v2"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/wsl"
)

// miseShare is where mise's data directories are, those of the hook as well.
func (m *Machine) miseShare() string {
	return cmp.Or(absolute(m.Env("XDG_DATA_HOME")), below(m.home(), ".local", "share"))
}

func (m *Machine) miseDir() string {
	return cmp.Or(absolute(m.Env("MISE_DATA_DIR")), below(m.miseShare(), "mise"))
}

// misePATH are the entries of PATH that are mise's, and those of a mise for Windows.
func (m *Machine) misePATH() (ours, windows []string) {
	for _, dir := range m.entries() {
		switch {
		case m.windowsEntry(dir):
			if strings.HasSuffix(strings.ToLower(dir), "/mise/shims") {
				windows = append(windows, dir)
			}
		case m.isMise(dir + "/"):
			ours = append(ours, dir)
		}
	}
	return ours, windows
}

func (m *Machine) isMise(file string) bool {
	dir := m.miseDir()
	return dir != "" && (strings.HasPrefix(file, dir+"/shims/") || strings.HasPrefix(file, dir+"/installs/"))
}

func lookMise(ctx context.Context, m *Machine) Finding {
	dirs, windows := m.misePATH()
	active := len(dirs) > 0 || m.Env("MISE_SHELL") != "" || m.Env("__MISE_DIFF") != ""
	file := ""
	for f := range m.lookHere("mise") {
		file = f
		break
	}
	f := Finding{Status: OK, Text: "not in use in this shell", Evidence: m.miseVersion(ctx, file)}
	switch {
	case active:
		m.judgeMise(&f)
	case file == "" && len(windows) == 0:
		return skipped("there is no mise")
	}
	if f.Status == OK && len(windows) > 0 {
		f.Status, f.Text, f.Evidence = Info, "the shims of a mise for Windows are on PATH; a tool that only it has is run on Windows", append(f.Evidence, windows...)
		f.Cure = "take it off PATH on Windows, or set [interop] appendWindowsPath=false in /etc/wsl.conf"
	}
	return f
}

// miseVersion asks a mise that has been used before: without a network, as it
// would look for a newer one otherwise, and not where it would make directories.
func (m *Machine) miseVersion(ctx context.Context, file string) (evidence []string) {
	if file == "" || m.Run == nil || !m.exists(m.miseDir()) {
		return nil
	}
	out, err := m.Run(ctx, "env", "MISE_OFFLINE=1", "MISE_HIDE_UPDATE_WARNING=1", file, "--version")
	if line := firstLine(string(out)); err == nil && line != "" {
		return []string{file + " " + line}
	}
	return nil
}

// judgeMise is about a mise that this shell uses: whose go is first, and what was
// asked of the other.
func (m *Machine) judgeMise(f *Finding) {
	first, ours := "", ""
	for file := range m.lookHere("go") {
		first = cmp.Or(first, file)
		if ours == "" && m.isOurs(file) {
			ours = file
		}
	}
	asks := m.miseAsks()
	f.Text = "it does not manage Go here"
	switch {
	case m.isMise(first) && ours == "":
		f.Text = first + "; no other is on PATH"
	case m.isMise(first):
		m.miseFirst(f, first, ours, asks)
	case asks.file != "" && first == ours && ours != "":
		have, _ := m.active()
		f.Text = fmt.Sprintf("%s asks for %s, and %s is in front of mise's", asks.file, asks, first)
		if want, err := goversion.Parse(asks.version); err != nil || want.Compare(have) != 0 {
			f.Status, f.Cure = Info, "golang-wsl pin VERSION where golang-wsl is to give the go, or put mise's in front: move the line that activates it behind that of the hook"
		}
	}
}

func (m *Machine) isOurs(file string) bool {
	return slices.Contains([]string{path.Join(m.dataDir(), "golang-wsl", "bin"), path.Join(m.dataDir(), "shims")}, path.Dir(file))
}

// miseFirst is about a go of mise's in front of ours. Of shims in front path-order
// tells.
func (m *Machine) miseFirst(f *Finding, first, ours string, asks miseTool) {
	have, _ := goversion.Parse(m.versionOf(path.Dir(path.Dir(m.real(first)))))
	want, source := m.active()
	f.Text = fmt.Sprintf("%s is in front of %s", first, ours)
	switch {
	case have.IsZero():
		f.Status = Info
	case want.IsZero() || source == first || want.Compare(have) == 0:
		return
	default:
		f.Status = Warning
		f.Text += fmt.Sprintf(": Go %s, though %s asks for %s", have, source, want)
	}
	if asks.file != "" {
		f.Evidence = append(f.Evidence, fmt.Sprintf("%s asks mise for %s", asks.file, asks))
		f.Cure = fmt.Sprintf("mise unuse --no-prune --path %s %s, or pin the same version for both", quote(asks.file), quote(asks.name))
	}
}

// A miseTool is a Go that mise is asked for.
type miseTool struct{ file, name, version string }

func (t miseTool) String() string { return strings.TrimSpace(t.name + " " + t.version) }

// miseFiles are the names of mise's configuration in a directory, those that win
// first.
var miseFiles = []string{
	"mise.local.toml", ".mise.local.toml", "mise.toml", ".mise.toml", "mise/config.toml", ".mise/config.toml", ".config/mise.toml", ".config/mise/config.toml",
}

// miseAsks is the nearest line of mise's own configuration that asks for a Go.
// What .tool-versions says holds for both.
func (m *Machine) miseAsks() (t miseTool) {
	for dir := path.Clean(m.Dir); ; dir = path.Dir(dir) {
		for _, name := range miseFiles {
			if t = m.miseTool(path.Join(dir, name)); t.file != "" {
				return t
			}
		}
		if dir == "/" || dir == "." {
			break
		}
	}
	config := cmp.Or(absolute(m.Env("MISE_CONFIG_DIR")), below(cmp.Or(absolute(m.Env("XDG_CONFIG_HOME")), below(m.home(), ".config")), "mise"))
	return m.miseTool(cmp.Or(absolute(m.Env("MISE_GLOBAL_CONFIG_FILE")), below(config, "config.toml")))
}

func (m *Machine) miseTool(file string) (t miseTool) {
	text, there := m.read(file)
	var config struct{ Tools map[string]any }
	if !there || toml.Unmarshal([]byte(text), &config) != nil {
		return t
	}
	for _, name := range slices.Concat(goPlugins, []string{"core:go"}) {
		if value, ok := config.Tools[name]; ok {
			return miseTool{file, name, miseWord(value)}
		}
	}
	return t
}

// miseWord is the version of a tool: "1.22", ["1.22", "1.21"], {version = "1.22"}.
func miseWord(value any) string {
	switch v := value.(type) {
	case string:
		return v
	case []any:
		if len(v) > 0 {
			return miseWord(v[0])
		}
	case map[string]any:
		return miseWord(v["version"])
	}
	return ""
}

func lookMiseDirs(_ context.Context, m *Machine) Finding {
	data, cache := absolute(m.Env("MISE_DATA_DIR")), absolute(m.Env("MISE_CACHE_DIR"))
	if data == "" && cache == "" {
		return skipped("MISE_DATA_DIR is not set")
	}
	caches := cmp.Or(absolute(m.Env("XDG_CACHE_HOME")), below(m.home(), ".cache"))
	for _, kind := range []wsl.Kind{wsl.WSL1, wsl.WSL2} {
		name := "mise-" + string(kind)
		switch {
		case kind == m.Report.Kind:
		case m.same(data, below(m.miseShare(), name)):
			f := Finding{Status: Info, Text: fmt.Sprintf("MISE_DATA_DIR is %s, that of %s; this is %s", data, kind, m.Report.Kind)}
			if m.hasGo(data) {
				f.Status = Warning
			}
			return f
		case m.same(cache, below(caches, name)):
			return Finding{
				Status: Info, Text: fmt.Sprintf("MISE_CACHE_DIR is %s, that of %s; this is %s", cache, kind, m.Report.Kind),
				Cure: "golang-wsl setup, then a new shell",
			}
		}
	}
	return ok("%s", cmp.Or(data, cache))
}

func (m *Machine) same(a, b string) bool { return a != "" && b != "" && m.real(a) == m.real(b) }

// hasGo reports whether mise has a Go, or a plugin for it, in a data directory.
func (m *Machine) hasGo(dir string) bool {
	for _, name := range slices.Concat(m.list(path.Join(dir, "installs")), m.list(path.Join(dir, "plugins"))) {
		if slices.Contains(goPlugins, name) {
			return true
		}
	}
	return false
}
