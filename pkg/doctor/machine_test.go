package doctor

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"testing/synctest"
	"time"
	"unicode/utf16"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/shell"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/wsl"
)

// A described machine is a file of testdata/machines: directives, then the files
// of its tree. The directives are
//
//	base NAME          begin with that machine
//	env NAME=VALUE     a variable
//	default NAME=VALUE what the go command has without being told
//	dir PATH           the current directory
//	remove PATH        take that away from the base
//	link PATH TARGET   a symbolic link
//	crlf PATH          give the file the line ends of Windows
//	bom PATH           give it a byte order mark
//	utf16 PATH         write it as wsl.exe does; mixed PATH: the first line only
//	hook PATH SHELL    the hook as golang-wsl writes it now
//	long PATH          it goes on for more than is read
//	newer PATH         it was written to today
//	owner PATH UID     whose it is
//	run NAME [PATH]    the program NAME writes that file, or cannot be run
//	want ID STATUS RE  the problems there are; it has no others
//	info ID RE         what is only worth knowing
//	cure ID TEXT       the cure of a problem
//	fix ID LINE        the lines of its Fix; nofix ID: it has none
//	trouble TEXT       what golang-wsl cannot go by; the cure of the first is "mend 1"
type described struct {
	fs    fstest.MapFS
	env   map[string]string
	goes  map[string]string // defaults of the go command
	dir   string
	runs  map[string]string
	facts map[string][][]string // of its behaviour, see fakes_test.go
	wants []want

	trouble []error
}

type want struct {
	id, cure string
	fix      []string
	noFix    bool
	status   Status
	finding  string // a regular expression
}

func readMachine(t testing.TB, name string) *described {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", "machines", name+".txtar"))
	require.NoError(t, err)
	archive := txtar.Parse(text)
	d := &described{fs: fstest.MapFS{}, env: map[string]string{}, goes: map[string]string{"GOPROXY": "https://modules.example,direct", "GOSUMDB": "sum.golang.org"}, runs: map[string]string{}, facts: map[string][][]string{}}
	var later [][]string // those that need the files
	for line := range strings.Lines(string(archive.Comment)) {
		verb, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch verb {
		case "", "#":
		case "base":
			d = readMachine(t, rest)
			d.wants = nil
		case "env":
			key, value, _ := strings.Cut(rest, "=")
			d.env[key] = value
		case "default":
			key, value, _ := strings.Cut(rest, "=")
			d.goes[key] = value
		case "dir":
			d.dir = rest
		case "remove":
			maps.DeleteFunc(d.fs, func(name string, _ *fstest.MapFile) bool {
				return name == rel(rest) || strings.HasPrefix(name, rel(rest)+"/")
			})
		case "trouble":
			d.trouble = append(d.trouble, &TroubleError{rest, fmt.Sprintf("mend %d", len(d.trouble)+1)})
		case "want", "info", "cure", "fix", "nofix":
			d.want(t, verb, rest)
		case "link", "crlf", "bom", "utf16", "mixed", "run", "hook", "long", "newer", "owner":
			later = append(later, append([]string{verb}, strings.Fields(rest)...))
		default:
			require.True(t, behaviours[verb], "unknown directive: %s: %s", name, line)
			d.facts[verb] = append(d.facts[verb], strings.Fields(rest))
		}
	}
	for _, f := range archive.Files {
		mode := fs.FileMode(0o644)
		if dir := path.Base(path.Dir(f.Name)); dir == "bin" || dir == "shims" || strings.HasPrefix(f.Name, "mnt/") {
			mode = 0o755
		}
		d.fs[f.Name] = &fstest.MapFile{Data: f.Data, Mode: mode}
	}
	for _, words := range later {
		d.change(t, words)
	}
	return d
}

