package test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// kernels is what real kernels say of themselves in /proc, from public reports
// (microsoft/WSL#7702, nix-community/NixOS-WSL#966). What is real here stands for
// plain Linux.
var kernels = map[string]map[string]string{
	"wsl1": {
		"/proc/version":              "Linux version 4.4.0-19041-Microsoft (Microsoft@Microsoft.com) (gcc version 5.4.0 (GCC) ) #3393-Microsoft Mon Aug 14 14:52:00 PST 2023\n",
		"/proc/sys/kernel/osrelease": "4.4.0-19041-Microsoft\n",
		"/proc/cmdline":              "BOOT_IMAGE=/kernel init=/init\n",
	},
	"wsl2": {
		"/proc/version":              "Linux version 6.6.87.2-microsoft-standard-WSL2 (root@439a258ad544) (gcc (GCC) 11.2.0, GNU ld (GNU Binutils) 2.37) #1 SMP PREEMPT_DYNAMIC Thu Jun  5 18:30:46 UTC 2025\n",
		"/proc/sys/kernel/osrelease": "6.6.87.2-microsoft-standard-WSL2\n",
		"/proc/cmdline":              "initrd=\\initrd.img WSL_ROOT_INIT=1 panic=-1 nr_cpus=20 hv_utils.timesync_implicit=1 earlycon=uart8250,io,0x3f8,115200 console=hvc0 debug pty.legacy_count=0 WSL_ENABLE_CRASH_DUMP=1\n",
	},
	"native": {},
}

// mountNamespace is for unshare: a shell in which mounts are nobody else's.
// Without a word unshare(1) would make all mounts private, which in a chroot, whose
// root is no mount, it cannot; what is mounted here is below /proc only.
var mountNamespace = slices.Clip([]string{"-m", "--propagation", "unchanged", "sh", "-c"})

const ownProc = "mount --make-rprivate /proc"

// needKernels skips where a mount namespace is not to be had, unless
// REQUIRE_UNSHARE is set.
func needKernels(t *testing.T) {
	t.Helper()
	path := need(t, "unshare")
	if out, err := exec.Command(path, append(mountNamespace, ownProc)...).CombinedOutput(); err != nil {
		if os.Getenv("REQUIRE_UNSHARE") != "" {
			t.Fatalf("unshare -m is required here: %v: %s", err, out)
		}
		t.Skipf("unshare -m is not allowed here: %s", out)
	}
}

// onKernel makes a command run where /proc is that of another kernel. The files
// are mounted over those of /proc in a mount namespace of the command's own.
func onKernel(t *testing.T, kind string, cmd *exec.Cmd) {
	t.Helper()
	files, ok := kernels[kind]
	require.True(t, ok, kind)
	onProc(t, files, cmd)
}

func onProc(t *testing.T, files map[string]string, cmd *exec.Cmd) {
	t.Helper()
	dir := t.TempDir()
	script := ownProc
	for path, text := range files {
		file := filepath.Join(dir, filepath.Base(path))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o644))
		script += " && mount --bind '" + file + "' " + path
	}
	args := append([]string{"unshare"}, append(mountNamespace, script+` && exec "$@"`, "sh", cmd.Path)...)
	cmd.Args = append(args, cmd.Args[1:]...)
	cmd.Path = need(t, "unshare")
}
