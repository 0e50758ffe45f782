package shim

import (
	"path/filepath"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goenv"
)

// A Process is a program that was called by the name of a go command.
type Process struct {
	Exe     string                                                       // os.Executable
	Args    []string                                                     // os.Args
	Environ []string                                                     // os.Environ
	Dir     string                                                       // os.Getwd
	Legacy  func(dataDir, plugin, path string) (words string, err error) // see Request; or nil
}

// A Command is what a [Process] is to become by execve(2), which leaves it its
// process number, terminal, signals and exit code.
type Command struct {
	Path string
	Args []string
	Env  []string
}

// Called splits the name that a program was called by: go, gofmt, or go1.4 for
// the go of one version. It reports false for all other names.
func Called(name string) (command, word string, ok bool) {
	switch base := filepath.Base(name); {
	case base == "go", base == "gofmt":
		return base, "", true
	case len(base) > 2 && strings.HasPrefix(base, "go") && '0' <= base[2] && base[2] <= '9':
		return "go", base[2:], true
	}
	return "", "", false
}

// Command resolves what the process was called as. Besides the errors of
// [Resolve] it fails with a [SetupError].
//
// PATH stays as it is, unlike under asdf, which puts the version's bin first: the
// go command does that itself for what it runs (cmd/go, "go generate" and "go
// run"), and another project's go, called from this one, must be chosen anew.
func (p *Process) Command() (*Command, error) {
	command, word, ok := Called(p.Args[0])
	data := filepath.Dir(filepath.Dir(filepath.Dir(p.Exe)))
	if filepath.Dir(p.Exe) != binDir(data) { // somebody's own link to the program
		data, _ = p.lookup("ASDF_DATA_DIR")
	}
	if !ok || !strings.HasPrefix(data, "/") {
		return nil, &SetupError{Text: p.Exe + " was called as " + p.Args[0] + ", and not as go or gofmt in DATA_DIR/golang-wsl/bin"}
	}
	r := Request{Command: command, Word: word, Dir: p.Dir, DataDir: data, Plugin: pluginIn(data), Env: p.lookup, Exe: p.Exe}
	if p.Legacy != nil {
		r.Legacy = func(path string) (string, error) { return p.Legacy(data, r.Plugin, path) }
	}
	found, err := Resolve(r)
	if err != nil {
		return nil, err
	}
	if file := filepath.Join(shimsDir(data), command); found.Hook && word == "" && executable(file) {
		return p.handOver(file, found), nil
	}
	c := &Command{Path: found.Path, Args: p.argv(found.Path), Env: p.Environ}
	if found.Type == TypeSystem { // asdf runs no exec-env for it
		return c, nil
	}
	return c, c.applyEnvironment(data, found.Root)
}

// handOver leaves a command with a hook to asdf's shim: hooks are bash, run by
// asdf, with more of asdf around them than is worth imitating. For "system" asdf
// would find us first on PATH, and we its shim again.
func (p *Process) handOver(file string, found *Resolution) *Command {
	c := &Command{Path: file, Args: p.argv(file), Env: p.Environ}
	if found.Type == TypeSystem {
		list, _ := p.lookup("PATH")
		var rest []string
		for _, dir := range filepath.SplitList(list) {
			if !sameDir(dir, filepath.Dir(p.Exe)) {
				rest = append(rest, dir)
			}
		}
		c.Env = goenv.Set(c.Env, goenv.Var{Name: "PATH", Value: strings.Join(rest, string(filepath.ListSeparator))})
	}
	return c
}

// argv is the arguments with another name, which asdf gives as a path.
func (p *Process) argv(name string) []string {
	return append([]string{name}, p.Args[1:]...)
}

func (p *Process) lookup(name string) (string, bool) { return goenv.Lookup(p.Environ, name) }

// pluginIn is the name of the plugin in a data directory. The helper writes it
// down, because people add plugins under names of their own.
func pluginIn(data string) string {
	if text, err := readFile(filepath.Join(data, "golang-wsl", "plugin")); err == nil {
		if name, _, _ := strings.Cut(string(text), "\n"); name != "" {
			return name
		}
	}
	return "golang-wsl"
}

// applyEnvironment does what bin/exec-env does when asdf sources it. A file that
// only a shell could read is an error: whoever runs without it would install into
// the other kind's GOBIN, or ask the network that this one is to avoid.
func (c *Command) applyEnvironment(data, root string) error {
	file := filepath.Join(data, "golang-wsl", "env.sh")
	if text, err := readFile(file); err == nil {
		vars, err := goenv.Parse(text)
		if err != nil {
			return &SetupError{file, err.Error()}
		}
		c.Env = goenv.Apply(c.Env, vars)
	}
	return c.applyVersion(root)
}

// applyVersion follows the file that an install comes with, in one of the two
// forms that pkg/toolchain writes.
func (c *Command) applyVersion(root string) error {
	file := filepath.Join(root, ".golang-wsl.env")
	text, err := readFile(file)
	if err != nil {
		return nil
	}
	for line := range strings.Lines(string(text)) {
		switch line = strings.TrimSpace(line); {
		case line == "", line[0] == '#':
		case line == `if [ -n "${GOROOT:-}" ]; then export GOROOT=; fi`:
			if _, ok := goenv.Lookup(c.Env, "GOROOT"); ok {
				c.Env = goenv.Set(c.Env, goenv.Var{Name: "GOROOT"})
			}
		case strings.HasPrefix(line, besideInstall) && strings.HasSuffix(line, `"`):
			other := filepath.Dir(root) + "/" + line[len(besideInstall):len(line)-1]
			c.Env = goenv.Set(c.Env, goenv.Var{Name: "GOROOT", Value: other})
		default:
			return &SetupError{file, "not a line of golang-wsl: " + line}
		}
	}
	return nil
}

const besideInstall = `export GOROOT="${ASDF_INSTALL_PATH%/*}/`
