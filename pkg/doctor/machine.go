package doctor

import (
	"context"
	"io"
	"io/fs"
	"iter"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goenv"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/network"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/wsl"
)

// A Machine is all that a check may look at. Nothing in it is written to, and it
// is read by several checks at once.
type Machine struct {
	Root fs.FS               // laid out like /; absolute links in it mean the same tree
	Env  func(string) string // the environment
	Dir  string              // the current directory, absolute
	// Run runs a program in Dir and returns what it writes to stdout; the error has
	// what it wrote to stderr. It may be nil, and must end with its context.
	Run      func(ctx context.Context, name string, args ...string) ([]byte, error)
	Try      Trier               // finds out by doing; nil tries nothing
	Net      Network             // asks servers; nil asks nobody
	Report   *wsl.Report         // what pkg/wsl says of it
	DataDirs map[wsl.Kind]string // where the installs of each kind are
	Hooks    []Hook              // those of golang-wsl
	Setup    []string            // the files and directories that "golang-wsl setup" may change
	Arch     string              // as GOARCH has it
	Defaults map[string]string   // GOPROXY and GOSUMDB as the go command has them where nothing sets them
	Trouble  error               // why the settings of golang-wsl cannot be read
	Now      time.Time
}

// A Trier finds out what reading does not tell. It leaves nothing behind. The
// directories are absolute and exist. An error is why it could not be tried.
type Trier interface {
	// Modes reports whether a mode that is set on a file in dir is the one that it
	// has then.
	Modes(ctx context.Context, dir string) (stick bool, err error)
	// FoldsCase reports whether two names in dir that differ by case are one file.
	FoldsCase(ctx context.Context, dir string) (bool, error)
	// Runs reports whether a program that is written in dir can be started.
	Runs(ctx context.Context, dir string) (bool, error)
	// Writes makes a file in dir and takes it away. The error is the system's, such as
	// [fs.ErrPermission].
	Writes(ctx context.Context, dir string) error
	// Free is how many bytes, and how many more files, a user may still write where
	// dir is.
	Free(ctx context.Context, dir string) (bytes, files uint64, err error)
	// Miss is how long it takes to learn that dir has no file of some name: the
	// median of several look-ups.
	Miss(ctx context.Context, dir string) (time.Duration, error)
	// Race has a go command build and run a program with a data race, with -race,
	// and returns what both of them wrote; that one fails is no error. It fills the
	// build cache.
	Race(ctx context.Context, goCommand string) (output string, err error)
}

// A Network asks servers as the go command does, through the proxies of the
// environment.
type Network interface {
	// Proxy is the proxy by which Get asks for a URL, "" for none. It may hold a
	// password.
	Proxy(url string) (string, error)
	// Resolve is how long it takes to get addresses for a name. The error is a
	// [*network.Error].
	Resolve(ctx context.Context, host string) (time.Duration, error)
	// Get asks for a document. The error is a [*network.Error].
	Get(ctx context.Context, url string) (*network.Trip, error)
	// Dial connects to HOST:PORT, by no proxy. The error tells no password.
	Dial(ctx context.Context, address string) error
}

// A Hook is a file of "golang-wsl setup".
type Hook struct {
	Shell string   // bash, zsh or fish
	File  string   // where setup has written it, if it has
	Text  []byte   // as this version of golang-wsl writes it
	Rc    []string // the rc files that setup has it sourced from
}

const limit = 1 << 20 // more than any file that is read here has

func rel(name string) string {
	if name = strings.TrimPrefix(name, "/"); name == "" {
		return "."
	}
	return name
}

// real follows all links of an absolute path. What is not there is left as it is.
func (m *Machine) real(name string) string {
	done, left := "/", strings.Split(strings.Trim(path.Clean("/"+name), "/"), "/")
	for links := 0; len(left) > 0; {
		next := path.Join(done, left[0])
		left = left[1:]
		target, err := fs.ReadLink(m.Root, rel(next))
		if links++; err != nil || links > 255 { // more than any path has parts
			done = next
			continue
		}
		if path.IsAbs(target) {
			done = "/"
		}
		left = append(strings.Split(strings.Trim(target, "/"), "/"), left...)
	}
	return done
}

func (m *Machine) stat(name string) (fs.FileInfo, error) {
	return fs.Stat(m.Root, rel(m.real(name)))
}

func (m *Machine) exists(name string) bool {
	_, err := m.stat(name)
	return err == nil
}

// read is the text of a regular file, or ok is false. To open a FIFO is to wait
// for somebody who writes.
func (m *Machine) read(name string) (text string, ok bool) {
	name = rel(m.real(name))
	if info, err := fs.Stat(m.Root, name); err != nil || !info.Mode().IsRegular() {
		return "", false
	}
	file, err := m.Root.Open(name)
	if err != nil {
		return "", false
	}
	defer file.Close()
	data, err := io.ReadAll(io.LimitReader(file, limit))
	return string(data), err == nil || len(data) > 0
}

// whole is the text of a regular file, and where it is behind all links. ok is
// false where read would have cut it: nothing may be written from a part.
func (m *Machine) whole(name string) (file, text string, ok bool) {
	text, ok = m.read(name)
	return m.real(name), text, ok && len(text) < limit
}

