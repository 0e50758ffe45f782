package wsl

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"
)

// tree makes a root from lines "path: text", where path may leave out what all
// of a kind begin with.
func tree(lines ...string) fstest.MapFS {
	short := map[string]string{
		"release": fields["release"], "version": fields["version"], "cmdline": fields["cmdline"], "mountinfo": fields["mount"],
		"interop": "proc/sys/fs/binfmt_misc/WSLInterop", "vendor": "sys/class/dmi/id/sys_vendor", "product": "sys/class/dmi/id/product_name",
		"tag": "sys/class/dmi/id/chassis_asset_tag", "os": "etc/os-release", "container": "run/systemd/container",
	}
	root := fstest.MapFS{}
	for _, line := range lines {
		name, text, _ := strings.Cut(line, ": ")
		if long := short[name]; long != "" {
			name = long
		}
		root[name] = &fstest.MapFile{Data: []byte(text + "\n")}
	}
	return root
}

const (
	bootsWSL2 = `cmdline: initrd=\initrd.img WSL_ROOT_INIT=1 panic=-1 nr_cpus=8`
	bootsWSLC = `cmdline: initrd=\initrd.img WSLC_ROOT_INIT=1 panic=-1 nr_cpus=8`
	foreign   = "cmdline: BOOT_IMAGE=/boot/vmlinuz-6.1.0-18-amd64 root=UUID=x ro quiet"
	isWSL2    = "release: 6.6.87.2-microsoft-standard-WSL2"
	ownDisk   = "mountinfo: 87 66 8:32 / / rw,relatime - ext4 /dev/sdc rw,discard"
	layers    = "mountinfo: 87 66 0:90 / / rw,relatime - overlay overlay rw,lowerdir=/var/lib/docker/overlay2/l/A:B,upperdir=/var/lib/docker/overlay2/x/diff"
)

