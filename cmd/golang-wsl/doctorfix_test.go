package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/test/fakerelease"
)

// A patient is a home with things in it for the doctor, in processes of its own.
type patient struct {
	home, project string
	env           []string
}

// newPatient has Go 1.98.7 and, as its default, 1.99.1 in one data directory for all
// kinds, and an asdf that makes shims.
func newPatient(t *testing.T) *patient {
	t.Helper()
	server := fakerelease.Start(t, fakerelease.New("1.98.7"), fakerelease.New("1.99.1"))
	home := t.TempDir()
	data := filepath.Join(home, ".asdf")
	p := &patient{home: home, project: filepath.Join(home, "project")}
	// What the race detector's trial fills is the build cache, and is no cure.
	p.write(t, ".config/go/telemetry/mode", "off\n")
	p.env = append(server.Env(), "GOCACHE="+buildCache(t), "GOLANG_WSL_SOURCE=official", "HOME="+home, "ASDF_DATA_DIR="+data, "GOENV=", "GOROOT=",
		"PATH="+filepath.Join(home, "tools")+":"+os.Getenv("PATH"))
	for _, kind := range []string{"NATIVE", "WSL1", "WSL2"} {
		p.env = append(p.env, "GOLANG_WSL_"+kind+"_DATA_DIR="+data)
	}
	p.write(t, ".asdf/plugins/golang-wsl/lib/commands/command", "")
	p.write(t, ".asdf/plugins/golang-wsl/lib/helper.bash", "golang_wsl_run() { :; }\n")
	p.commit(t, ".asdf/plugins/golang-wsl") // setup clones it for mise, where that is on PATH
	p.write(t, "project/go.mod", "module x\n")
	p.write(t, "tools/asdf", "#!/bin/sh\n[ $1 = reshim ] || exec echo 0.20.0\nmkdir -p $ASDF_DATA_DIR/shims && echo $* >>$ASDF_DATA_DIR/shims/go\n")
	require.NoError(t, os.Chmod(filepath.Join(home, "tools", "asdf"), 0o755))
	for _, version := range []string{"1.98.7", "1.99.1"} {
		_, said, code := p.run(t, "default", version)
		require.Zero(t, code, said)
	}
	return p
}

func (p *patient) write(t *testing.T, name, text string) {
	t.Helper()
	file := filepath.Join(p.home, name)
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o755))
	require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
}

// commit makes a git work tree of a directory.
func (p *patient) commit(t *testing.T, dir string) {
	t.Helper()
	for _, args := range [][]string{{"init", "-q"}, {"add", "."}, {"-c", "user.name=a", "-c", "user.email=a@b.example", "commit", "-qm", "a"}} {
		cmd := exec.Command("git", args...)
		cmd.Dir = filepath.Join(p.home, dir)
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "%s", out)
	}
}

func (p *patient) read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(p.home, name))
	require.NoError(t, err)
	return string(text)
}

func (p *patient) run(t *testing.T, args ...string) (stdout, stderr string, code int) {
	t.Helper()
	cmd := exec.Command("golang-wsl", args...)
	var out, said bytes.Buffer
	cmd.Dir, cmd.Stdout, cmd.Stderr = p.project, &out, &said
	cmd.Env = append(os.Environ(), p.env...)
	err := cmd.Run()
	if exit := (*exec.ExitError)(nil); !errors.As(err, &exit) {
		require.NoError(t, err)
	}
	return out.String(), said.String(), cmd.ProcessState.ExitCode()
}

// files are all below the home: kind, mode, time and content. The time of directories
// is not theirs alone: scratch files come and go in them.
func (p *patient) files(t *testing.T) map[string]string {
	t.Helper()
	all := make(map[string]string)
	require.NoError(t, filepath.WalkDir(p.home, func(name string, e fs.DirEntry, err error) error {
		require.NoError(t, err)
		info, err := e.Info()
		require.NoError(t, err)
		content := ""
		switch {
		case e.IsDir():
			all[name] = info.Mode().String()
			return nil
		case e.Type().IsRegular():
			data, err := os.ReadFile(name)
			require.NoError(t, err)
			content = string(data)
		case e.Type() == fs.ModeSymlink:
			content, err = os.Readlink(name)
			require.NoError(t, err)
		}
		all[name] = fmt.Sprintln(info.Mode(), info.ModTime(), content)
		return nil
	}))
	return all
}

// announcedFiles are the files and directories that "fix:" lines name.
func announcedFiles(t *testing.T, page string) (names []string) {
	t.Helper()
	for line := range strings.Lines(page) {
		line, ok := strings.CutPrefix(strings.TrimSpace(line), "fix: ")
		if !ok || strings.HasPrefix(line, " ") {
			continue
		}
		if m := regexp.MustCompile(`^[a-z-]+: edit (\S+): `).FindStringSubmatch(line); m != nil {
			names = append(names, m[1])
			continue
		}
		_, list, ok := strings.Cut(line, ", which changes ")
		require.True(t, ok, line)
		names = append(names, strings.Split(list, ", ")...)
	}
	return names
}

