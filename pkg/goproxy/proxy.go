package goproxy

import (
	"errors"
	"fmt"
	"net/url"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/download"
)

// A Proxy is one entry of a List.
type Proxy struct {
	// URL is the base address, scheme and password included. Do not print it: see Redacted.
	URL string
}

// parseProxy checks one address as cmd/go's newProxyRepo does. What url.Parse says
// is repeated only where no password can be in it: of "https://me:pa/ss@host" it
// would report the port "pa".
func parseProxy(s string) (Proxy, error) {
	u, err := url.Parse(s)
	if err != nil {
		var parse *url.Error
		if !strings.Contains(s, "@") && errors.As(err, &parse) {
			return Proxy{}, fmt.Errorf("invalid proxy URL: %w", parse.Err)
		}
		return Proxy{}, errors.New("invalid proxy URL")
	}
	switch u.Scheme {
	case "http", "https":
		if u.Host == "" {
			return Proxy{}, errors.New("invalid proxy URL: no host")
		}
	case "file":
		if *u != (url.URL{Scheme: u.Scheme, Path: u.Path, RawPath: u.RawPath}) {
			return Proxy{}, errors.New("invalid file:// proxy URL with non-path elements")
		}
	case "":
		return Proxy{}, errors.New("invalid proxy URL: missing scheme")
	default:
		return Proxy{}, errors.New("invalid proxy URL: scheme must be https, http or file")
	}
	return Proxy{URL: s}, nil
}

// Join returns the address of path below the proxy: one slash between the two, and
// everything in path but its slashes escaped for a URL.
func (p Proxy) Join(path string) string {
	u, err := url.Parse(p.URL)
	if err != nil {
		return ""
	}
	path = strings.TrimPrefix(path, "/")
	raw := strings.TrimSuffix(u.EscapedPath(), "/") + "/" + escape(path)
	u.Path = strings.TrimSuffix(u.Path, "/") + "/" + path
	u.RawPath = raw
	return u.String()
}

// Redacted is the base address without user and password, for messages.
func (p Proxy) Redacted() string { return download.Redact(p.URL) }

// IsFile reports whether the proxy is a directory on this machine.
func (p Proxy) IsFile() bool {
	return strings.HasPrefix(strings.ToLower(p.URL), "file:")
}

// escape keeps the slashes: the protocol is laid out so that they can stay.
func escape(path string) string {
	return strings.ReplaceAll(url.PathEscape(path), "%2F", "/")
}