func (d *described) want(t testing.TB, verb, rest string) {
	id, rest, _ := strings.Cut(rest, " ")
	switch verb {
	case "want":
		status, finding, _ := strings.Cut(rest, " ")
		d.wants = append(d.wants, want{id: id, status: Status(status), finding: finding})
	case "info":
		d.wants = append(d.wants, want{id: id, status: Info, finding: rest})
	default:
		i := slices.IndexFunc(d.wants, func(w want) bool { return w.id == id })
		require.GreaterOrEqual(t, i, 0, "the cure of nothing: %s", id)
		switch w := &d.wants[i]; verb {
		case "cure":
			w.cure = rest
		case "fix":
			w.fix = append(w.fix, rest)
		case "nofix":
			w.noFix = true
		}
	}
}

func (d *described) change(t testing.TB, words []string) {
	if words[0] == "link" {
		d.fs[rel(words[1])] = &fstest.MapFile{Data: []byte(words[2]), Mode: fs.ModeSymlink | 0o777}
		return
	}
	if words[0] == "run" {
		d.runs[words[1]] = strings.Join(words[2:], "")
		return
	}
	if words[0] == "owner" {
		uid, err := strconv.ParseUint(words[2], 10, 32)
		require.NoError(t, err)
		d.fs[rel(words[1])] = &fstest.MapFile{Mode: fs.ModeDir | 0o755, Sys: &syscall.Stat_t{Uid: uint32(uid)}}
		return
	}
	if words[0] == "hook" {
		text, err := shell.Hook(words[2], nil)
		require.NoError(t, err)
		d.fs[rel(words[1])] = &fstest.MapFile{Data: text, Mode: 0o644}
		return
	}
	file := d.fs[rel(words[1])]
	require.NotNil(t, file, "%v", words)
	changed := *file
	crlf := bytes.ReplaceAll(file.Data, []byte("\n"), []byte("\r\n"))
	switch words[0] {
	case "long":
		changed.Data = append(bytes.Clone(file.Data), bytes.Repeat([]byte("#\n"), limit)...)
	case "newer":
		changed.ModTime = now
	case "crlf":
		changed.Data = crlf
	case "bom":
		changed.Data = append([]byte("\ufeff"), file.Data...)
	case "utf16":
		changed.Data = wide(string(crlf))
	case "mixed":
		first, rest, _ := strings.Cut(string(crlf), "\n")
		changed.Data = append(wide(first+"\n"), rest...)
	}
	d.fs[rel(words[1])] = &changed
}

// wide is UTF-16LE without a byte order mark.
func wide(text string) (data []byte) {
	for _, u := range utf16.Encode([]rune(text)) {
		data = append(data, byte(u), byte(u>>8))
	}
	return data
}

var now = time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)

func (d *described) machine() *Machine {
	env := func(name string) string { return d.env[name] }
	dirs := map[wsl.Kind]string{wsl.WSL1: "/home/me/.asdf-wsl1", wsl.WSL2: "/home/me/.asdf-wsl2", wsl.Native: "/home/me/.asdf"}
	b := behaviour{d, d.facts}
	return &Machine{
		Hooks: hooks(), Setup: []string{"/home/me/.bashrc", "/home/me/.config/golang-wsl"},
		Root: d.fs, Env: env, Dir: d.dir, DataDirs: dirs, Defaults: d.goes, Now: now, Arch: "amd64", Run: b.run, Try: b, Net: b, Trouble: errors.Join(d.trouble...),
		Report: wsl.Detect(wsl.Machine{Root: d.fs, Env: env}),
	}
}

// hooks are those of somebody who has all shells.
func hooks() (list []Hook) {
	for name, rc := range map[string]string{"bash": ".bashrc", "zsh": ".zshrc", "fish": ".config/fish/conf.d/golang-wsl.fish"} {
		text, _ := shell.Hook(name, nil)
		list = append(list, Hook{Shell: name, File: "/home/me/.config/golang-wsl/hook." + name, Text: text, Rc: []string{"/home/me/" + rc}})
	}
	slices.SortFunc(list, func(a, b Hook) int { return strings.Compare(a.Shell, b.Shell) })
	return list
}

func machineNames(t testing.TB) (names []string) {
	files, err := filepath.Glob("testdata/machines/*.txtar")
	require.NoError(t, err)
	for _, file := range files {
		names = append(names, strings.TrimSuffix(filepath.Base(file), ".txtar"))
	}
	require.NotEmpty(t, names)
	return names
}