// changed requires that all that differs was announced. A directory is made where a
// file in it is.
func changed(t *testing.T, before, after map[string]string, names []string) {
	t.Helper()
	var differ []string
	for name := range after {
		if before[name] != after[name] {
			differ = append(differ, name)
		}
	}
	for name := range before {
		if _, ok := after[name]; !ok {
			differ = append(differ, name)
		}
	}
	require.NotEmpty(t, differ)
	for _, name := range differ {
		require.True(t, slices.ContainsFunc(names, func(known string) bool {
			return name == known || strings.HasPrefix(name, known+"/") || strings.HasPrefix(known, name+"/")
		}), "%s has changed, but only these were announced: %v", name, names)
	}
}

const (
	patientChecks = "config,tool-versions,default-line,default-alias,goroot"
	crlfBOM       = "\ufeffgolang-wsl\t1.98.7 # mine\tof old\r\n"
)

// What was announced changes, nothing else does, and the second time nothing at all.
func TestDoctorFix(t *testing.T) {
	for _, test := range []struct {
		name  string
		spoil func(t *testing.T, p *patient)
		says  []string // the announcements, with the home as ~
		after map[string]string
	}{
		{
			"a default that is gone, and files of Windows",
			func(t *testing.T, p *patient) {
				require.NoError(t, os.RemoveAll(filepath.Join(p.home, ".asdf/installs/golang-wsl/1.99.1")))
				p.write(t, ".tool-versions", "nodejs\t20\r\ngolang-wsl default\r\n")
				p.write(t, "dotfiles/versions", crlfBOM)
				require.NoError(t, os.Chmod(filepath.Join(p.home, "dotfiles/versions"), 0o640))
				require.NoError(t, os.Symlink("../dotfiles/versions", filepath.Join(p.project, ".tool-versions")))
				p.write(t, ".config/go/env", "GOFLAGS=-mod=mod\nGOROOT=/nowhere\n")
				p.write(t, "dotfiles/bashrc", "a\n")
				require.NoError(t, os.Symlink("dotfiles/bashrc", filepath.Join(p.home, ".bashrc")))
			},
			[]string{
				"fix: default-alias: run golang-wsl default 1.98.7, which changes ~/.tool-versions, ~/.asdf/installs/golang-wsl/default, ~/.asdf/golang-wsl, ~/.asdf/shims",
				"fix: goroot: edit ~/.config/go/env: take out GOROOT",
				"fix: tool-versions: edit ~/dotfiles/versions: take out a byte order mark and Windows line ends and tabs",
				"fix: tool-versions: edit ~/.tool-versions: take out Windows line ends and tabs",
			},
			map[string]string{
				".tool-versions": "nodejs 20\ngolang-wsl default\n", "dotfiles/versions": "golang-wsl 1.98.7 # mine\tof old\n",
				".config/go/env": "GOFLAGS=-mod=mod\n",
			},
		},
		{
			"a default line that was overwritten on Windows",
			func(t *testing.T, p *patient) {
				p.write(t, "dotfiles/versions", "nodejs 20\r\ngolang-wsl 1.98.7\r\n")
				require.NoError(t, os.Remove(filepath.Join(p.home, ".tool-versions")))
				require.NoError(t, os.Symlink("dotfiles/versions", filepath.Join(p.home, ".tool-versions")))
			},
			[]string{
				"fix: default-line: run golang-wsl default 1.98.7, which changes ~/dotfiles/versions, ~/.asdf/installs/golang-wsl/default, ~/.asdf/golang-wsl, ~/.asdf/shims",
				"fix: tool-versions: edit ~/dotfiles/versions: take out Windows line ends",
			},
			map[string]string{".tool-versions": "nodejs 20\ngolang-wsl default\n"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			p := newPatient(t)
			test.spoil(t, p)
			before := p.files(t)

			// To look changes nothing, and says what would be fixed.
			page, _, code := p.run(t, "doctor", "--only", patientChecks)
			require.NotZero(t, code)
			require.Contains(t, page, "  fix:  golang-wsl doctor --fix --only tool-versions\n")
			require.Equal(t, before, p.files(t))

			page, said, code := p.run(t, "doctor", "--fix", "--only", patientChecks)
			require.Zero(t, code, "%s%s", page, said)
			require.NotContains(t, said, "error")
			var says []string
			for line := range strings.Lines(page) {
				if strings.HasPrefix(line, "fix: ") {
					says = append(says, strings.ReplaceAll(strings.TrimSpace(line), p.home, "~"))
				}
			}
			require.Equal(t, test.says, says)
			require.Regexp(t, `\n\nfine: config .*\n5 checks are fine\.\n$`, page)
			after := p.files(t)
			changed(t, before, after, announcedFiles(t, page))
			for name, text := range test.after {
				require.Equal(t, text, p.read(t, name), name)
			}
			out, _, _ := p.run(t, "default")
			require.Equal(t, "1.98.7\n", out)

			// All other checks, then all of them a second time, and in JSON.
			before = p.files(t)
			page, said, _ = p.run(t, "doctor", "--offline", "--fix")
			require.Contains(t, page, "fix: hook: run golang-wsl setup, which changes ")
			require.NotContains(t, said, "not fixed")
			after = p.files(t)
			changed(t, before, after, announcedFiles(t, page))
			page, _, _ = p.run(t, "doctor", "--offline", "--fix")
			require.Empty(t, announcedFiles(t, page), page)
			require.Equal(t, after, p.files(t))
			page, _, _ = p.run(t, "doctor", "--fix", "--only", patientChecks)
			plain, _, _ := p.run(t, "doctor", "--only", patientChecks)
			require.Equal(t, plain, page)
			page, said, code = p.run(t, "doctor", "--fix", "--json", "--only", patientChecks)
			require.Zero(t, code)
			require.Empty(t, said)
			require.Contains(t, page, `"fixed": []`)
			require.Equal(t, after, p.files(t))
		})
	}
}

