package main

import (
	"os"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/doctor"
)

// Real: what the go command does with a go.mod that asks for another Go. It has no
// proxy to get one from.
func TestDoctorGOTOOLCHAIN(t *testing.T) {
	for _, test := range []struct {
		setting, mod, work string
		status             doctor.Status
		says               string // of go; "" is success
	}{
		{"local", "go 1.20", "", doctor.OK, ""},
		{"local", "go 1.99", "", doctor.Error, `requires go >= 1\.99`},
		{"auto", "go 1.99", "", doctor.Info, `download go1\.99\.0`},
		{"local+auto", "go 1.99.2", "", doctor.Info, `download go1\.99\.2`},
		{"path", "go 1.99", "", doctor.Error, `cannot find "go1\.99\.0" in PATH`},
		{"local", "go 1.20\n\ntoolchain go1.99.1", "", doctor.OK, ""},
		{"auto", "go 1.20\n\ntoolchain go1.99.1", "", doctor.Info, `download go1\.99\.1`},
		{"path", "go 1.20\n\ntoolchain go1.99.1", "", doctor.Error, `cannot find "go1\.99\.1" in PATH`},
		{"local", "go 1.20", "go 1.99", doctor.Error, `requires go >= 1\.99`},
		{"auto", "go 1.20", "go 1.20\n\ntoolchain go1.99.1", doctor.Info, `download go1\.99\.1`},
	} {
		t.Run(test.setting+" "+test.mod+" "+test.work, func(t *testing.T) {
			newHome(t)
			t.Chdir(t.TempDir())
			t.Setenv("GOWORK", "")
			t.Setenv("GOPROXY", "off")
			t.Setenv("GOTOOLCHAIN", test.setting)
			require.NoError(t, os.WriteFile("go.mod", []byte("module m\n\n"+test.mod+"\n"), 0o600))
			if test.work != "" {
				require.NoError(t, os.WriteFile("go.work", []byte(test.work+"\n\nuse .\n"), 0o600))
			}
			r := diagnosed(t, "gotoolchain")
			require.Equal(t, test.status, r.Status, "%+v: %+v", test, r)
			out, err := exec.Command("go", "list", "-m").CombinedOutput()
			if test.says == "" {
				require.NoError(t, err, "%+v: %s", test, out)
				return
			}
			require.Error(t, err, "%+v", test)
			require.Regexp(t, test.says, string(out), "%+v", test)
		})
	}
}
