package checksumdb

import (
	"errors"
	"fmt"
	"net/url"
	"path"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

const (
	defaultName = "sum.golang.org"
	// defaultKey is what cmd/go/internal/modfetch/key.go knows about it.
	defaultKey = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
)

// A Setting is a parsed GOSUMDB.
type Setting struct {
	Name string // host, or host/path, of the database
	Key  string // its verifier key; as a GOSUMDB of its own, the database without the URL
	URL  string // where to reach it, "" for the usual way. May hold a password.
}

// ParseGOSUMDB reads a GOSUMDB as cmd/go does: "name" for a database whose key is
// known, "name+hash+key", either with the URL of a mirror behind it, or
// "sum.golang.google.cn", a mirror of sum.golang.org. The empty string and "off" are
// sum.golang.org: toolchains cannot opt out (cmd/go/internal/modfetch/sumdb.go, useSumDB).
func ParseGOSUMDB(s string) (Setting, error) {
	f := strings.Fields(s)
	switch {
	case len(f) == 0, len(f) == 1 && f[0] == "off":
		f = []string{defaultName}
	case len(f) == 1 && f[0] == "sum.golang.google.cn":
		f = []string{defaultName, "https://sum.golang.google.cn"}
	case len(f) > 2:
		return Setting{}, errors.New("parse GOSUMDB: too many fields")
	}
	set := Setting{Key: f[0]}
	if set.Key == defaultName {
		set.Key = defaultKey
	}
	verifier, err := note.NewVerifier(set.Key)
	if err != nil {
		return Setting{}, fmt.Errorf("parse GOSUMDB: key %q: %w", f[0], err)
	}
	if set.Name = verifier.Name(); !isName(set.Name) {
		return Setting{}, fmt.Errorf("parse GOSUMDB: database name %q is not host[/path]", set.Name)
	}
	if len(f) == 2 {
		if set.URL = f[1]; !isURL(set.URL) {
			// Not quoted: it may hold a password.
			return Setting{}, errors.New("parse GOSUMDB: the second field is not an https, http or file URL")
		}
	}
	return set, nil
}

// isName refuses what would make more of "https://"+name than a host and a path, and,
// which cmd/go leaves open, what would lead out of the cache directory.
func isName(name string) bool {
	u, err := url.Parse("https://" + name)
	return err == nil && !strings.HasSuffix(name, "/") && u.Host != "" && u.RawPath == "" &&
		*u == (url.URL{Scheme: "https", Host: u.Host, Path: u.Path}) &&
		filepath.IsLocal(name) && path.Clean(name) == name && name != "."
}

func isURL(s string) bool {
	u, err := url.Parse(s)
	if err != nil {
		return false
	}
	switch u.Scheme {
	case "https", "http":
		return u.Host != ""
	case "file":
		return u.Host == "" && u.Path != ""
	}
	return false
}