// list is the names in a directory, sorted.
func (m *Machine) list(dir string) (names []string) {
	entries, _ := fs.ReadDir(m.Root, rel(m.real(dir)))
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// isWSL reports whether Windows is below.
func (m *Machine) isWSL() bool { return m.Report.Kind != wsl.Native }

// onWindows is the mount that a path is on if the files there are those of
// Windows. The mount point tells nothing: wsl.conf chooses it.
func (m *Machine) onWindows(name string) (wsl.Mount, bool) {
	at, ok := m.Report.Mounts.At(m.real(name))
	return at, ok && at.Windows
}

// windowsEntry is onWindows for an entry of PATH by its name alone, without a look
// at the drive.
func (m *Machine) windowsEntry(dir string) bool {
	at, ok := m.Report.Mounts.At(dir)
	return ok && at.Windows
}

// home is "" where it is not known.
func (m *Machine) home() string { return absolute(m.Env("HOME")) }

// absolute is a path, or "" if it is relative.
func absolute(name string) string {
	if !path.IsAbs(name) {
		return ""
	}
	return path.Clean(name)
}

// below joins where there is something to join to.
func below(dir string, names ...string) string {
	if dir == "" {
		return ""
	}
	return path.Join(append([]string{dir}, names...)...)
}

// dataDir is the one that commands here work with.
func (m *Machine) dataDir() string {
	if dir := absolute(m.Env("ASDF_DATA_DIR")); dir != "" {
		return dir
	}
	return m.DataDirs[m.Report.Kind]
}

// plugin is the name that this plugin has in a data directory.
func (m *Machine) plugin(dataDir string) string {
	text, _ := m.read(below(dataDir, "golang-wsl", "plugin"))
	if name := strings.TrimSpace(text); name != "" && name == path.Base(name) && name != ".." && name != "." {
		return name
	}
	return "golang-wsl"
}

// setUp reports whether "golang-wsl setup" has been here, for this kind or another.
func (m *Machine) setUp() bool {
	for _, dir := range m.DataDirs {
		if dir != "" && m.exists(path.Join(dir, "golang-wsl", "bin", "golang-wsl")) {
			return true
		}
	}
	return false
}

var sudoWord = regexp.MustCompile(`\bsudo `)

// asUser takes sudo out of a cure where root asks: images of Debian have none.
func (m *Machine) asUser(f Finding) Finding {
	if sudoWord.MatchString(f.Cure) && m.asRoot() {
		f.Cure = sudoWord.ReplaceAllString(f.Cure, "")
	}
	return f
}

// entries are those of PATH that are absolute; the others mean other directories
// elsewhere.
func (m *Machine) entries() (dirs []string) {
	for dir := range strings.SplitSeq(m.Env("PATH"), ":") {
		if dir = absolute(dir); dir != "" {
			dirs = append(dirs, dir)
		}
	}
	return dirs
}

// look finds the files on PATH of a name that can be run, the first one first. It
// looks no further than its caller: Windows drives, which are slow or hang, are last
// on most machines.
func (m *Machine) look(name string) iter.Seq[string] { return m.lookIn(m.entries(), name) }

// lookHere is look without the Windows drives.
func (m *Machine) lookHere(name string) iter.Seq[string] {
	return m.lookIn(slices.DeleteFunc(m.entries(), m.windowsEntry), name)
}

func (m *Machine) lookIn(dirs []string, name string) iter.Seq[string] {
	return func(yield func(string) bool) {
		seen := make(map[string]bool)
		for _, dir := range dirs {
			file := path.Join(dir, name)
			if seen[file] {
				continue
			}
			seen[file] = true
			info, err := m.stat(file)
			if err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 && !yield(file) {
				return
			}
		}
	}
}

// first is the first of them, or "".
func (m *Machine) first(name string) (file string) {
	m.look(name)(func(found string) bool {
		file = found
		return false
	})
	return file
}

// goSetting is a setting of the go command and where it is from: the environment,
// the data directory's env.sh, or the file that "go env -w" writes.
func (m *Machine) goSetting(name string) (value, source string) {
	if v := m.Env(name); v != "" {
		return v, "the environment"
	}
	file := below(m.dataDir(), "golang-wsl", "env.sh")
	text, _ := m.read(file)
	vars, _ := goenv.Parse([]byte(text))
	for _, v := range vars {
		if v.Name == name && v.Value != "" {
			return v.Value, file
		}
	}
	file = m.goEnvFile()
	text, _ = m.read(file)
	for line := range strings.Lines(text) {
		if v, ok := strings.CutPrefix(strings.TrimSpace(line), name+"="); ok && v != "" {
			return v, file
		}
	}
	return "", ""
}

// goEnvFile is the file that "go env -w" writes, or "off".
func (m *Machine) goEnvFile() string {
	if file := m.Env("GOENV"); file != "" {
		return file
	}
	config := absolute(m.Env("XDG_CONFIG_HOME"))
	if config == "" {
		config = below(m.home(), ".config")
	}
	return below(config, "go", "env")
}
