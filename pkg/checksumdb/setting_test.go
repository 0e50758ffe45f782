package checksumdb_test

import (
	"net/url"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/note"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/checksumdb"
)

const (
	goKey = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
	// ourKey is the key of x/mod's own tests.
	ourKey = "localhost.localdev/sumdb+00000c67+AcTrnkbUA+TU4heY3hkjiSES/DSQniBqIeQ/YppAUtK6"
)

func TestParseGOSUMDB(t *testing.T) {
	golang := checksumdb.Setting{Name: "sum.golang.org", Key: goKey}
	for _, tt := range []struct {
		in   string
		want checksumdb.Setting
	}{
		{"", golang},
		{"off", golang},
		{" \t", golang},
		{"sum.golang.org", golang},
		{goKey, golang},
		{"sum.golang.org https://mirror.example/x", checksumdb.Setting{Name: golang.Name, Key: goKey, URL: "https://mirror.example/x"}},
		{"sum.golang.google.cn", checksumdb.Setting{Name: golang.Name, Key: goKey, URL: "https://sum.golang.google.cn"}},
		{ourKey, checksumdb.Setting{Name: "localhost.localdev/sumdb", Key: ourKey}},
		{ourKey + "  file:///srv/sumdb", checksumdb.Setting{Name: "localhost.localdev/sumdb", Key: ourKey, URL: "file:///srv/sumdb"}},
	} {
		got, err := checksumdb.ParseGOSUMDB(tt.in)
		require.NoError(t, err, tt.in)
		require.Equal(t, tt.want, got, tt.in)
		again, err := checksumdb.ParseGOSUMDB(got.Key)
		require.NoError(t, err)
		require.Equal(t, checksumdb.Setting{Name: got.Name, Key: got.Key}, again, "the key alone is the database without its URL")
	}
}

// keyNamed makes a valid key of a database with any name.
func keyNamed(t testing.TB, name string) string {
	t.Helper()
	_, vkey, err := note.GenerateKey(nil, name)
	require.NoError(t, err)
	return vkey
}

func TestParseGOSUMDBErrors(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"sum.example", "malformed verifier id"},
		{"sum.golang.org+033de0ae+AAAA", "key"},
		{"sum.golang.google.cn https://x.example", "malformed verifier id"}, // as cmd/go: the alias stands alone
		{"sum.golang.org https://a.example b", "too many fields"},
		{"sum.golang.org ftp://me:hunter2@a.example", "second field"},
		{"sum.golang.org https://me:hunter2%zz@a.example", "second field"},
		{"sum.golang.org a.example", "second field"},
		{"sum.golang.org https://", "second field"},
		{keyNamed(t, ".."), "host[/path]"},
		{keyNamed(t, "."), "host[/path]"},
		{keyNamed(t, "a/../../b"), "host[/path]"},
		{keyNamed(t, "a//b"), "host[/path]"},
		{keyNamed(t, "a/"), "host[/path]"},
		{keyNamed(t, "/a"), "host[/path]"},
		{keyNamed(t, "me@a"), "host[/path]"},
		{keyNamed(t, "a?b"), "host[/path]"},
		{keyNamed(t, "a#b"), "host[/path]"},
	} {
		_, err := checksumdb.ParseGOSUMDB(tt.in)
		require.ErrorContains(t, err, tt.want, tt.in)
		require.NotContains(t, err.Error(), "hunter2")
		_, err = checksumdb.Open(checksumdb.Options{GOSUMDB: tt.in})
		require.Error(t, err)
	}
}

func FuzzParseGOSUMDB(f *testing.F) {
	f.Add("sum.golang.org https://mirror.example")
	f.Add(goKey)
	f.Add(ourKey + " file:///srv")
	f.Add(keyNamed(f, "a/../b"))
	f.Fuzz(func(t *testing.T, s string) {
		set, err := checksumdb.ParseGOSUMDB(s)
		if err != nil {
			require.Zero(t, set)
			return
		}
		verifier, err := note.NewVerifier(set.Key)
		require.NoError(t, err)
		require.Equal(t, set.Name, verifier.Name())
		require.True(t, filepath.IsLocal(set.Name))
		_, err = url.Parse(set.URL)
		require.NoError(t, err)
	})
}