func TestDetectKind(t *testing.T) {
	tests := map[string]struct {
		root       fstest.MapFS
		rootType   int64
		want       Kind
		confidence Confidence
		step       int
	}{
		"nothing":                     {tree(), 0, Native, Low, 8},
		"statfs":                      {tree(), 0x53464846, WSL1, Certain, 2},
		"statfs of ext4":              {tree(ownDisk), 0xef53, Native, Low, 8},
		"a drive against the name":    {tree("release: 6.1.0", "mountinfo: 11 2 0:12 / /mnt/c rw - drvfs C: rw"), 0, WSL1, Certain, 2},
		"command line of WSL1 rw":     {tree("cmdline: BOOT_IMAGE=/kernel init=/init rw"), 0, WSL1, Certain, 3},
		"and more words":              {tree("cmdline: BOOT_IMAGE=/kernel init=/init rw quiet"), 0, Native, Likely, 8},
		"no blank":                    {tree("cmdline: BOOT_IMAGE=/kernel init=/initrd"), 0, Native, Likely, 8},
		"wslc":                        {tree(bootsWSLC), 0, WSL2, Certain, 4},
		"command line ends":           {tree(`cmdline: initrd=\initrd.img panic=-1`), 0, WSL2, Certain, 4},
		"panic of more digits":        {tree(`cmdline: initrd=\initrd.img panic=-10 quiet`), 0, Native, Likely, 8},
		"EFI stub":                    {tree("release: 5.19.0", `cmdline: initrd=\initrd.img-5.19.0+ root=/dev/sda1 panic=-1`), 0, Native, Certain, 8},
		"EFI stub, words elsewhere":   {tree(`cmdline: root=/dev/sda1 panic=-1 initrd=\initrd.img panic=-1`), 0, Native, Likely, 8},
		"kernel of one's own":         {tree("release: 6.6.0-mine", bootsWSL2), 0, WSL2, Certain, 4},
		"redroid on WSL2":             {tree(isWSL2, `cmdline: initrd=\initrd.img panic=-1 androidboot.redroid_width=720`), 0, WSL2, Likely, 5},
		"name of 2016":                {tree("release: 3.4.0-Microsoft"), 0, WSL1, Likely, 5},
		"a newer build":               {tree("release: 4.4.0-29999-Microsoft"), 0, WSL1, Likely, 5},
		"Ubuntu 16.04":                {tree("release: 4.4.0-210-generic"), 0, Native, Likely, 8},
		"small letters":               {tree("release: 4.4.0-19041-microsoft"), 0, Native, Low, 6},
		"a build that is no number":   {tree("release: 4.4.0-rc1-Microsoft"), 0, Native, Low, 6},
		"another 4.4":                 {tree("release: 4.4.1-19041-Microsoft"), 0, Native, Low, 6},
		"builder":                     {tree("version: Linux version 4.4.0-43 (Microsoft@Microsoft.com) (gcc)"), 0, WSL1, Likely, 5},
		"another builder":             {tree("version: Linux version 5.4.0-43 (Microsoft@builder) (gcc)"), 0, Native, Likely, 8},
		"3.4.0+ and interop":          {tree("release: 3.4.0+", "interop: enabled"), 0, WSL1, Likely, 6},
		"3.4.0+ and a build of NT":    {tree("version: Linux version 3.4.0+ #43-Microsoft Wed Dec 31"), 0, WSL1, Likely, 6},
		"3.4.0+ and a mount of WSL2":  {tree("release: 3.4.0+", "mountinfo: 1 1 0:1 / /mnt/wsl rw - tmpfs none rw"), 0, Native, Low, 6},
		"3.4.0+ and two more":         {tree("release: 3.4.0+", "interop: enabled", "dev/lxbus: "), 0, WSL1, Certain, 6},
		"WSL2 by name":                {tree(isWSL2), 0, WSL2, Likely, 5},
		"WSL2 by name and interop":    {tree(isWSL2, "interop: enabled"), 0, WSL2, Certain, 5},
		"4.19 of 2019":                {tree("release: 4.19.128-microsoft-standard"), 0, WSL2, Likely, 5},
		"4.19 of another":             {tree("release: 4.19.128.1-microsoft-standard"), 0, Native, Low, 6},
		"4.19 and a suffix":           {tree("release: 4.19.128-microsoft-standard-azure9"), 0, Native, Likely, 8},
		"Azure sandbox":               {tree("release: 5.10.102.2-microsoft-standard"), 0, Native, Low, 6},
		"Azure with firmware":         {tree("release: 6.1.124.1-microsoft-standard", "vendor: Microsoft Corporation", "product: Virtual Machine"), 0, Native, Likely, 8},
		"5.7.0-Microsoft":             {tree("release: 5.7.0-Microsoft"), 0, Native, Low, 6},
		"5.7.0-Microsoft, /init":      {tree("release: 5.7.0-Microsoft", "init: x"), 0, Native, Low, 6},
		"5.7.0-Microsoft, run/WSL":    {tree("release: 5.7.0-Microsoft", "run/WSL/8_interop: "), 0, WSL2, Likely, 6},
		"5.7.0-Microsoft, late":       {tree("release: 5.7.0-Microsoft", "proc/sys/fs/binfmt_misc/WSLInterop-late: enabled"), 0, WSL2, Likely, 6},
		"5.7.0-Microsoft, systemd":    {tree("release: 5.7.0-Microsoft", "container: wsl"), 0, WSL2, Likely, 6},
		"5.7.0-Microsoft, docker":     {tree("release: 5.7.0-Microsoft", "container: docker"), 0, Native, Low, 6},
		"5.7.0-Microsoft, WSLg":       {tree("release: 5.7.0-Microsoft", "proc/mounts: none /mnt/host/wslg tmpfs rw 0 0"), 0, WSL2, Likely, 6},
		"5.7.0-Microsoft, lxbus":      {tree("release: 5.7.0-Microsoft", "dev/lxbus: "), 0, Native, Low, 6},
		"5.7.0-Microsoft, tmpfs":      {tree("release: 5.7.0-Microsoft", "mountinfo: 82 86 0:35 / /mnt/wsl rw shared:1 - tmpfs none rw"), 0, WSL2, Likely, 6},
		"5.7.0-Microsoft, rootfs":     {tree("release: 5.7.0-Microsoft", "proc/mounts: rootfs /init rootfs ro,size=19k 0 0"), 0, WSL2, Likely, 6},
		"5.7.0-Microsoft, tools":      {tree("release: 5.7.0-Microsoft", "proc/mounts: tools /init 9p ro,aname=tools;fmask=022 0 0"), 0, WSL2, Likely, 6},
		"5.7.0-Microsoft, other 9p":   {tree("release: 5.7.0-Microsoft", "proc/mounts: share /init 9p ro,aname=share 0 0"), 0, Native, Low, 6},
		"5.7.0-Microsoft, drive":      {tree("release: 5.7.0-Microsoft", "proc/mounts: drvfsC0 /win virtiofs rw 0 0"), 0, WSL2, Likely, 6},
		"any kernel, drive":           {tree("release: 6.6.0-mine", `proc/mounts: C:\134 /win 9p rw,aname=drvfs;path=C:\;uid=0 0 0`), 0, WSL2, Likely, 6},
		"any kernel, tmpfs":           {tree("release: 6.6.0-mine", "proc/mounts: none /mnt/wsl tmpfs rw 0 0"), 0, Native, Low, 8},
		"any kernel, interop":         {tree("release: 6.6.0-mine", "interop: enabled", foreign), 0, Native, Certain, 8},
		"any kernel, interop alone":   {tree("release: 6.6.0-mine", "interop: enabled"), 0, Native, Low, 8},
		"9p of QEMU":                  {tree("release: 6.1.0-18-amd64", foreign, "proc/mounts: drvfs /mnt/c 9p rw,aname=/srv/drvfs,trans=virtio 0 0"), 0, Native, Certain, 8},
		"virtiofs of QEMU":            {tree("release: 6.1.0-18-amd64", "proc/mounts: home /mnt/drvfs virtiofs rw 0 0"), 0, Native, Likely, 8},
		"WSA":                         {tree(`cmdline: initrd=\initrd.img panic=-1 androidboot.hardware=x`), 0, Native, Likely, 8},
		"WSA with a drive":            {tree(`cmdline: initrd=\initrd.img panic=-1 androidboot.hardware=x`, "proc/mounts: drvfsC0 /mnt virtiofs rw 0 0"), 0, Native, Likely, 8},
		"a Surface":                   {tree("release: 5.14.0-microsoft-surface", foreign), 0, Native, Low, 6},
		"names in the wrong place":    {tree("release: 6.1.0", "version: Linux version 6.1.0 (WSL2@microsoft) (gcc) #1 SMP", foreign), 0, Native, Certain, 8},
		"a directory named like that": {tree("proc/sys/kernel/osrelease/x: ", "cmdline: "), 0, Native, Low, 8},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			m := Machine{Root: test.root, RootType: test.rootType}
			r := Detect(m)
			require.Equal(t, test.want, r.Kind, r.Because)
			require.Equal(t, test.confidence, r.Confidence, r.Because)
			require.Equal(t, test.step, r.Step, r.Because)
			require.Equal(t, test.want, KindOf(m))
		})
	}
}

