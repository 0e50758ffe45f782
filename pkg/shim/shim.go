// Package shim turns "go" into the go of the version that a directory asks for.
// It is what the small program behind $ASDF_DATA_DIR/golang-wsl/bin/go is made
// of, and what "golang-wsl status" asks.
//
//	r, err := shim.Resolve(shim.Request{
//		Command: "go", Dir: "/home/me/project", Env: os.LookupEnv,
//		DataDir: "/home/me/.asdf-wsl2", Plugin: "golang-wsl",
//	})
//	// r.Word "1.22.5", r.Source "/home/me/project/.tool-versions",
//	// r.Path "/home/me/.asdf-wsl2/installs/golang-wsl/1.22.5/bin/go"
//
// [Resolve] decides as "asdf exec" of asdf 0.20 does, its oddities included:
// whoever changes between asdf's shims and these must not get another Go. There
// are two differences. asdf reads in its shims file which versions have a command,
// and that is as old as the last "asdf reshim"; here the installs are looked at.
// And asdf lets bash expand the path of a go.mod, so that it does not find one in
// a directory called "$x".
//
// It runs before each go command, so it starts no process, and this package
// imports little: what it imports has to be loaded and initialised each time. A
// [Request] whose Legacy is nil leaves go.mod and its like to a larger program.
//
// [Process.Command] goes on to the environment and the arguments. Nothing here
// executes anything.
package shim

import (
	"errors"
	"strings"
)

// A Request asks which binary a command means.
type Request struct {
	Command string // "go" or "gofmt"
	// Dir is where it is called: the current directory, by the absolute name that
	// the shell has for it, as os.Getwd gives it.
	Dir     string
	DataDir string // ASDF_DATA_DIR
	Plugin  string // the name of the plugin in DataDir
	// Word, if there is one, is the version that the command was called by, as
	// go1.4 is: nothing else is asked then.
	Word string
	// Env looks up a variable of the environment, as os.LookupEnv does.
	Env func(name string) (string, bool)
	// Exe is the program that asks; "system" never means itself. It may be "".
	Exe string
	// Legacy reads the words that a .go-version, go.work or go.mod asks for, and
	// "" where it asks for nothing. If it is nil and such a file decides, the
	// result is ErrLegacy.
	Legacy func(path string) (words string, err error)
}

// The types of a version, as asdf names them in ASDF_INSTALL_TYPE.
const (
	TypeVersion = "version"
	TypeRef     = "ref"
	TypePath    = "path"
	TypeSystem  = "system"
)

// A Resolution is the answer to a [Request].
type Resolution struct {
	Word   string // of the file or the variable: 1.22.5, ref:abc, path:/x, system
	Type   string
	Name   string // of the directory below installs/PLUGIN; "" for path and system
	Source string // the file or the variable that the word is from
	Root   string // the directory of the install, "" for system
	Path   string // the binary
	// Hook reports that the user's .asdfrc has a command for asdf to run before
	// this one.
	Hook bool
}

// LegacyFiles are the files of other programs that name a version, the most
// explicit first. asdf asks bin/list-legacy-filenames for them.
func LegacyFiles() []string { return []string{".go-version", "go.work", "go.mod"} }

// Resolve finds the binary. It fails with a [NotSetError], [NotInstalledError],
// [NotExecutableError], [UnreadableError] or [SetupError], or with [ErrLegacy].
func Resolve(r Request) (*Resolution, error) {
	home, _ := r.Env("HOME")
	if home == "" {
		return nil, &SetupError{Text: "HOME is not set"}
	}
	s := &search{Request: r, home: home, fileName: r.fileName()}
	choice, err := s.choose()
	if errors.Is(err, ErrLegacy) {
		return nil, err
	}
	if err != nil {
		return nil, &UnreadableError{err}
	}
	if choice == nil {
		if found := s.unused(""); found != nil {
			return found, nil
		}
		return nil, &NotSetError{Command: r.Command, Plugin: r.Plugin, Variable: r.variable(), File: s.fileName, Dir: r.Dir, Home: home}
	}
	found, err := s.pick(choice)
	if missing := (*NotInstalledError)(nil); errors.As(err, &missing) {
		if found := s.unused(choice.source); found != nil {
			return found, nil
		}
	}
	if err != nil {
		return nil, err
	}
	rc, err := s.asdfrc()
	if err != nil {
		return nil, err
	}
	found.Hook = rc.hook
	return found, nil
}

// fileName is what files with versions are called. asdf 0.16 renamed the
// variable and reads both.
func (r *Request) fileName() string {
	for _, name := range []string{"ASDF_TOOL_VERSIONS_FILENAME", "ASDF_DEFAULT_TOOL_VERSIONS_FILENAME"} {
		if file, _ := r.Env(name); file != "" {
			return file
		}
	}
	return ".tool-versions"
}

// variable is the one that outranks all files.
func (r *Request) variable() string {
	return "ASDF_" + strings.ReplaceAll(strings.ToUpper(r.Plugin), "-", "_") + "_VERSION"
}
