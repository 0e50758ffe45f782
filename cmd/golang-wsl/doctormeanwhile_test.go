package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/doctor"
)

// Inside of this process, files change while the doctor is at work.
type watched struct {
	io.Writer
	announced func()
}

func (w *watched) Write(p []byte) (int, error) {
	if bytes.HasPrefix(p, []byte("fix: ")) {
		w.announced()
	}
	return w.Writer.Write(p)
}

// fixHere runs "doctor --fix --only tool-versions" in a project with two faulty
// files, the project's and that of the home.
func fixHere(t *testing.T, announced func(project, home string, interrupt func())) (page, said string, code int, project, home string) {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	openUp(t, root)
	home, project = filepath.Join(root, "home", ".tool-versions"), filepath.Join(root, "project", ".tool-versions")
	for _, file := range []string{home, project} {
		require.NoError(t, os.Mkdir(filepath.Dir(file), 0o755))
		require.NoError(t, os.WriteFile(file, []byte("golang-wsl 1.98.7\r\n"), 0o644))
	}
	t.Chdir(filepath.Dir(project))
	env := map[string]string{"HOME": filepath.Dir(home)}
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	var out, err2 bytes.Buffer
	w := &watched{&out, func() { announced(project, home, interrupt) }}
	code = run(ctx, []string{"doctor", "--fix", "--only", "tool-versions"}, func(name string) string { return env[name] }, streams{out: w, err: &err2})
	return out.String(), err2.String(), code, project, home
}

// openUp lets others look into a temporary directory.
func openUp(t *testing.T, dir string) {
	t.Helper()
	for ; dir != os.TempDir() && dir != "/"; dir = filepath.Dir(dir) {
		require.NoError(t, os.Chmod(dir, 0o755))
	}
}

func content(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	require.NoError(t, err)
	return string(data)
}

// An edit is of the very file that was seen, or of one that was not there.
func TestApplyEdit(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	file, link, gone := filepath.Join(dir, "file"), filepath.Join(dir, "link"), filepath.Join(dir, "new", "gone")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	require.NoError(t, os.Symlink("file", link))
	for _, e := range []doctor.Edit{
		{File: file, Old: nil, New: []byte("x")},
		{File: file, Old: []byte("y"), New: []byte("x")},
		{File: link, Old: []byte{}, New: []byte("x")},
		{File: gone, Old: []byte{}, New: []byte("x")},
		{File: dir, Old: []byte{}, New: []byte("x")},
	} {
		require.Error(t, applyEdit(e), "%+v", e)
	}
	require.Empty(t, content(t, file))
	require.NoDirExists(t, filepath.Dir(gone))

	require.NoError(t, applyEdit(doctor.Edit{File: file, Old: []byte{}, New: []byte("x")}))
	require.NoError(t, applyEdit(doctor.Edit{File: gone, New: []byte("y")}))
	require.Equal(t, "xy", content(t, link)+content(t, gone))
	info, err := os.Lstat(file)
	require.NoError(t, err)
	require.Equal(t, fs.FileMode(0o600), info.Mode())
}

// With --offline there is nobody to ask.
func TestDoctorOffline(t *testing.T) {
	asked := doctor.Check{Look: func(_ context.Context, m *doctor.Machine) doctor.Finding {
		return doctor.Finding{Text: fmt.Sprint(m.Net == nil)}
	}}
	v := &visit{app: newApp(func(string) string { return "" }, streams{}), offline: true, checks: []doctor.Check{asked}}
	_, results, err := v.look(t.Context())
	require.NoError(t, err)
	require.Equal(t, "true", results[0].Finding)
}

// What somebody else has written meanwhile stays, also the second time.
func TestDoctorFixLeavesWhatHasChanged(t *testing.T) {
	page, said, code, project, home := fixHere(t, func(project, _ string, _ func()) {
		require.NoError(t, os.WriteFile(project, []byte("golang-wsl 1.99.1\r\n"), 0o644))
	})
	require.Equal(t, 1, code)
	require.Equal(t, fmt.Sprintf("golang-wsl: tool-versions is not fixed: edit %s: it has changed meanwhile, and is left as it is\n", project), said)
	require.Contains(t, page, "warning: tool-versions: "+project+" has Windows line ends\n")
	require.Equal(t, "golang-wsl 1.99.1\r\n", content(t, project))
	require.Equal(t, "golang-wsl 1.98.7\n", content(t, home))
}

func TestDoctorFixLeavesWhatIsGone(t *testing.T) {
	_, said, _, project, _ := fixHere(t, func(project, _ string, _ func()) { require.NoError(t, os.Remove(project)) })
	require.Contains(t, said, "has changed meanwhile")
	require.NoFileExists(t, project)
}

func TestDoctorFixInterrupted(t *testing.T) {
	page, said, code, project, home := fixHere(t, func(_, _ string, interrupt func()) { interrupt() })
	require.Equal(t, 1, code)
	require.Equal(t, "golang-wsl: error: interrupted\n", said)
	require.NotContains(t, page, "fine")
	for _, file := range []string{project, home} {
		require.Equal(t, "golang-wsl 1.98.7\r\n", content(t, file))
		left, err := os.ReadDir(filepath.Dir(file))
		require.NoError(t, err)
		require.Len(t, left, 1)
	}
}

// A file that belongs to others: that is said, and the exit code tells.
func TestDoctorFixNotAllowed(t *testing.T) {
	asNobody(t, func() {
		page, said, code, project, home := fixHere(t, func(project, home string, _ func()) {
			for _, file := range []string{project, home} {
				require.NoError(t, os.Chmod(file, 0o444))
			}
		})
		require.Equal(t, 1, code)
		require.Regexp(t, `^golang-wsl: tool-versions is not fixed: edit .*/project/\.tool-versions: .*permission denied; edit .*permission denied\n$`, said)
		require.Equal(t, 1, strings.Count(page, "fix: tool-versions: edit "+project), page)
		require.Equal(t, "golang-wsl 1.98.7\r\n", content(t, project))
		require.Equal(t, "golang-wsl 1.98.7\r\n", content(t, home))
	})
}
