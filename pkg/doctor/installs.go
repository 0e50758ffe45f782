package doctor

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"strings"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
)

func installChecks() []Check {
	return []Check{
		{
			ID: "installs", Title: "complete installs", Look: lookInstalls,
			Reads:   "`installs/PLUGIN/*`: marker, `go/bin/go`",
			Decides: "no go is a warning; a go without a marker, from another plugin, is info",
			Why:     "asdf takes every directory for an installed version (asdf-vm/asdf#2036)",
			Cure:    "golang-wsl uninstall VERSION && golang-wsl install VERSION",
		},
		{
			ID: "installs-modified", Title: "installs as they were released", Look: lookModified,
			Reads: "`installs/PLUGIN/*`: marker, sums, `go/VERSION`, all in `go/bin` and `go/pkg/tool`, of the other files that the sums name the times, and those that are later than the marker",
			Decides: "a file that is missing, or that was read and has another sha256, is a warning; sums that are missing or damaged are info; " +
				"what was changed and given its old time back, and what was added, only `golang-wsl verify` finds, which hashes all",
			Why:  "a changed compiler or library builds other programs than the released one, and nobody can tell by the version",
			Cure: "golang-wsl uninstall VERSION && golang-wsl install VERSION",
		},
	}
}

func lookInstalls(_ context.Context, m *Machine) Finding {
	var broken, foreign []string
	names := m.list(m.installDir(""))
	for _, name := range names {
		dir := m.installDir(name)
		switch {
		case strings.HasPrefix(name, "."), name == "default":
			// The one is asdf's or ours in the making, the other has a check of its own.
		case !m.exists(path.Join(dir, "go", "bin", "go")):
			broken = append(broken, name)
		case !m.exists(path.Join(dir, ".golang-wsl.json")):
			foreign = append(foreign, name)
		}
	}
	switch {
	case len(broken) > 0:
		return Finding{
			Status: Warning, Text: fmt.Sprintf("without a go: %s in %s", strings.Join(broken, ", "), m.installDir("")),
			Cure: m.reinstall(broken[0]),
		}
	case len(foreign) > 0:
		return Finding{Status: Info, Text: "installed by another plugin, so not verified: " + strings.Join(foreign, ", ")}
	case len(names) == 0:
		return skipped("nothing is installed")
	}
	return ok("%d", len(names))
}

// reinstall is the command line for it. What has no marker golang-wsl does not
// uninstall, nor what the default stands for.
func (m *Machine) reinstall(name string) string {
	var again string
	if _, err := goversion.Parse(name); err == nil {
		again = " && golang-wsl install " + quote(name)
	}
	if _, err := m.marker(name); err != nil {
		return "rm -rf " + quote(m.installDir(name)) + again
	}
	remove := "golang-wsl uninstall " + quote(name) + again
	if d, err := m.marker("default"); err == nil && d.Version == name && d.Alias == "default" {
		return "golang-wsl uninstall default && " + remove + " && golang-wsl default " + quote(name)
	}
	return remove
}

// A marker is what golang-wsl leaves beside a complete install.
type marker struct {
	Version, Alias string
	Time           time.Time // of the end of the install, in whole seconds
}

func (m *Machine) marker(name string) (mark marker, err error) {
	text, there := m.read(path.Join(m.installDir(name), ".golang-wsl.json"))
	if !there {
		return mark, fs.ErrNotExist
	}
	return mark, json.Unmarshal([]byte(text), &mark)
}

