package config

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestKeys(t *testing.T) {
	seen := make(map[string]bool)
	for _, k := range Keys() {
		require.Regexp(t, `^([a-z0-9]+\.)?[a-z_]+$`, k.Name)
		require.Regexp(t, `^GOLANG_WSL_[A-Z0-9_]+$`, k.Env)
		require.NotEmpty(t, k.Usage)
		require.NoError(t, k.Check(k.Default), k.Name)
		require.NoError(t, k.Check(""), k.Name)
		require.False(t, seen[k.Name] || seen[k.Env], "%s is there twice", k.Name)
		seen[k.Name], seen[k.Env] = true, true

		for _, name := range []string{k.Name, k.Env} {
			found, ok := Find(name)
			require.True(t, ok)
			require.Equal(t, k.Name, found.Name)
		}
	}
	require.True(t, seen["wsl1.data_dir"] && seen["GOLANG_WSL_WSL1_DATA_DIR"] && seen["GOLANG_WSL_LOCK_TIMEOUT"])
	_, ok := Find("data_dir")
	require.False(t, ok)
}

// Who has the list cannot change it for others.
func TestKeysAreACopy(t *testing.T) {
	list := Keys()
	slices.Reverse(list)
	require.Equal(t, "source", Keys()[0].Name)
}

func TestCheck(t *testing.T) {
	tests := map[string]struct{ good, bad string }{
		"source":             {"auto|official|bundle, goproxy|official,", "pigeon|auto,official|Official"},
		"mirror":             {"https://a/go|http://a,file:///b|HTTPS://a", "a/go|https://a,b|ftp://a|%"},
		"stall":              {"1s|1h30m|0.5s", "1|-1s|0|soon|1m "},
		"native.data_dir":    {"/|/a b|~/a|~/", "~|a|~a/b|./a|$HOME/a"},
		"native.default":     {"latest|1.22|1.22.5|go1.22.5|~1.22.3|1.23rc1", "system|ref:main|tip|1.22.5.6"},
		"native.gotoolchain": {"local|auto|path|go1.22.5|go1.22+auto|local+path|go1.22.5-custom", "1.22.5|none|go1.22+local|auto+auto|go1.22 "},
	}
	for name, test := range tests {
		key, ok := Find(name)
		require.True(t, ok)
		for value := range strings.SplitSeq(test.good, "|") {
			require.NoError(t, key.Check(value), name)
		}
		for value := range strings.SplitSeq(test.bad, "|") {
			var bad *ValueError
			require.ErrorAs(t, key.Check(value), &bad, "%s = %q", name, value)
			require.NotEmpty(t, bad.Want)
		}
	}
}

func TestNear(t *testing.T) {
	tests := map[string]string{
		"sources": "source", "mirrors": "mirror", "LIST-URL": "list_url", "lock-timout": "lock_timeout", "timeout": "", "lock": "", "": "",
		"wsl1.gobni": "wsl1.gobin", "wsl2.go_bin": "wsl2.gobin", "wsl.default": "wsl1.default", "default": "wsl1.default",
		"wsl3.default": "wsl1.default", "nativ.default": "native.default", "native.mirror": "mirror",
		"wsl.gobinn": "wsl1.gobin", "stall": "stall", "GOLANG_WSL_WSL2_DEFAULT": "wsl2.default",
		strings.Repeat("x", 1<<16): "",
	}
	for name, want := range tests {
		require.Equal(t, want, Near(name), "%.20q", name)
	}
}