func TestDetectHostAndContainer(t *testing.T) {
	tests := map[string]struct {
		root      fstest.MapFS
		kind      Kind
		host      Host
		container Container
	}{
		"WSL1":                            {tree("release: 4.4.0-26100-Microsoft"), WSL1, Windows, ""},
		"WSL1 from an image":              {tree("release: 4.4.0-26100-Microsoft", ".dockerenv: "), WSL1, Windows, ""},
		"WSL2":                            {tree(isWSL2, bootsWSL2, ownDisk), WSL2, Windows, ""},
		"WSL2 with systemd":               {tree(isWSL2, ownDisk, "container: wsl"), WSL2, Windows, ""},
		"WSL2 with systemd from an image": {tree(isWSL2, ".dockerenv: ", "container: wsl"), WSL2, Windows, ""},
		"WSL2 from an image":              {tree(isWSL2, ownDisk, ".dockerenv: "), WSL2, Windows, ""},
		"docker on WSL2":                  {tree(isWSL2, bootsWSL2, ".dockerenv: ", layers), WSL2, Windows, Docker},
		"docker by its layers":            {tree(isWSL2, layers), WSL2, Windows, Docker},
		"docker, mounts unknown":          {tree(isWSL2, ".dockerenv: "), WSL2, Windows, Docker},
		"docker by vfs":                   {tree(isWSL2, ".dockerenv: ", "mountinfo: 87 66 8:32 /var/lib/docker/vfs/dir/x / rw - ext4 /dev/sdc rw"), WSL2, Windows, Docker},
		"Docker Desktop":                  {tree(isWSL2, "proc/mounts: overlay / overlay rw,lowerdir=/var/lib/desktop-containerd/daemon/x/fs 0 0"), WSL2, DockerDesktop, Docker},
		"its distribution":                {tree(isWSL2, ownDisk, `os: PRETTY_NAME="Docker Desktop"`), WSL2, DockerDesktop, ""},
		"podman on WSL2":                  {tree(isWSL2, "run/.containerenv: engine"), WSL2, Windows, Podman},
		"podman by its layers":            {tree(isWSL2, "proc/mounts: overlay / overlay rw,lowerdir=/home/docker/.local/share/containers/storage/overlay/l/A 0 0"), WSL2, Windows, Podman},
		"containerd":                      {tree(isWSL2, "proc/mounts: overlay / overlay rw,lowerdir=/var/lib/containerd/io.containerd.snapshotter.v1.overlayfs/snapshots/1/fs 0 0"), WSL2, Windows, Containerd},
		"wslc":                            {tree(isWSL2, bootsWSLC, layers), WSL2, WSLC, WSLCContainer},
		"wslc with a mark":                {tree(isWSL2, bootsWSLC, ".dockerenv: "), WSL2, WSLC, WSLCContainer},
		"the VM of wslc":                  {tree(isWSL2, bootsWSLC, "proc/mounts: none / overlay rw,lowerdir=/mnt,upperdir=/mnt-rw/rw/upper,workdir=/mnt-rw/rw/work 0 0"), WSL2, WSLC, ""},
		"lxc":                             {tree("release: 6.1.0", "container: lxc"), Native, "", LXC},
		"lxc by its files":                {tree("release: 6.1.0", "proc/mounts: lxcfs /proc/cpuinfo fuse.lxcfs rw 0 0"), Native, "", LXC},
		"a host of lxc":                   {tree("release: 6.1.0", "proc/mounts: lxcfs /var/lib/lxcfs fuse.lxcfs rw 0 0"), Native, "", ""},
		"nspawn":                          {tree("release: 6.1.0", "container: systemd-nspawn"), Native, "", "systemd-nspawn"},
		"not a name":                      {tree("release: 6.1.0", "container: a b\x1b[2J"), Native, "", ""},
		"a live system":                   {tree("release: 6.1.0", "proc/mounts: overlay / overlay rw,lowerdir=/run/live/rootfs 0 0"), Native, "", ""},
		"Hyper-V":                         {tree("release: 3.10.0-957.el7.x86_64", "vendor: Microsoft Corporation", "product: Virtual Machine"), Native, HyperV, ""},
		"Azure by its tag":                {tree("vendor: Microsoft Corporation", "product: Virtual Machine", "tag: 7783-7084-3265-9085-8269-3286-77"), Native, Azure, ""},
		"Azure by its kernel":             {tree("release: 6.8.0-1021-azure", "vendor: Microsoft Corporation", "product: Virtual Machine"), Native, Azure, ""},
		"Azure Linux":                     {tree("release: 6.6.57.1-6.azl3"), Native, Azure, ""},
		"a Surface":                       {tree("release: 6.1.0", "vendor: Microsoft Corporation", "product: Surface Pro 7"), Native, "", ""},
		"a Chromebook with Debian":        {tree("release: 6.1.0", "vendor: Google", "product: Eve"), Native, "", ""},
		"Google's cloud":                  {tree("release: 6.1.0", "vendor: Google", "product: Google Compute Engine"), Native, "gce", ""},
		"KVM":                             {tree("release: 6.1.0", "vendor: QEMU", "product: Standard PC"), Native, "qemu", ""},
		"ChromeOS":                        {tree("release: 4.14.193-16287-g11e511f19c3e", "cmdline: cros_secure console= root=/dev/dm-0"), Native, ChromeOS, ""},
		"Crostini":                        {tree("release: 6.1.0", "dev/.cros_milestone: 120", "container: lxc"), Native, ChromeOS, LXC},
		"WSA by name":                     {tree("release: 5.15.104-windows-subsystem-for-android-20230927+"), Native, WSA, ""},
		"WSA by command line":             {tree("release: 5.15.0", `cmdline: initrd=\initrd.img panic=-1 androidboot.x=y`), Native, WSA, ""},
		"gVisor":                          {tree("version: Linux version 4.4.0 #1 SMP Sun Jan 10 15:06:54 PST 2016"), Native, GVisor, ""},
		"linuxkit":                        {tree("release: 6.5.11-linuxkit", ".dockerenv: "), Native, DockerDesktop, Docker},
		"OrbStack":                        {tree("release: 6.19.13-orbstack-gbd1dc07b8cf4"), Native, OrbStack, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := Detect(Machine{Root: test.root})
			require.Equal(t, test.kind, r.Kind, r.Because)
			require.Equal(t, test.host, r.Host)
			require.Equal(t, test.container, r.Container)
		})
	}
}

