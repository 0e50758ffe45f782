package config

import "slices"

// A Key is one thing that a user can set.
type Key struct {
	// Name is how the file calls it, with its table in front: "stall",
	// "wsl2.data_dir".
	Name string
	// Env is the environment variable for the same. It outranks the file. What is
	// in a profile has none.
	Env string
	// Usage is one line on what it is for.
	Usage string
	// Default holds where it is set nowhere; "" where that is up to the machine,
	// or nothing.
	Default string
	// Many says that the value is a comma list, which a file may also write as an
	// array.
	Many bool
	// Path says that the value names a file or directory. A leading "~/" is left
	// for the caller to expand.
	Path bool

	// check says what else is wrong with a value. The error is a [*ValueError].
	check func(string) error
}

// general are the keys above the first table.
var general = []Key{
	{Name: "source", Usage: "where toolchains come from, in order", Default: "auto", Many: true, check: checkSources},
	{Name: "mirror", Usage: "where release archives come from, in order", Default: "https://dl.google.com/go", Many: true, check: checkURLs},
	{Name: "list_url", Usage: "where the official list comes from", Default: "https://go.dev/dl/", check: checkURLs},
	{Name: "bundle", Usage: "what \"golang-wsl bundle\" made", Path: true},
	{Name: "lock_timeout", Usage: "how long to wait for another install", Default: "10m", check: checkDuration},
	{Name: "stall", Usage: "how long a line may bring no byte", Default: "30s", check: checkDuration},
}

// kinds are the tables; each may have all of the keys below.
var kinds = []string{"wsl1", "wsl2", "native"}

// ofKind are the keys of each table.
var ofKind = []Key{
	{Name: "data_dir", Usage: "where asdf keeps installs", Path: true},
	{Name: "default", Usage: "the version that a fresh data directory starts with", check: checkQuery},
	{Name: "gotoolchain", Usage: "GOTOOLCHAIN of the go command", check: checkToolchain},
	{Name: "gobin", Usage: "where \"go install\" puts programs", Path: true},
	{Name: "profile", Usage: "the network profile, see \"golang-wsl env profile\"", check: checkProfileName},
}

var keys = allKeys()

func allKeys() []Key {
	all := slices.Clone(general)
	for _, kind := range kinds {
		for _, key := range ofKind {
			key.Name = kind + "." + key.Name
			all = append(all, key)
		}
	}
	for i := range all {
		all[i].Env = variable(all[i].Name)
	}
	return all
}

// variable is "GOLANG_WSL_WSL2_DATA_DIR" for "wsl2.data_dir".
func variable(name string) string {
	text := []byte("GOLANG_WSL_" + name)
	for i, c := range text {
		switch {
		case c == '.':
			text[i] = '_'
		case 'a' <= c && c <= 'z':
			text[i] = c - 'a' + 'A'
		}
	}
	return string(text)
}

// Keys returns all keys, in the order in which they are best shown.
func Keys() []Key { return slices.Clone(keys) }

// Find returns the key with this name or this environment variable, those of
// profiles among them.
func Find(name string) (Key, bool) {
	if key, ok := findProfileKey(name); ok {
		return key, true
	}
	i := slices.IndexFunc(keys, func(k Key) bool { return k.Name == name || k.Env == name })
	if i < 0 {
		return Key{}, false
	}
	return keys[i], true
}
