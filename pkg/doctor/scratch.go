package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/wsl"
)

// scratchChecks are about what directories really do.
func scratchChecks() []Check {
	return []Check{
		{
			ID: "dir-noexec", Title: "directories where programs do not run", Look: lookNoexec,
			Reads:   "the mounts; `GOTMPDIR` or `TMPDIR`, `GOCACHE`, `GOBIN` or `bin` of `GOPATH`, the data directory; tries a scratch program in each",
			Decides: "one that does not run, or, where none can be tried, a mount with noexec, is an error, and a warning for `GOBIN`",
			Why:     "go test runs what it has built in GOTMPDIR or TMPDIR, go run there and in GOCACHE, and the go command itself is in the data directory",
			Cure:    "move them to a file system where programs run",
		},
		{
			ID: "dir-modes", Title: "chmod without effect", Look: lookModes,
			Reads:   "data directory, `GOMODCACHE`, the current directory; tries chmod on a scratch file in each",
			Decides: "one where a file does not have the mode that it was given is a warning",
			Why:     "each file looks changed to git and can be run, go cannot protect the module cache, and ssh refuses keys (microsoft/WSL#81)",
			Cure:    "move them to a file system of Linux",
		},
		{
			ID: "dir-case", Title: "directories that do not tell a from A", Look: lookCase,
			Reads:   "data directory, `GOPATH`, `GOMODCACHE`, the current directory; looks for a scratch file in each by another name",
			Decides: "one that has the same file for both is a warning, and info for the current directory",
			Why:     "files and branches whose names differ by case alone overwrite each other, and a wrong name that works here works nowhere else",
			Cure:    "move them to a file system of Linux; on a Windows drive an administrator can do it for an empty directory: fsutil.exe file setCaseSensitiveInfo DIR enable",
		},
		{
			ID: "dir-write", Title: "directories that cannot be written to", Look: lookWritable,
			Reads:   "`GOCACHE`, or what is above it, `GOTMPDIR` or `TMPDIR`, `GOPATH`, `GOMODCACHE` and its downloads, the data directory, on file systems of Linux; tries a scratch file in each, its owner",
			Decides: "`GOCACHE`, `GOTMPDIR` or `TMPDIR` that cannot be written to is an error, another a warning, and a data directory outside of the home directory info",
			Why:     "go builds nothing without a build cache and a place for its work; what sudo go has made is root's",
			Cure:    "point the variables at directories that you can write to",
		},
		{
			ID: "dir-space", Title: "room where Go writes", Look: lookSpace,
			Reads:   "the mounts; the free space of data directory, `GOMODCACHE`, `GOCACHE`, `GOTMPDIR`, `TMPDIR` and the cache of golang-wsl, on file systems of Linux",
			Decides: "less than 500 MB or 20,000 files is a warning, less than a tenth of that an error",
			Why:     "a toolchain takes 250 MB and 16,000 files when it is unpacked; a build that runs out of room fails wherever it is",
			Cure:    "remove what is not needed there",
		},
	}
}

// mount is what a directory is on. A Windows drive is not touched to find out.
func (m *Machine) mount(dir string) wsl.Mount {
	at, _ := m.Report.Mounts.At(dir)
	if !at.Windows {
		at, _ = m.Report.Mounts.At(m.real(dir))
	}
	return at
}

func names(places []place) string {
	texts := make([]string, len(places))
	for i, p := range places {
		texts[i] = p.String()
	}
	return strings.Join(texts, ", ")
}

// A trial is a question that was asked of several places.
type trial struct {
	bad, fine []place
	evidence  []string // of those that are bad, or could not be asked
}

// try asks each place that there is.
func (m *Machine) try(ctx context.Context, places []place, ask func(ctx context.Context, dir string) (fine bool, err error)) (t trial) {
	for i, p := range places {
		if slices.ContainsFunc(places[:i], func(q place) bool { return q.path == p.path }) || !m.exists(p.path) {
			continue
		}
		switch fine, err := ask(ctx, p.path); {
		case err != nil:
			t.evidence = append(t.evidence, fmt.Sprintf("%s cannot be tried: %v", p, err))
		case fine:
			t.fine = append(t.fine, p)
		default:
			t.bad = append(t.bad, p)
			t.evidence = append(t.evidence, fmt.Sprintf("%s: %s", p, m.mount(p.path)))
		}
	}
	return t
}

// isFine is the finding where nothing is bad.
func (t trial) isFine(what string) Finding {
	f := ok("%s in %s", what, names(t.fine))
	if len(t.fine) == 0 {
		f = skipped("there is none that can be tried")
	}
	f.Evidence = t.evidence
	return f
}

func lookModes(ctx context.Context, m *Machine) Finding {
	if m.Try == nil {
		return skipped("nothing is tried here")
	}
	t := m.try(ctx, append(m.places("data directory", "GOMODCACHE"), place{"project", m.Dir}), m.Try.Modes)
	if len(t.bad) == 0 {
		return t.isFine("modes stick")
	}
	f := Finding{Status: Warning, Text: "chmod has no effect in " + names(t.bad), Evidence: t.evidence}
	if slices.ContainsFunc(t.bad, func(p place) bool { return m.mount(p.path).Windows }) {
		f.Cure = m.metadataCure()
	}
	return f
}

// metadataCure has WSL keep the modes of Linux on Windows drives, or is "" where it
// is asked for that already, or does not mount them.
func (m *Machine) metadataCure() string {
	const shutdown = "wsl.exe --shutdown"
	text, _ := m.read("/etc/wsl.conf")
	settings := wsl.ParseSettings(text)
	options, there := settings.Get("automount.options")
	enabled, _ := settings.Get("automount.enabled")
	switch {
	case strings.EqualFold(enabled.Value, "false") || slices.Contains(strings.Split(options.Value, ","), "metadata"):
		return ""
	case there && options.Value != "":
		return fmt.Sprintf(`options="metadata,%s" below [automount] in /etc/wsl.conf, then %s`, options.Value, shutdown)
	case slices.ContainsFunc(settings, func(s wsl.Setting) bool { return strings.EqualFold(s.Section, "automount") }):
		return `options="metadata" below [automount] in /etc/wsl.conf, then ` + shutdown
	}
	return `printf '\n[automount]\noptions="metadata"\n' | sudo tee -a /etc/wsl.conf && ` + shutdown
}

func lookCase(ctx context.Context, m *Machine) Finding {
	if m.Try == nil {
		return skipped("nothing is tried here")
	}
	project := place{"project", m.Dir}
	t := m.try(ctx, append(m.places("data directory", "GOPATH", "GOMODCACHE"), project), func(ctx context.Context, dir string) (bool, error) {
		folds, err := m.Try.FoldsCase(ctx, dir)
		return !folds, err
	})
	if len(t.bad) == 0 {
		return t.isFine("a and A are two files")
	}
	f := Finding{Status: Warning, Text: "a and A are one file in " + names(t.bad), Evidence: t.evidence}
	if t.bad[0] == project { // which may be for Windows as well
		f.Status = Info
	}
	return f
}