func TestEnvironmentOnlyConfirms(t *testing.T) {
	inside := func(name string) string {
		return map[string]string{"WSL_DISTRO_NAME": "Ubuntu", "WSL_INTEROP": "/run/WSL/8_interop", "container": "podman"}[name]
	}
	r := Detect(Machine{Root: tree(isWSL2), Env: inside})
	require.Equal(t, WSL2, r.Kind)
	require.Equal(t, Certain, r.Confidence)
	require.Equal(t, Podman, r.Container)
	require.Equal(t, Evidence{Source: "environment", Found: "WSL_DISTRO_NAME=Ubuntu", Says: "WSL sets it"}, r.Evidence[1])

	for _, root := range []fstest.MapFS{tree(), tree("release: 5.7.0-Microsoft"), tree("release: 6.1.0")} {
		r := Detect(Machine{Root: root, Env: inside})
		require.Equal(t, Native, r.Kind)
		require.NotEqual(t, Certain, r.Confidence)
	}
	// WSL_INTEROP is WSL2's, and does not make a WSL1 surer.
	r = Detect(Machine{Root: tree("release: 4.4.0-1-Microsoft"), Env: func(name string) string {
		return map[string]string{"WSL_INTEROP": "x"}[name]
	}})
	require.Equal(t, WSL1, r.Kind)
	require.Equal(t, Likely, r.Confidence)
}

