package snapshot

import (
	"cmp"
	"io/fs"
	"path"
	"regexp"
	"strings"
)

// identity is which Linux this is, and what it runs in.
func (t *taker) identity() {
	name, err := t.Kernel.Name()
	t.say("identity", "uname", Setting, "uname(2)", name, err)
	r := t.report
	t.say("identity", "kind", Setting, "pkg/wsl", string(r.Kind), nil)
	t.say("identity", "kind-because", Setting, "pkg/wsl", r.Because, nil)
	t.say("identity", "host-system", Setting, "pkg/wsl", cmp.Or(string(r.Host), "not known"), nil)
	t.say("identity", "container", Setting, "pkg/wsl", cmp.Or(string(r.Container), "none"), nil)
	t.say("identity", "distribution", Setting, "/etc/os-release", r.Distribution.PrettyName, nil)
	t.file("identity", "init", Setting, "/proc/1/comm")
	t.say("identity", "systemd", Setting, "/run/systemd/system", t.systemd(), nil)
	if r.Kind != "native" {
		t.say("identity", "wsl-distribution", Setting, "WSL_DISTRO_NAME", t.Env("WSL_DISTRO_NAME"), nil)
	}
}

var sharedVersion = regexp.MustCompile(`libsystemd-shared-([^/]+)\.so$`)

// systemd is the version that runs, by the library that each version has for itself:
// systemctl --version is that of another where somebody updated and did not restart.
func (t *taker) systemd() string {
	if _, err := fs.Stat(t.Root, "run/systemd/system"); err != nil {
		return "none"
	}
	for _, dir := range []string{"/usr/lib/systemd", "/lib/systemd", "/usr/lib/*-linux-gnu/systemd"} {
		for _, name := range t.glob(path.Join(dir, "libsystemd-shared-*.so")) {
			return sharedVersion.FindStringSubmatch(name)[1]
		}
	}
	return "of unknown version"
}

// fields are the "name: value" lines of a file such as /proc/self/status.
func fields(text string) map[string]string {
	values := make(map[string]string)
	for l := range strings.Lines(text) {
		if name, value, ok := strings.Cut(l, ":"); ok {
			values[strings.TrimSpace(name)] = strings.TrimSpace(value)
		}
	}
	return values
}
