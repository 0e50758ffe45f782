package test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/doctor"
)

// A wsl.exe of one's own: what Windows calls this distribution is to be had from
// there alone under sudo, in UTF-16LE unless WSL_UTF8 comes through WSLENV, which
// versions of the inbox do not know (microsoft/WSL#4607).
const (
	storeExe = `#!/bin/sh
case :$WSLENV: in *:WSL_UTF8:*) [ "$WSL_UTF8" != 1 ] || exec cat "$0.utf8" ;; esac
exec cat "$0.utf16"
`
	inboxExe   = "#!/bin/sh\nexec cat \"$0.utf16\"\n"
	brokenExe  = "#!/bin/sh\necho 'Interop is off' >&2\nexit 1\n"
	hangingExe = "#!/bin/sh\nexec sleep 60\n"
)

const listed = "  NAME               STATE           VERSION\r\n" +
	"* Ubuntu             Stopped         2\r\n" +
	"  Meine Kiste        Running         1\r\n"

// kindOf is what the doctor says of the kind of Linux, on a kernel of WSL1 without
// the variables of WSL, and how long that took.
func kindOf(t *testing.T, exe string) (result doctor.Result, took time.Duration) {
	t.Helper()
	needKernels(t)
	m := ofDirectories(t)
	tools := filepath.Join(m.root, "windows")
	require.NoError(t, os.MkdirAll(tools, 0o755))
	var wide strings.Builder
	for _, r := range listed {
		wide.WriteString(string(r) + "\x00")
	}
	for name, text := range map[string]string{"wsl.exe": exe, "wsl.exe.utf8": listed, "wsl.exe.utf16": wide.String()} {
		require.NoError(t, os.WriteFile(filepath.Join(tools, name), []byte(text), 0o755))
	}
	m.set("PATH=" + tools + ":" + os.Getenv("PATH"))
	m.set("WSL_DISTRO_NAME=")
	m.set("WSLENV=")
	cmd := m.command("doctor", "--only", "wsl-kind", "--json")
	onKernel(t, "wsl1", cmd)
	begin := time.Now()
	got := run(t, cmd)
	took = time.Since(begin)
	var report struct{ Results []doctor.Result }
	require.NoError(t, json.Unmarshal([]byte(got.stdout), &report), got.stdout+got.stderr)
	require.Len(t, report.Results, 1)
	return report.Results[0], took
}

func TestDoctorAsksWindowsForTheName(t *testing.T) {
	for name, exe := range map[string]string{"of the store": storeExe, "of the inbox": inboxExe} {
		t.Run(name, func(t *testing.T) {
			r, _ := kindOf(t, exe)
			require.Equal(t, doctor.Warning, r.Status)
			require.Equal(t, "wsl.exe --set-version 'Meine Kiste' 2", r.Cure)
		})
	}
	t.Run("without interop", func(t *testing.T) {
		r, _ := kindOf(t, brokenExe)
		require.Equal(t, doctor.Warning, r.Status)
		require.Equal(t, "wsl.exe --list --verbose shows its name; wsl.exe --set-version NAME 2", r.Cure)
		require.Contains(t, strings.Join(r.Evidence, "\n"), "Interop is off")
	})
	t.Run("that hangs", func(t *testing.T) {
		r, took := kindOf(t, hangingExe)
		require.Contains(t, []doctor.Status{doctor.Timeout, doctor.Warning}, r.Status)
		require.Less(t, took, 30*time.Second, "the others wait for it")
	})
}
