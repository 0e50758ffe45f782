package doctor

import (
	"context"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

// gitChecks are about git and the repository here.
func gitChecks() []Check {
	return []Check{
		{
			ID: "git-owner", Title: "repository of another owner", Look: lookGitOwner,
			Reads:   "git in the current directory, `GOFLAGS`, `go.mod`",
			Decides: "a repository that git refuses, since somebody else owns it, is an error where go build would ask git, else info",
			Why:     "go build asks git for the revision, and fails: error obtaining VCS status: exit status 128 (golang/go#49004)",
			Cure:    "git config --global --add safe.directory DIRECTORY",
		},
		{
			ID: "git-eol", Title: "line ends that git writes", Look: lookGitEOL,
			Reads:   "`core.autocrlf` and the attributes that git has for files here",
			Decides: "core.autocrlf=true is a warning, unless attributes keep it from Go files and scripts",
			Why:     "git then writes Windows line ends: scripts do not run, gofmt lists each file, go:embed embeds other bytes",
			Cure:    "git config --global core.autocrlf input",
		},
		{
			ID: "git-modes", Title: "file modes and names in git", Look: lookGitModes,
			Reads:   "`core.fileMode` and `core.ignoreCase` of the repository, a scratch file in its directory",
			Decides: "core.fileMode=true where modes do not stick, tried, is a warning; core.fileMode=false or core.ignoreCase=true where that is not needed is info",
			Why:     "git shows files as changed that nobody has changed, and go build stamps programs as modified",
			Cure:    "git config core.fileMode false",
		},
	}
}

// repository is the directory of the work tree here, or "".
func (m *Machine) repository() string {
	for dir := path.Clean(m.Dir); ; dir = path.Dir(dir) {
		if m.exists(path.Join(dir, ".git")) {
			return dir
		}
		if dir == "/" || dir == "." {
			return ""
		}
	}
}

// git runs git in the repository here. Why is why it cannot.
func (m *Machine) git(ctx context.Context, args ...string) (out, why string, err error) {
	dir := m.repository()
	switch {
	case dir == "":
		return "", "no repository here", nil
	case m.Run == nil || !m.hasTool("git"):
		return "", "no git to ask", nil
	}
	text, err := m.Run(ctx, "git", append([]string{"-C", dir}, args...)...)
	return string(text), "", err
}

// The command is in no language (git/setup.c, ensure_valid_ownership).
var safeDirectory = regexp.MustCompile(`git config --global --add safe\.directory .*`)

func lookGitOwner(ctx context.Context, m *Machine) Finding {
	top, why, err := m.git(ctx, "rev-parse", "--show-toplevel")
	switch {
	case why != "":
		return skipped(why)
	case err == nil:
		return ok("git works in %s", strings.TrimSpace(top))
	}
	cure := safeDirectory.FindString(err.Error())
	if cure == "" {
		return skipped("git says nothing of it: " + firstLine(err.Error()))
	}
	f := Finding{Status: Error, Text: "git refuses " + m.repository() + ", which belongs to another user", Cure: strings.TrimSpace(cure)}
	flags, from := m.goValue("GOFLAGS")
	file, _ := m.modFile("go.mod")
	switch {
	case file == "":
		f.Status, f.Text = Info, f.Text+"; there is no go.mod"
	case slices.Contains(strings.Fields(flags), "-buildvcs=false"):
		f.Status, f.Text = Info, f.Text+"; go does not ask it: GOFLAGS has -buildvcs=false, from "+from
	}
	return f
}

// A gitSetting is one of git's configuration.
type gitSetting struct{ value, origin string }

func (s gitSetting) on() bool {
	return slices.Contains([]string{"true", "yes", "on", "1"}, strings.ToLower(s.value))
}

// gitSettings are those of a repository, the strongest of each name.
func (m *Machine) gitSettings(ctx context.Context) (settings map[string]gitSetting, why string) {
	out, why, _ := m.git(ctx, "config", "--show-origin", "--get-regexp", `^core\.(autocrlf|filemode|ignorecase)$`)
	settings = make(map[string]gitSetting)
	for line := range strings.Lines(out) {
		origin, rest, _ := strings.Cut(strings.TrimSpace(line), "\t")
		name, value, given := strings.Cut(rest, " ")
		if !given {
			value = "true" // a name alone
		}
		settings[strings.TrimPrefix(name, "core.")] = gitSetting{value, strings.TrimPrefix(origin, "file:")}
	}
	return settings, why
}

func lookGitEOL(ctx context.Context, m *Machine) Finding {
	settings, why := m.gitSettings(ctx)
	if why != "" {
		return skipped(why)
	}
	crlf := settings["autocrlf"]
	if !crlf.on() {
		return ok("core.autocrlf is not true")
	}
	changed, err := m.changedEOL(ctx)
	if err == nil && len(changed) == 0 {
		return ok("core.autocrlf is true, and attributes keep it from Go files and scripts")
	}
	f := Finding{Status: Warning, Text: "core.autocrlf is true, from " + crlf.origin, Cure: "git config --global core.autocrlf input"}
	if err == nil {
		f.Text += "; no attribute keeps it from files like " + strings.Join(changed, ", ")
	}
	_, windows := m.onWindows(crlf.origin)
	if !path.IsAbs(crlf.origin) || windows { // that of the repository, or what Windows means for itself
		f.Cure = fmt.Sprintf("git -C %s config core.autocrlf input", quote(m.repository()))
	}
	f.Evidence = []string{"files that are checked out keep the line ends that they have"}
	return f
}

// changedEOL are names of files that git gives Windows line ends under
// core.autocrlf=true: those that no attribute takes for binary or for eol=lf.
func (m *Machine) changedEOL(ctx context.Context) (changed []string, err error) {
	changed = []string{"main.go", "go.mod", "run.sh"}
	out, _, err := m.git(ctx, append([]string{"check-attr", "text", "eol", "--"}, changed...)...)
	for line := range strings.Lines(out) {
		words := strings.Split(strings.TrimSpace(line), ": ")
		if len(words) == 3 && (words[1] == "text" && words[2] == "unset" || words[1] == "eol" && words[2] == "lf") {
			changed = slices.DeleteFunc(changed, func(name string) bool { return name == words[0] })
		}
	}
	return changed, err
}

func lookGitModes(ctx context.Context, m *Machine) Finding {
	settings, why := m.gitSettings(ctx)
	dir := m.repository()
	switch {
	case why != "":
		return skipped(why)
	case m.Try == nil || len(settings) == 0:
		return skipped("git says nothing of it")
	}
	stick, err := m.Try.Modes(ctx, dir)
	if err != nil {
		return skipped("it could not be tried: " + firstLine(err.Error()))
	}
	mode, there := settings["filemode"]
	git := "git -C " + quote(dir) + " config "
	if there && !mode.on() && stick {
		return Finding{Status: Info, Text: "core.fileMode is " + mode.value + " in " + dir + ", where modes stick: git does not see a chmod", Cure: git + "core.fileMode true"}
	}
	if !stick && (mode.on() || !there) {
		return Finding{Status: Warning, Text: "modes do not stick in " + dir + ", but git compares them", Cure: git + "core.fileMode false"}
	}
	folds, err := m.Try.FoldsCase(ctx, dir)
	if err == nil && !folds && settings["ignorecase"].on() {
		return Finding{Status: Info, Text: "core.ignoreCase is true in " + dir + ", where a and A are two files: git does not see a new case in a name", Cure: git + "core.ignoreCase false"}
	}
	return ok("git has modes and names as %s has them", dir)
}
