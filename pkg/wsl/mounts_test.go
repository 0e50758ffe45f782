package wsl

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestParseMounts(t *testing.T) {
	tests := map[string]Mount{
		// Blanks that nobody escaped, microsoft/WSL#10056.
		`1391 1160 0:151 / /Docker/host rw,noatime - 9p C:\134Program\040Files\134Docker rw,aname=drvfs;path=C:\Program Files\Docker - x;symlinkroot=/mnt/,trans=fd`: {
			"/Docker/host", "9p", `C:\Program Files\Docker`, "/", `rw,noatime,rw,aname=drvfs;path=C:\Program Files\Docker - x;symlinkroot=/mnt/,trans=fd`, true,
		},
		`C:\134Program\040Files /Docker/host 9p rw,aname=drvfs;path=C:\Program Files\Docker;symlinkroot=/mnt/ 0 0`: {
			"/Docker/host", "9p", `C:\Program Files`, "", `rw,aname=drvfs;path=C:\Program Files\Docker;symlinkroot=/mnt/`, true,
		},
		`824 256 0:4 mnt:[4026532233] /run/snapd/ns/docker.mnt rw - nsfs nsfs rw`: {"/run/snapd/ns/docker.mnt", "nsfs", "nsfs", "mnt:[4026532233]", "rw,rw", false},
		`36 35 98:0 /a\040b /c\011d rw master:1 shared:2 - ext3 /dev/root rw`:     {"/c\td", "ext3", "/dev/root", "/a b", "rw,rw", false},
		`36 35 98:0 / /x rw - tmpfs  rw,size=1k`:                                  {"/x", "tmpfs", "", "/", "rw,rw,size=1k", false}, // no source
		` /x tmpfs rw 0 0`:                                                        {"/x", "tmpfs", "", "", "rw", false},
		`tmpfs /a\040-\040b tmpfs rw,x=a 0 0`:                                     {"/a - b", "tmpfs", "tmpfs", "", "rw,x=a", false},
		`C: /mnt/c drvfs rw,uid=1000 0 0`:                                         {"/mnt/c", "drvfs", "C:", "", "rw,uid=1000", true},
		`C:\ on /my files type drvfs (rw)`:                                        {"/my files", "drvfs", `C:\`, "", "rw", true},
		`none drvfs 4988 16 3313 34% /mnt/c`:                                      {"/mnt/c", "drvfs", "none", "", "", true},
		`D:\100a\777 /d drvfs rw 0 0`:                                             {"/d", "drvfs", `D:@a\777`, "", "rw", true}, // 777 is no byte
		`drvfsaC3 /c virtiofs rw 0 0`:                                             {"/c", "virtiofs", "drvfsaC3", "", "rw", true},
		`home /c virtiofs rw,drvfs 0 0`:                                           {"/c", "virtiofs", "home", "", "rw,drvfs", false},
		`drivers /d 9p ro,aname=drivers;x=1 0 0`:                                  {"/d", "9p", "drivers", "", "ro,aname=drivers;x=1", false},
		`drvfs /d 9p ro,aname=/drvfs 0 0`:                                         {"/d", "9p", "drvfs", "", "ro,aname=/drvfs", false},
	}
	for line, want := range tests {
		require.Equal(t, Mounts{want}, ParseMounts(line), line)
		require.Equal(t, Mounts{want, want}, ParseMounts(line+"\n"+line+"\r\n"), line)
	}
	for _, line := range []string{"", "\n\n", "x", "a b", "a b c", "36 35 98:0 / /x rw", "36 35 98:0 / /x - ext4 a b", "a on b", "a on b type c", "1 2 3 4"} {
		require.Empty(t, ParseMounts(line), line)
	}
}

func TestMountsAt(t *testing.T) {
	ms := ParseMounts(strings.Join([]string{
		"/dev/sda / ext4 rw 0 0",
		`C:\134 /mnt/c 9p rw,aname=drvfs 0 0`,
		"a /srv tmpfs rw 0 0",
		"b /srv tmpfs rw 0 0",
		"c /mnt tmpfs rw 0 0",
	}, "\n"))
	tests := map[string]string{
		"/": "/dev/sda", "/home/me": "/dev/sda", "/mnt/c": `C:\`, "/mnt/c/": `C:\`, "/mnt/c/Users/../x": `C:\`, "/mnt/cd": "c", "/mnt": "c",
		"/srv/x": "b", "/srvx": "/dev/sda",
	}
	for name, source := range tests {
		m, ok := ms.At(name)
		require.True(t, ok, name)
		require.Equal(t, source, m.Source, name)
	}
	_, ok := ms[1:].At("/home")
	require.False(t, ok)
	_, ok = Mounts(nil).At("/")
	require.False(t, ok)
	_, ok = ms.At("relative")
	require.False(t, ok)
}

func FuzzParseMounts(f *testing.F) {
	for _, s := range samples(f) {
		f.Add(s.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		ms := ParseMounts(text)
		require.LessOrEqual(t, len(ms), strings.Count(text, "\n")+1)
		for _, m := range ms {
			require.NotEmpty(t, m.Type)
			require.NotContains(t, m.Type, "\n")
		}
	})
}
