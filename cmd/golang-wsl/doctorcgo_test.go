package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/doctor"
)

// Real: where the check sees an error a build fails, and where it does not the go
// command has decided on cgo as it says.
func TestDoctorCgo(t *testing.T) {
	goCommand, err := exec.LookPath("go")
	require.NoError(t, err)
	for _, test := range []struct {
		name     string
		programs string // on PATH, beside go
		env      string
		written  string // by go env -w
		status   doctor.Status
		cgo      string
	}{
		{"gcc", "gcc", "", "", doctor.OK, "1"},
		{"none", "", "", "", doctor.Info, "0"},
		{"asked for", "", "CGO_ENABLED=1", "", doctor.Error, "1"},
		{"asked for by a file", "", "", "CGO_ENABLED=1", doctor.Error, "1"},
		{"off", "", "CGO_ENABLED=0", "", doctor.OK, "0"},
		{"another", "clang", "CC=clang", "", doctor.OK, "1"},
		{"another that is gone", "gcc", "CC=clang", "", doctor.Error, "1"},
		{"relative", "gcc", "CC=./gcc", "", doctor.Error, "1"},
		{"another by a file", "gcc clang", "", "CC=clang", doctor.OK, "1"},
		{"overlooked", "clang", "", "CC=clang", doctor.Info, "0"},
		{"gone, by a file", "", "", "CC=clang", doctor.Info, "0"},
		{"gone, by a file, and seen", "gcc", "", "CC=clang", doctor.Error, "1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			newHome(t)
			bin := t.TempDir()
			real, err := filepath.EvalSymlinks(goCommand)
			require.NoError(t, err)
			require.NoError(t, os.Symlink(real, filepath.Join(bin, "go")))
			for name := range strings.FieldsSeq(test.programs) {
				require.NoError(t, os.WriteFile(filepath.Join(bin, name), []byte("#!/bin/sh\n"), 0o700))
			}
			t.Setenv("PATH", bin)
			t.Chdir(t.TempDir())
			if name, value, ok := strings.Cut(test.env, "="); ok {
				t.Setenv(name, value)
			}
			file := filepath.Join(os.Getenv("HOME"), ".config", "go", "env")
			require.NoError(t, os.WriteFile(file, []byte(test.written+"\n"), 0o600))

			r := diagnosed(t, "cgo")
			require.Equal(t, test.status, r.Status, "%+v", r)
			out, err := exec.Command("go", "env", "CGO_ENABLED").Output()
			require.NoError(t, err)
			require.Equal(t, test.cgo, strings.TrimSpace(string(out)))
			if test.status != doctor.Error {
				return
			}
			out, err = exec.Command("go", "build", "-o", os.DevNull, "os/user").CombinedOutput()
			require.Error(t, err)
			require.Regexp(t, `C compiler ".*" not found|CC environment variable is relative`, string(out))
		})
	}
}
