// Package config is the configuration file: which keys there are, which
// environment variable stands for each, and what a file sets.
//
//	source = ["official", "goproxy"]
//	stall = "1m"
//
//	[wsl2]
//	data_dir = "~/.asdf-two"
//	default = "1.22"
//
//	[profiles.work]
//	goprivate = ["corp.example", "*.corp.example"]
//
// The file is TOML. All values are strings; those that are lists may also be
// arrays of strings. The tables wsl1, wsl2 and native hold what is to differ
// between kinds of Linux, so that one file can serve them all; below profiles is
// what a user adds to those of pkg/profile.
//
//	values, err := config.Parse(data)
//	dir := values["wsl2.data_dir"]
//
// A file with an unknown key, or with a value that its key has no use for, is
// refused whole, with the line and the nearest known key: a typing error must not
// look like a setting.
//
// The package opens no file and does not read the environment. Which of the two
// wins, and where "~/" leads, is for the caller to say. A new key is one row in
// keys.go.
package config
