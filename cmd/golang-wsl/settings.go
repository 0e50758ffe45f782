package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/config"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/toolchain"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/wsl"
)

// settings are what a user has chosen: in the environment, else in the
// configuration file. Nothing below cmd reads either.
type settings struct {
	env func(string) string
	// kind is the kind of this Linux, and file what the configuration file sets.
	// Each is looked for once, when it is first asked for.
	kind func() wsl.Kind
	file func() (config.Values, error)
}

func newSettings(env func(string) string) settings {
	s := settings{env: env}
	s.kind = sync.OnceValue(func() wsl.Kind { return wsl.KindOf(thisMachine(s.env)) })
	s.file = sync.OnceValues(s.readConfig)
	return s
}

// or is the variable called name, else what the configuration file has for it,
// else another value. A file that cannot be read sets nothing here: checkSettings
// has refused it, but for commands that must do without.
func (s settings) or(name, otherwise string) string {
	value := s.env(name)
	key, ok := config.Find(name)
	if ok && value == "" {
		values, _ := s.file()
		value = values[key.Name]
	}
	if value == "" {
		return otherwise
	}
	if key.Path {
		return s.path(value)
	}
	return value
}

// setting is the variable called name as [settings.or] finds it, else its
// default.
func (s settings) setting(name string) string {
	key, _ := config.Find(name)
	return s.or(name, key.Default)
}

// ofKind is the setting called key ("data_dir") of one kind of Linux, or "".
func (s settings) ofKind(kind wsl.Kind, key string) string {
	k, _ := config.Find(string(kind) + "." + key)
	return s.or(k.Env, "")
}

// path makes a path absolute. Shells expand "~/" only outside of quotes, and no
// shell reads the configuration file. Without a home it is left as it is.
func (s settings) path(value string) string {
	var err error
	path := value
	if rest, ok := strings.CutPrefix(value, "~/"); ok {
		path, err = s.home()
		path = filepath.Join(path, rest)
	} else {
		path, err = filepath.Abs(value)
	}
	if err != nil {
		return value
	}
	return path
}

func (s settings) home() (string, error) {
	if home := s.env("HOME"); filepath.IsAbs(home) {
		return home, nil
	}
	return "", &usageError{"HOME is not set", `export HOME=$(getent passwd "$(id -u)" | cut -d: -f6)`}
}

// userDir follows the XDG base directory specification, which says to ignore
// relative paths. The other directory is below the home directory.
func (s settings) userDir(variable, otherwise string) (string, error) {
	if dir := s.env(variable); filepath.IsAbs(dir) {
		return dir, nil
	}
	home, err := s.home()
	return filepath.Join(home, otherwise), err
}

func (s settings) cacheDir() (string, error) {
	if dir := s.env("GOLANG_WSL_CACHE_DIR"); dir != "" {
		return filepath.Abs(dir)
	}
	dir, err := s.userDir("XDG_CACHE_HOME", ".cache")
	return filepath.Join(dir, "golang-wsl"), err
}

// store is where this call works. A plugin that asdf or mise runs says where it
// is, which gives the data directory and the name that it was added under;
// without one, the data directory is that of this kind of Linux.
func (s settings) store() (toolchain.Store, error) {
	dir := s.env("GOLANG_WSL_PLUGIN_DIR")
	if plugins := filepath.Dir(dir); filepath.IsAbs(dir) && filepath.Base(plugins) == "plugins" {
		return toolchain.Store{DataDir: filepath.Dir(plugins), Plugin: filepath.Base(dir)}, nil
	}
	data, err := s.dataDir()
	return toolchain.Store{DataDir: data, Plugin: pluginIn(data)}, err
}

// pluginIn is the name that the plugin goes by in a data directory. It becomes
// part of paths, so that a damaged file must not count.
func pluginIn(dataDir string) string {
	text, err := os.ReadFile(pluginFile(dataDir))
	name := strings.TrimSpace(string(text))
	if err != nil || name != filepath.Base(name) || slices.Contains([]string{".", "..", "/"}, name) || strings.ContainsFunc(name, unicode.IsControl) {
		return standalonePlugin
	}
	return name
}

// standalonePlugin is the name that installs go under where no plugin says what
// it is called: this program's own.
const standalonePlugin = "golang-wsl"

func (s settings) dataDir() (string, error) {
	if dir := s.env("ASDF_DATA_DIR"); dir != "" {
		return filepath.Abs(dir)
	}
	return s.dataDirOf(s.kind())
}

// dataDirOf is where the installs of one kind of Linux are, so that one HOME can
// serve several.
func (s settings) dataDirOf(kind wsl.Kind) (string, error) {
	if dir := s.ofKind(kind, "data_dir"); filepath.IsAbs(dir) {
		return dir, nil
	}
	home, err := s.home()
	if err != nil || kind == wsl.Native {
		return filepath.Join(home, ".asdf"), err
	}
	return filepath.Join(home, ".asdf-"+string(kind)), nil
}

// duration is the setting called name. That it is a duration has been checked.
func (s settings) duration(name string) (time.Duration, error) {
	return time.ParseDuration(s.setting(name))
}

// list splits a comma list and drops what is empty.
func list(text string) (items []string) {
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}