// What is fixed of what was chosen is all that is fixed. Scripts are told on stderr
// beforehand, and in the report.
func TestDoctorFixOnlyJSON(t *testing.T) {
	p := newPatient(t)
	p.write(t, ".tool-versions", "golang-wsl 1.98.7\r\n")
	p.write(t, ".config/go/env", "GOROOT=/nowhere\n")
	out, said, code := p.run(t, "doctor", "--fix", "--json", "--only", "goroot")
	require.Zero(t, code)
	line := fmt.Sprintf("edit %s: take out GOROOT", filepath.Join(p.home, ".config/go/env"))
	require.Equal(t, "fix: goroot: "+line+"\n", said)
	var report doctorReport
	require.NoError(t, json.Unmarshal([]byte(out), &report))
	require.Equal(t, []fixedCheck{{ID: "goroot", Done: []string{line}}}, report.Fixed)
	require.Len(t, report.Results, 1)
	require.Equal(t, "golang-wsl 1.98.7\r\n", p.read(t, ".tool-versions"))
	out, _, _ = p.run(t, "doctor", "--json", "--only", "goroot")
	require.NotContains(t, out, `"fixed"`)
}

// What is fixed is what was looked at: the data directory of this shell, whichever
// plugin asdf has run.
func TestDoctorFixFromAnotherPlugin(t *testing.T) {
	p := newPatient(t)
	p.write(t, ".tool-versions", "golang-wsl 1.98.7\n")
	p.env = append(p.env, "GOLANG_WSL_PLUGIN_DIR="+filepath.Join(p.home, "other/plugins/mine"))
	_, said, code := p.run(t, "doctor", "--fix", "--only", patientChecks)
	require.Zero(t, code, said)
	require.NoDirExists(t, filepath.Join(p.home, "other"))
	require.Equal(t, "golang-wsl default\n", p.read(t, ".tool-versions"))
}

// With the GOROOT that "go env -w" has kept the go command finds nothing of its own,
// and with --fix it does again.
func TestDoctorFixGOROOT(t *testing.T) {
	p := newPatient(t)
	list := func() error {
		cmd := exec.Command("go", "list", "fmt")
		cmd.Dir, cmd.Env = p.project, append(os.Environ(), p.env...)
		return cmd.Run()
	}
	for _, setting := range []string{"GOPRIVATE=corp.example", "GOROOT=/nowhere"} {
		cmd := exec.Command("go", "env", "-w", setting)
		cmd.Env = append(os.Environ(), p.env...)
		require.NoError(t, cmd.Run())
	}
	require.Error(t, list())
	_, said, code := p.run(t, "doctor", "--fix", "--only", "goroot")
	require.Zero(t, code, said)
	require.NoError(t, list())
	require.Equal(t, "GOPRIVATE=corp.example\n", p.read(t, ".config/go/env"))
}

// A command that fails says why itself, is not tried again, and keeps nobody.
func TestDoctorFixCommandFails(t *testing.T) {
	p := newPatient(t)
	p.write(t, ".tool-versions", "golang-wsl 1.98.7\n")
	p.write(t, ".config/go/env", "GOROOT=/nowhere\n")
	marker := filepath.Join(p.home, ".asdf/installs/golang-wsl/default/.golang-wsl.json")
	require.NoError(t, os.WriteFile(marker, []byte("{"), 0o644))
	page, said, code := p.run(t, "doctor", "--fix", "--only", "default-line,goroot")
	require.Equal(t, 1, code)
	require.Contains(t, said, "golang-wsl: default-line is not fixed: golang-wsl default 1.98.7 ended with exit code ")
	require.Equal(t, 1, strings.Count(said, "golang-wsl: error: "), said)
	require.Contains(t, page, "\nwarning: default-line: ")
	require.Contains(t, page, "fine: goroot\n")
}