func TestReportSaysWhy(t *testing.T) {
	r := Detect(Machine{Root: tree("release: 5.7.0-Microsoft", "interop: enabled", `os: NAME="Debian"`)})
	require.Equal(t, "/proc/sys/kernel/osrelease: 5.7.0-Microsoft: a name that WSL2 can have, and others; "+
		"/proc/sys/fs/binfmt_misc/WSLInterop: exists: WSL starts Windows programs so", r.Because)
	require.Len(t, r.Evidence, 2)
	require.True(t, r.Evidence[0].Decided)
	require.True(t, r.Evidence[1].Decided)

	// The first proof decides, the others are told.
	r = Detect(Machine{Root: tree("release: 4.4.0-26100-Microsoft", "cmdline: BOOT_IMAGE=/kernel init=/init",
		"mountinfo: 2 2 0:2 / / rw,noatime - wslfs rootfs rw")})
	var decided []bool
	for _, e := range r.Evidence {
		decided = append(decided, e.Decided)
	}
	require.Equal(t, []bool{true, false, false}, decided)
	require.Equal(t, "/proc/self/mountinfo: rootfs on / type wslfs: only WSL1 has the type wslfs", r.Because)
}

func TestDistribution(t *testing.T) {
	tests := map[string]Distribution{
		"NAME=\"Ubuntu\"\nID=ubuntu\r\nVERSION_ID='24.04'\nPRETTY_NAME=\"Ubuntu \\\"24\\\"\"": {"ubuntu", "Ubuntu", "24.04", `Ubuntu "24"`},
		"# ID=no\nXID=x\nID=arch":    {ID: "arch"},
		"ID=\nNAME\nPRETTY_NAME=\"a": {PrettyName: "a"},
		"NAME=\"":                    {},
	}
	for text, want := range tests {
		require.Equal(t, want, Detect(Machine{Root: tree("os: " + text)}).Distribution, text)
		require.Equal(t, want, Detect(Machine{Root: tree("usr/lib/os-release: " + text)}).Distribution, text)
	}
}

