package snapshot

import (
	"context"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/wsl"
)

// Secrets are what tells whose machine it is.
type Secrets struct {
	Hosts         []string
	Users         []string
	Distributions []string // as the user has named them in WSL
	MACs          []string // "00:15:5d:3f:1a:2b"
	Dirs          []Dir
}

// A Dir is a directory whose name is nobody's business.
type Dir struct {
	Path string // absolute
	As   string // what stands in its place: "home"
	// Keep keeps what is below it, as for the directory of the module that is measured.
	// What is below a home is left out.
	Keep bool
}

// Secrets looks for the names of a machine: of the host, of those who have a home
// there, on Windows as well, and of its network cards. The caller adds what only it
// knows, such as the current directory.
func (m Machine) Secrets(ctx context.Context) Secrets {
	t := newTaker(ctx, m)
	var s Secrets
	s.hosts(t)
	s.users(t)
	for _, file := range t.glob("/sys/class/net/*/address") {
		if mac, err := t.read(file); err == nil && plainMAC.MatchString(mac) {
			s.MACs = append(s.MACs, mac)
		}
	}
	// The name that the distribution has itself is no secret, and in os-release.
	own := t.report.Distribution
	if name := t.Env("WSL_DISTRO_NAME"); name != "" && !strings.EqualFold(name, own.ID) && !strings.EqualFold(name, own.Name) {
		s.Distributions = append(s.Distributions, name)
	}
	return s
}

var plainMAC = regexp.MustCompile(`^([0-9a-f]{2}:){5}[0-9a-f]{2}$`)

func (s *Secrets) hosts(t *taker) {
	names := []string{t.Env("HOSTNAME"), t.Env("COMPUTERNAME")}
	for _, file := range []string{"/proc/sys/kernel/hostname", "/etc/hostname"} {
		text, _ := t.read(file)
		names = append(names, text)
	}
	if uname, err := t.Kernel.Name(); err == nil {
		if words := strings.Fields(uname); len(words) > 1 {
			names = append(names, words[1])
		}
	}
	conf, _ := t.read("/etc/wsl.conf")
	named, _ := wsl.ParseSettings(conf).Get("network.hostname")
	for _, name := range append(names, named.Value) {
		short, domain, _ := strings.Cut(line(name), ".")
		s.Hosts = insert(s.Hosts, line(name), short)
		if strings.Contains(domain, ".") { // corp.example, but not local
			s.Hosts = insert(s.Hosts, domain)
		}
	}
}

// public are names that every machine has.
var public = []string{"", "root", "nobody", "localhost", "localdomain", "linux", "(none)", "default", "public", "all users", "default user"}

// insert adds those that say something, each once. One letter says nothing, and is in
// every text.
func insert(list []string, names ...string) []string {
	for _, name := range names {
		if utf8.RuneCountInString(name) > 1 && !slices.Contains(public, strings.ToLower(name)) && !slices.ContainsFunc(list, func(o string) bool { return strings.EqualFold(o, name) }) {
			list = append(list, name)
		}
	}
	return list
}

func (s *Secrets) users(t *taker) {
	for _, name := range []string{"USER", "LOGNAME", "SUDO_USER", "USERNAME"} {
		s.Users = insert(s.Users, t.Env(name))
	}
	s.home(t.Env("HOME"))
	text, _ := t.read("/etc/passwd")
	for l := range strings.Lines(text) {
		parts := strings.Split(strings.TrimSpace(l), ":")
		if len(parts) < 7 {
			continue
		}
		if uid, err := strconv.Atoi(parts[2]); err != nil || uid < 1000 || uid >= 60000 { // login.defs(5)
			continue
		}
		s.Users = insert(s.Users, parts[0])
		full, _, _ := strings.Cut(parts[4], ",")
		s.Users = insert(s.Users, full)
		s.home(parts[5])
	}
	if found, err := t.slowly(func() (string, error) { return strings.Join(t.windowsHomes(), "\n"), nil }); err == nil {
		for home := range strings.SplitSeq(found, "\n") {
			s.Users = insert(s.Users, path.Base(path.Clean("/"+home)))
			s.home(home)
		}
	}
}

// home is one of those that are somebody's: not that of root, which every machine has.
func (s *Secrets) home(dir string) {
	dir = path.Clean(dir)
	if !path.IsAbs(dir) || dir == "/" || dir == "/root" || slices.Contains(public, strings.ToLower(path.Base(dir))) {
		return
	}
	if !slices.ContainsFunc(s.Dirs, func(d Dir) bool { return d.Path == dir }) {
		s.Dirs = append(s.Dirs, Dir{Path: dir, As: "home"})
	}
}

// windowsHomes are those on the drives of Windows, as Linux has them.
func (t *taker) windowsHomes() (homes []string) {
	for _, m := range t.report.Mounts {
		if m.Windows {
			homes = append(homes, t.glob(path.Join(escape(m.Point), "Users/*"))...)
		}
	}
	if home := t.Env("USERPROFILE"); path.IsAbs(home) {
		homes = append(homes, home)
	}
	return slices.DeleteFunc(homes, func(home string) bool { return strings.Contains(path.Base(home), ".ini") })
}