func lookModified(ctx context.Context, m *Machine) Finding {
	ctx, cancel := before(ctx)
	defer cancel()
	var wrong, unknown, late []string
	f := Finding{Status: OK}
	files := 0
	for _, name := range m.list(m.installDir("")) {
		mark, err := m.marker(name)
		if err != nil || mark.Alias != "" {
			continue // another check's, or links to one that is looked at
		}
		x := install{machine: m, dir: m.real(m.installDir(name)), since: mark.Time}
		switch err := x.examine(ctx); {
		case ctx.Err() != nil:
			late = append(late, name)
		case err != nil:
			unknown = append(unknown, fmt.Sprintf("%s (%v)", name, err))
		}
		files += x.files
		if len(x.wrong) > 0 {
			wrong = append(wrong, fmt.Sprintf("%s (%d)", name, len(x.wrong)))
			f.Evidence = append(f.Evidence, x.evidence(name)...)
			if f.Cure == "" {
				f.Cure = m.reinstall(name)
			}
		}
	}
	var texts []string
	for _, part := range []struct {
		status Status
		text   string
		names  []string
	}{{Warning, "files that are not as released: ", wrong}, {Info, "sums that cannot be used: ", unknown}, {Info, "not all looked at in time: ", late}} {
		if len(part.names) > 0 {
			texts = append(texts, part.text+strings.Join(part.names, ", "))
			if f.Status != Warning {
				f.Status = part.status
			}
		}
	}
	switch {
	case texts != nil:
		f.Text = strings.Join(texts, "; ")
	case files == 0:
		return skipped("nothing is installed with sums")
	default:
		f.Text = fmt.Sprintf("%d files are there, none has changed since", files)
	}
	return f
}

// before is a context that ends a while before the deadline, so that there is an
// answer in time.
func before(ctx context.Context) (context.Context, context.CancelFunc) {
	if deadline, ok := ctx.Deadline(); ok {
		return context.WithDeadline(ctx, deadline.Add(-time.Until(deadline)/5))
	}
	return context.WithCancel(ctx)
}

// An install is one that is held against its sums.
type install struct {
	machine *Machine
	dir     string // behind all links
	since   time.Time
	files   int      // that were looked at
	wrong   []string // "changed go/VERSION"
}

var errSums = errors.New("damaged")

// examine looks at files until the context ends. The sums of a release are more
// than what read takes.
func (x *install) examine(ctx context.Context) error {
	file, err := x.machine.Root.Open(rel(path.Join(x.dir, ".golang-wsl.sums")))
	if errors.Is(err, fs.ErrNotExist) {
		return errors.New("missing")
	}
	if err != nil {
		return err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return errSums
	}
	lines := bufio.NewScanner(file)
	for lines.Scan() && ctx.Err() == nil {
		digest, name, _ := strings.Cut(lines.Text(), "  ")
		want, err := hex.DecodeString(digest)
		if err != nil || len(want) != sha256.Size || !strings.HasPrefix(name, "go/") || !fs.ValidPath(name) {
			return errSums
		}
		if err := x.compare(name, [sha256.Size]byte(want)); err != nil {
			return err
		}
		x.files++
	}
	if x.files == 0 && ctx.Err() == nil {
		return errSums
	}
	return lines.Err()
}

func (x *install) compare(name string, want [sha256.Size]byte) error {
	file := rel(path.Join(x.dir, name))
	info, err := fs.Stat(x.machine.Root, file)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		x.wrong = append(x.wrong, "missing "+name)
		return nil
	case err != nil:
		return err
	case !info.Mode().IsRegular():
		x.wrong = append(x.wrong, "changed "+name)
		return nil
	case !isProgram(name) && !info.ModTime().Truncate(time.Second).After(x.since):
		return nil
	}
	got, err := x.hash(file)
	if err == nil && got != want {
		x.wrong = append(x.wrong, "changed "+name)
	}
	return err
}

// isProgram reports whether a file is what a go command runs or says of itself.
func isProgram(name string) bool {
	return name == "go/VERSION" || strings.HasPrefix(name, "go/bin/") || strings.HasPrefix(name, "go/pkg/tool/")
}

func (x *install) hash(file string) (sum [sha256.Size]byte, err error) {
	f, err := x.machine.Root.Open(file)
	if err != nil {
		return sum, err
	}
	defer f.Close()
	h := sha256.New()
	_, err = io.Copy(h, f)
	h.Sum(sum[:0])
	return sum, err
}

func (x *install) evidence(name string) (lines []string) {
	const most = 10
	for i, text := range x.wrong {
		if i == most {
			return append(lines, fmt.Sprintf("%s: and %d more", name, len(x.wrong)-most))
		}
		lines = append(lines, name+": "+text)
	}
	return lines
}
