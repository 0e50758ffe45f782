package wsl

import (
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// The lines are from public reports of real machines.
func TestDetect(t *testing.T) {
	tests := map[string]struct {
		release, version, cmdline, mountinfo string
		want                                 Kind
	}{
		"WSL1 by name":                     {release: "4.4.0-19041-Microsoft", want: WSL1},
		"WSL1 of 2016":                     {release: "3.4.0-Microsoft", want: WSL1},
		"WSL1 by the builder":              {release: "4.4.0-43", version: "Linux version 4.4.0-43 (Microsoft@Microsoft.com) (gcc version 5.4.0)", want: WSL1},
		"WSL1 by command line":             {cmdline: "BOOT_IMAGE=/kernel init=/init ro", want: WSL1},
		"WSL1 by root":                     {mountinfo: "2 2 0:2 / / rw,noatime - wslfs rootfs rw", want: WSL1},
		"WSL1 by drive":                    {mountinfo: "11 2 0:12 / /mnt/c rw - drvfs C: rw,uid=1000", want: WSL1},
		"WSL2":                             {release: "5.15.167.4-microsoft-standard-WSL2", want: WSL2},
		"WSL2 of 2019":                     {release: "4.19.128-microsoft-standard", want: WSL2},
		"WSL2 with a kernel of one's own":  {release: "6.6.0-mine", cmdline: `initrd=\initrd.img WSL_ROOT_INIT=1 panic=-1 nr_cpus=8 swiotlb=force`, want: WSL2},
		"WSL2 with drvfs as a source":      {release: "5.10.16.3-microsoft-standard-WSL2", mountinfo: `80 66 0:48 / /mnt/c rw - 9p drvfs rw,aname=drvfs;path=C:\`, want: WSL2},
		"Azure sandbox":                    {release: "5.10.102.2-microsoft-standard", want: Native},
		"Azure VM":                         {release: "5.15.0-1050-azure", want: Native},
		"Windows Subsystem for Android":    {release: "5.15.104-android13", cmdline: `initrd=\initrd.img panic=-1 androidboot.hardware=x`, want: Native},
		"EFI stub with a Windows-like arg": {release: "5.19.0", cmdline: `initrd=\initrd.img-5.19.0+ root=/dev/sda1 panic=-1`, want: Native},
		"Debian":                           {release: "6.1.0-18-amd64", cmdline: "BOOT_IMAGE=/boot/vmlinuz-6.1.0 root=UUID=x ro quiet", want: Native},
		"nothing at all":                   {want: Native},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			root := fstest.MapFS{}
			for path, text := range map[string]string{
				"proc/sys/kernel/osrelease": test.release, "proc/version": test.version,
				"proc/cmdline": test.cmdline, "proc/self/mountinfo": test.mountinfo,
			} {
				if text != "" {
					root[path] = &fstest.MapFile{Data: []byte(text + "\n")}
				}
			}
			require.Equal(t, test.want, Detect(root))
		})
	}
}