// Each machine has the faults that it was made with, and no other: a false alarm
// is a fault as well.
func TestMachines(t *testing.T) {
	for _, name := range machineNames(t) {
		t.Run(name, func(t *testing.T) {
			d := readMachine(t, name)
			results, err := Run(t.Context(), d.machine(), Checks(), time.Minute)
			require.NoError(t, err)
			for _, r := range results {
				i := slices.IndexFunc(d.wants, func(w want) bool { return w.id == r.ID })
				if i < 0 {
					require.False(t, r.Status.IsProblem(), "%+v", r)
					continue
				}
				w := d.wants[i]
				require.Equal(t, w.status, r.Status, "%+v", r)
				require.Regexp(t, regexp.MustCompile(w.finding), r.Finding)
				if w.cure != "" {
					require.Equal(t, w.cure, r.Cure)
				}
				if w.fix != nil {
					require.NotNil(t, r.Fix)
					require.Equal(t, w.fix, r.Fix.Lines())
				}
				require.False(t, w.noFix && r.Fix != nil, "%+v", r)
				if r.Status.IsProblem() {
					require.NotEmpty(t, r.Why)
					require.NotEmpty(t, r.Cure)
				}
				d.wants = slices.Delete(d.wants, i, i+1)
			}
			require.Empty(t, d.wants, "no check has said so")
		})
	}
}

// Each check has a machine that it complains about, or has something to say on
// that is worth knowing.
func TestEveryCheckHasAMachine(t *testing.T) {
	seen := make(map[string]bool)
	for _, name := range machineNames(t) {
		for _, w := range readMachine(t, name).wants {
			seen[w.id] = true
		}
	}
	for _, c := range Checks() {
		require.True(t, seen[c.ID], "no machine has a fault for %s", c.ID)
	}
	require.Len(t, seen, len(Checks()))
}

// hanging is a tree whose Windows drive never answers.
type hanging struct {
	fstest.MapFS
	forever chan struct{}
}

func (h hanging) wait(name string) {
	if strings.HasPrefix(name+"/", "mnt/c/") {
		<-h.forever
	}
}

func (h hanging) Open(name string) (fs.File, error) {
	h.wait(name)
	return h.MapFS.Open(name)
}

func (h hanging) Stat(name string) (fs.FileInfo, error) {
	h.wait(name)
	return h.MapFS.Stat(name)
}

func (h hanging) Lstat(name string) (fs.FileInfo, error) {
	h.wait(name)
	return h.MapFS.Lstat(name)
}

func (h hanging) ReadLink(name string) (string, error) {
	h.wait(name)
	return h.MapFS.ReadLink(name)
}

func (h hanging) ReadDir(name string) ([]fs.DirEntry, error) {
	h.wait(name)
	return h.MapFS.ReadDir(name)
}

// Of a drive that hangs only those hear that have to look there.
func TestHangingDrive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := readMachine(t, "wsl2")
		m := d.machine()
		forever := make(chan struct{})
		defer close(forever)
		m.Root = hanging{d.fs, forever}
		results, err := Run(t.Context(), m, Checks(), 5*time.Second)
		require.NoError(t, err)
		var late []string
		for _, r := range results {
			if r.Status == Timeout {
				late = append(late, r.ID)
			} else {
				require.False(t, r.Status.IsProblem(), "%+v", r)
			}
		}
		require.Equal(t, []string{"wslconfig", "windows-go", "windows-path"}, late)
	})
}

// A machine of which nothing is known has no faults, and no check falls over it.
func TestNothingKnown(t *testing.T) {
	root := fstest.MapFS{}
	m := &Machine{Root: root, Env: func(string) string { return "" }, Dir: "/", Report: wsl.Detect(wsl.Machine{Root: root}), Now: now}
	results, err := Run(t.Context(), m, Checks(), time.Minute)
	require.NoError(t, err)
	for _, r := range results {
		if r.ID != "tools" {
			require.False(t, r.Status.IsProblem(), "%+v", r)
		}
	}
}