// A root on disk may have links, and things that are no files.
func TestDetectOnDisk(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	link := func(target, name string) {
		require.NoError(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755))
		require.NoError(t, os.Symlink(target, filepath.Join(dir, name)))
	}
	write("usr/lib/os-release", "ID=inside\n")
	write("release", "6.6.87.2-microsoft-standard-WSL2\n")
	link("../usr/lib/os-release", "etc/os-release")
	link("/proc/link", "proc/sys/kernel/osrelease") // two steps, one absolute
	link("../../release", "proc/link")              // one too many, as from /proc
	link("/etc/passwd", ".dockerenv")
	link("loop", "proc/cmdline")
	link("cmdline", "proc/loop")
	require.NoError(t, syscall.Mkfifo(filepath.Join(dir, "proc", "version"), 0o644))

	root, err := os.OpenRoot(dir)
	require.NoError(t, err)
	defer root.Close()
	r := Detect(Machine{Root: root.FS()})
	require.Equal(t, WSL2, r.Kind)
	require.Equal(t, "6.6.87.2-microsoft-standard-WSL2", r.Kernel)
	require.Equal(t, "inside", r.Distribution.ID)
	require.Empty(t, r.Container, "the machine's /etc/passwd is not in the tree")
}

// KindOf runs at the start of commands: it stops at the first proof and looks for
// witnesses only when a name needs one.
func TestKindOfReadsLittle(t *testing.T) {
	for most, root := range map[int]fstest.MapFS{
		3:  tree(bootsWSL2, isWSL2, ownDisk, ".dockerenv: "),
		4:  tree("version: Linux version 6.1.0", "release: 6.1.0", foreign, ownDisk),
		10: tree("release: 5.7.0-Microsoft", ownDisk),
	} {
		counted := &countingFS{FS: root}
		KindOf(Machine{Root: counted})
		require.LessOrEqual(t, counted.files, most)
	}
}

// countingFS counts the files that somebody looked at.
type countingFS struct {
	fs.FS
	files int
}

func (c *countingFS) Stat(name string) (fs.FileInfo, error) {
	c.files++
	return fs.Stat(c.FS, name)
}

func TestDetectWithoutRoot(t *testing.T) {
	require.Equal(t, Native, Detect(Machine{}).Kind)
	require.Equal(t, Native, KindOf(Machine{}))
}

func FuzzDetect(f *testing.F) {
	for _, s := range samples(f) {
		f.Add(s.text, s.text, s.text, s.text, s.text, int64(0))
	}
	f.Fuzz(func(t *testing.T, release, version, cmdline, mounts, other string, rootType int64) {
		m := Machine{RootType: rootType, Root: fstest.MapFS{
			"proc/sys/kernel/osrelease": {Data: []byte(release)}, "proc/version": {Data: []byte(version)}, "proc/cmdline": {Data: []byte(cmdline)},
			"proc/self/mountinfo": {Data: []byte(mounts)}, "etc/os-release": {Data: []byte(other)}, "run/systemd/container": {Data: []byte(other)},
			"sys/class/dmi/id/sys_vendor": {Data: []byte(other)}, "link": {Data: []byte(other), Mode: fs.ModeSymlink},
		}}
		r := Detect(m)
		require.Equal(t, r.Kind, KindOf(m))
		require.Contains(t, []Kind{WSL1, WSL2, Native}, r.Kind)
		require.NotEmpty(t, r.Because)
		require.NotEmpty(t, r.Confidence)
		require.NotZero(t, r.Step)
		if r.Confidence == Low {
			require.Equal(t, Native, r.Kind)
			require.NotEmpty(t, r.Missing)
		}
	})
}
