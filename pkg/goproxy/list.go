package goproxy

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/download"
)

var (
	// ErrOff says that the list came to "off": nothing further may be fetched.
	ErrOff = errors.New("module lookup disabled by GOPROXY=off")
	// ErrNone says that no proxy is left to ask: the list is empty or came to "direct".
	ErrNone = errors.New("GOPROXY names no proxy")
)

// A List is a parsed GOPROXY setting. The zero List names no proxy.
type List struct {
	entries []Entry
	end     string // "off", "direct" or ""
}

// An Entry is a proxy in its place in a list.
type Entry struct {
	Proxy
	// OnError is true before a pipe: any error leads to the next entry.
	OnError bool
}

// Parse reads a GOPROXY setting. The empty string is the zero List; a setting with
// separators and no entry is an error, as in cmd/go. Errors name an entry by its
// place and never quote a password.
func Parse(s string) (List, error) {
	var l List
	if s == "" {
		return l, nil
	}
	for n := 1; s != "" && l.end == ""; n++ {
		word, onError := s, false
		if i := strings.IndexAny(s, ",|"); i >= 0 {
			word, onError, s = s[:i], s[i] == '|', s[i+1:]
		} else {
			s = ""
		}
		switch word = strings.TrimSpace(word); word {
		case "":
			continue
		case "off", "direct":
			l.end = word
			continue
		}
		p, err := parseProxy(withScheme(word))
		if err != nil {
			return List{}, fmt.Errorf("parse GOPROXY: entry %d: %w", n, err)
		}
		l.entries = append(l.entries, Entry{p, onError})
	}
	if len(l.entries) == 0 && l.end == "" {
		return List{}, errors.New("parse GOPROXY: list is not the empty string, but contains no entries")
	}
	return l, nil
}

// withScheme completes "proxy.example/go". A single word without dot, colon or
// slash is reserved for the go command ("noproxy") and stays as it is, to be refused.
func withScheme(word string) string {
	if strings.ContainsAny(word, ".:/") && !strings.Contains(word, ":/") &&
		!filepath.IsAbs(word) && !path.IsAbs(word) {
		return "https://" + word
	}
	return word
}

// Proxies returns the proxies in their order, without "direct" and "off".
func (l List) Proxies() []Proxy {
	out := make([]Proxy, len(l.entries))
	for i, e := range l.entries {
		out[i] = e.Proxy
	}
	return out
}

// Entries returns the proxies in their order, each with what leads past it.
func (l List) Entries() []Entry { return slices.Clone(l.entries) }

// End is what the list comes to: "direct", "off", or "" where it just stops.
func (l List) End() string { return l.end }

// String is the setting with its passwords redacted.
func (l List) String() string {
	var b strings.Builder
	for i, e := range l.entries {
		b.WriteString(e.Proxy.Redacted())
		if i == len(l.entries)-1 && l.end == "" {
			break
		}
		if e.OnError {
			b.WriteByte('|')
		} else {
			b.WriteByte(',')
		}
	}
	return b.String() + l.end
}

// Each calls fn with one proxy after the other until fn returns nil or an error
// after which the list does not continue, and returns the most telling error: the
// last that is more than "not found", else the last. Not found is what
// [IsNotFound] says. A list that comes to its end after nothing but "not found"
// gives [ErrOff] if it ends in "off", and [ErrNone] if it had no proxy.
// A context that is done ends the walk.
func (l List) Each(ctx context.Context, fn func(Proxy) error) error {
	return l.EachDirect(ctx, fn, nil)
}

// EachDirect is Each for what can be had without a proxy: where the list comes to
// "direct", it returns direct(), whatever the proxies said before.
func (l List) EachDirect(ctx context.Context, fn func(Proxy) error, direct func() error) error {
	var best error
	for _, e := range l.entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := fn(e.Proxy)
		if err == nil {
			return nil
		}
		if !IsNotFound(err) || best == nil || IsNotFound(best) {
			best = err
		}
		if !e.OnError && !IsNotFound(err) {
			return best
		}
	}
	switch {
	case l.end == "direct" && direct != nil:
		return direct()
	case l.end == "off" && (best == nil || IsNotFound(best)):
		return ErrOff
	case best == nil:
		return ErrNone
	}
	return best
}

// IsNotFound reports whether err makes a list go on after a comma: 404 and 410
// from a server, a missing file, or the end of another list.
func IsNotFound(err error) bool {
	return download.IsNotFound(err) || errors.Is(err, fs.ErrNotExist) ||
		errors.Is(err, ErrOff) || errors.Is(err, ErrNone)
}
