package main

import (
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/doctor"
)

// diagnosed is what one check says here and now, by the machine that the command
// uses.
func diagnosed(t *testing.T, id string) doctor.Result {
	t.Helper()
	m := newApp(os.Getenv, streams{nil, io.Discard, io.Discard}).doctorMachine()
	checks, err := doctor.Choose(doctor.Checks(), []string{id})
	require.NoError(t, err)
	results, err := doctor.Run(t.Context(), m, checks, time.Minute)
	require.NoError(t, err)
	return results[0]
}

// typed runs a cure as it is typed.
func typed(t *testing.T, command string) {
	t.Helper()
	out, err := exec.Command("sh", "-c", command).CombinedOutput()
	require.NoError(t, err, "%s: %s", command, out)
}

// buildCache is that of whoever runs the tests, so that not all is built anew.
func buildCache(t *testing.T) string {
	t.Helper()
	dir, err := exec.Command("go", "env", "GOCACHE").Output()
	require.NoError(t, err)
	return string(bytes.TrimSpace(dir))
}

// newHome is an empty home, with the build cache of the real one, and without
// telemetry, which go writes after its end.
func newHome(t *testing.T) {
	t.Setenv("GOCACHE", buildCache(t))
	home := t.TempDir()
	t.Setenv("HOME", home)
	telemetry := filepath.Join(home, ".config", "go", "telemetry")
	require.NoError(t, os.MkdirAll(telemetry, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(telemetry, "mode"), []byte("off\n"), 0o600))
	for _, name := range []string{"XDG_CONFIG_HOME", "GOFLAGS", "GOENV", "CC", "CGO_ENABLED", "SUDO_UID", "GIT_CONFIG_GLOBAL"} {
		t.Setenv(name, "")
		require.NoError(t, os.Unsetenv(name)) // an empty one is a file to git
	}
}

// newRepository is a repository with a program, and the current directory.
func newRepository(t *testing.T) (dir string) {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		require.Empty(t, os.Getenv("REQUIRE_GIT"), "git is not on PATH")
		t.Skip("git is not on PATH")
	}
	newHome(t)
	dir = filepath.Join(t.TempDir(), "a project")
	require.NoError(t, os.Mkdir(dir, 0o755))
	t.Chdir(dir)
	require.NoError(t, os.WriteFile("go.mod", []byte("module m\n"), 0o600))
	require.NoError(t, os.WriteFile("main.go", []byte("package main\n\nfunc main() {}\n"), 0o600))
	typed(t, "git init -q && git add . && git -c user.name=a -c user.email=a@b.example commit -qm a")
	return dir
}

// Real: git, go build, another owner, and the cure as it is printed.
func TestDoctorGitOwner(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("only root gives a directory away")
	}
	dir := newRepository(t)
	build := func() string {
		out, _ := exec.Command("go", "build", "-o", os.DevNull, ".").CombinedOutput()
		return string(out)
	}
	require.Equal(t, doctor.OK, diagnosed(t, "git-owner").Status)
	require.Empty(t, build())

	typed(t, "chown -R 12345 .")
	r := diagnosed(t, "git-owner")
	require.Equal(t, doctor.Error, r.Status, "%+v", r)
	require.Equal(t, "git config --global --add safe.directory '"+dir+"'", r.Cure)
	require.Contains(t, build(), "error obtaining VCS status: exit status 128")
	require.Equal(t, doctor.Skipped, diagnosed(t, "git-modes").Status)

	t.Setenv("GOFLAGS", "-buildvcs=false")
	require.Equal(t, doctor.Info, diagnosed(t, "git-owner").Status)
	require.Empty(t, build())
	t.Setenv("GOFLAGS", "")

	typed(t, r.Cure)
	require.Equal(t, doctor.OK, diagnosed(t, "git-owner").Status)
	require.Empty(t, build())

	t.Chdir(t.TempDir())
	require.Equal(t, doctor.Skipped, diagnosed(t, "git-owner").Status)
}

// Real: what git writes is what the check says that it does.
func TestDoctorGitEOL(t *testing.T) {
	newRepository(t)
	windows := func() bool {
		require.NoError(t, os.Remove("main.go"))
		typed(t, "git checkout -q -- main.go")
		text, err := os.ReadFile("main.go")
		require.NoError(t, err)
		return bytes.Contains(text, []byte("\r\n"))
	}
	for _, test := range []struct {
		config, attributes string
		status             doctor.Status
	}{
		{"", "", doctor.OK},
		{"git config --global core.autocrlf true", "", doctor.Warning},
		{"git config core.autocrlf input", "", doctor.OK},
		{"git config core.autocrlf yes", "*.sh eol=lf", doctor.Warning},
		{"", "* text=auto eol=lf", doctor.OK},
		{"", "* -text", doctor.OK},
	} {
		if test.config != "" {
			typed(t, test.config)
		}
		require.NoError(t, os.WriteFile(".gitattributes", []byte(test.attributes+"\n"), 0o600))
		r := diagnosed(t, "git-eol")
		require.Equal(t, test.status, r.Status, "%+v: %+v", test, r)
		require.Equal(t, r.Status == doctor.Warning, windows(), "%+v", test)
		if r.Cure != "" {
			typed(t, r.Cure)
			require.Equal(t, doctor.OK, diagnosed(t, "git-eol").Status)
			typed(t, test.config)
		}
	}
}

// Real: a repository as git for Windows leaves it, and the cures as they are printed.
func TestDoctorGitModes(t *testing.T) {
	newRepository(t)
	require.Equal(t, doctor.OK, diagnosed(t, "git-modes").Status)
	typed(t, "git config core.fileMode false && git config core.ignoreCase true && chmod +x main.go && git diff --quiet")
	for _, name := range []string{"core.fileMode", "core.ignoreCase"} {
		r := diagnosed(t, "git-modes")
		require.Equal(t, doctor.Info, r.Status, "%+v", r)
		require.Contains(t, r.Finding, name)
		typed(t, r.Cure)
	}
	require.Equal(t, doctor.OK, diagnosed(t, "git-modes").Status)
	require.Error(t, exec.Command("git", "diff", "--quiet").Run(), "git sees the chmod")
	left, err := os.ReadDir(".")
	require.NoError(t, err)
	require.Len(t, left, 3, "%v", left)
}
