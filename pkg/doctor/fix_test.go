package doctor

import (
	"bytes"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
)

func (d *described) problems(t testing.TB) []Result {
	t.Helper()
	results, err := Run(t.Context(), d.machine(), Checks(), time.Minute)
	require.NoError(t, err)
	return slices.DeleteFunc(results, func(r Result) bool { return !r.Status.IsProblem() })
}

// apply does the edits of a Fix as whoever does them has to: on the very file, if
// that is as it was.
func (d *described) apply(t testing.TB, f *Fix) {
	t.Helper()
	for _, e := range f.Edits {
		file := d.fs[rel(e.File)]
		if e.Old == nil {
			require.Nil(t, file, "%s is there", e.File)
			file = &fstest.MapFile{Mode: 0o644}
		}
		require.NotNil(t, file, "%s is not behind all links", e.File)
		require.Zero(t, file.Mode&fs.ModeSymlink, e.File)
		require.True(t, bytes.Equal(e.Old, file.Data), e.File)
		require.NotEqual(t, string(e.Old), string(e.New), e.File)
		d.fs[rel(e.File)] = &fstest.MapFile{Data: e.New, Mode: file.Mode}
	}
}

// On a machine whose files were edited as the Fixes say there is nothing left to
// edit, and no fault that was not there before.
func TestFixesAreDoneOnce(t *testing.T) {
	for _, name := range machineNames(t) {
		t.Run(name, func(t *testing.T) {
			d := readMachine(t, name)
			before := d.problems(t)
			for pass := 0; ; pass++ {
				problems := d.problems(t)
				for _, r := range problems {
					known := slices.ContainsFunc(before, func(b Result) bool { return b.ID == r.ID })
					require.True(t, known, "a new fault: %+v", r)
				}
				edits := slices.DeleteFunc(Fixable(problems), func(r Result) bool { return len(r.Fix.Edits) == 0 })
				if len(edits) == 0 {
					return
				}
				require.Less(t, pass, 3, "%+v", edits)
				for _, r := range edits {
					d.apply(t, r.Fix)
				}
			}
		})
	}
}

// Safe says of a check that it has a Fix for some machine.
func TestSafeChecksHaveFixes(t *testing.T) {
	fixes := make(map[string]bool)
	for _, name := range machineNames(t) {
		for _, r := range readMachine(t, name).problems(t) {
			fixes[r.ID] = fixes[r.ID] || r.Fix != nil
		}
	}
	for _, c := range Checks() {
		require.Equal(t, c.Safe, fixes[c.ID], "%s: whether there is a machine with a Fix", c.ID)
	}
}

// docs/doctor.md says of each of them what is done.
func TestDocumentHasTheFixes(t *testing.T) {
	text, err := os.ReadFile("../../docs/doctor.md")
	require.NoError(t, err)
	_, section, _ := strings.Cut(string(text), "\n## Fix\n")
	section, _, _ = strings.Cut(section, "\n## ")
	for _, c := range Checks() {
		require.Equal(t, c.Safe, strings.Contains(section, "\n| `"+c.ID+"` | "), c.ID)
	}
}

func TestFixLines(t *testing.T) {
	f := Fix{
		Edits:    []Edit{{File: "/a", What: "take out x"}, {File: "/b", What: "put in y"}},
		Commands: []Command{{Args: []string{"default", "1.2 3"}, Touches: []string{"/c", "/d"}}},
	}
	require.Equal(t, []string{
		"edit /a: take out x", "edit /b: put in y", "run golang-wsl default '1.2 3', which changes /c, /d",
	}, f.Lines())
}

// Two things are done at once only where they do not meet.
func TestFixable(t *testing.T) {
	fix := func(id string, touches ...string) Result {
		return Result{ID: id, Status: Warning, Fix: &Fix{Commands: []Command{{Touches: touches}}}}
	}
	info := fix("info", "/info")
	info.Status = Info
	results := []Result{
		{ID: "none", Status: Error}, info,
		fix("a", "/a", "/data/x"), fix("same", "/a"), fix("beside", "/data/xy"), fix("below", "/data/x/y"), fix("above", "/data"), fix("b", "/b"), fix("info-too", "/info"),
	}
	var ids []string
	for _, r := range Fixable(results) {
		ids = append(ids, r.ID)
	}
	require.Equal(t, []string{"a", "beside", "b", "info-too"}, ids)
}

// A file that was not read whole, and what is no file, is left alone.
func TestEditLeavesAlone(t *testing.T) {
	long := strings.Repeat("golang-wsl 1.25.3\r\n", limit/19+1)
	root := fstest.MapFS{
		"long": {Data: []byte(long)}, "short": {Data: []byte("x")}, "dir/file": {}, "pipe": {Mode: fs.ModeNamedPipe},
		"link": {Data: []byte("short"), Mode: fs.ModeSymlink},
	}
	m := &Machine{Root: root}
	text, ok := m.read("/long")
	require.True(t, ok)
	_, ok = m.edit("/long", text, "y", "")
	require.False(t, ok)
	for _, name := range []string{"/dir", "/pipe", "/gone"} {
		_, ok = m.edit(name, "", "y", "")
		require.False(t, ok, name)
	}
	_, ok = m.edit("/short", "x", "x", "")
	require.False(t, ok, "there is nothing to do")
	e, ok := m.edit("/link", "x", "y", "what")
	require.True(t, ok)
	require.Equal(t, Edit{File: "/short", Old: []byte("x"), New: []byte("y"), What: "what"}, e)
}

func TestMendVersions(t *testing.T) {
	for _, test := range []struct{ text, want, bad string }{
		{"golang-wsl 1.25.3\n", "golang-wsl 1.25.3\n", ""},
		{"", "", ""},
		{"a 1\r\nb 2\r\n", "a 1\nb 2\n", "Windows line ends"},
		{"a 1\r\r\nb 2\r", "a 1\nb 2", "Windows line ends"},
		{"a\r 1\n", "a\r 1\n", ""},
		{"\ufeffa 1\n", "a 1\n", "a byte order mark"},
		{"\ufeff\ufeffa\t1\t2 \t# a\tb\r\n\t# c\td\n\ta\t\t1\t\n", "a 1 2 \t# a\tb\n\t# c\td\n\ta  1\t\n", "a byte order mark, Windows line ends, tabs"},
	} {
		bad, _, got := mendVersions(test.text)
		require.Equal(t, test.want, got, "%q", test.text)
		require.Equal(t, test.bad, strings.Join(bad, ", "))
	}
}

func FuzzMendVersions(f *testing.F) {
	f.Add("\ufeffgolang-wsl\t1.25.3 # x\ty\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		bad, _, good := mendVersions(text)
		require.Equal(t, len(bad) == 0, good == text)
		again, _, same := mendVersions(good)
		require.Empty(t, again)
		require.Equal(t, good, same)
		require.Equal(t, goversion.ParseToolVersions([]byte(strings.TrimLeft(text, "\ufeff"))), goversion.ParseToolVersions([]byte(good)))
	})
}
