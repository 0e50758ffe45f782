package config

import (
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
)

// A ValueError says that a value is not what its key needs.
type ValueError struct {
	Text string // `"soon" is not a duration`
	Want string // how to write it: "write it like 10m or 30s"
}

func (e *ValueError) Error() string { return e.Text }

func not(value, problem, want string) error {
	return &ValueError{strconv.Quote(value) + " " + problem, want}
}

// Check says what is wrong with a value of this key, wherever it is from. The
// error is a [*ValueError]. An empty value is that of a key which is not set, so
// nothing is wrong with it.
func (k Key) Check(value string) error {
	switch {
	case value == "":
		return nil
	case strings.ContainsFunc(value, unicode.IsControl):
		return not(value, "has a control character", "write it without tabs and line breaks")
	case k.Path && !filepath.IsAbs(value) && !strings.HasPrefix(value, "~/"):
		return not(value, "is not an absolute path", `begin it with "/" or "~/"`)
	case k.check == nil:
		return nil
	}
	return k.check(value)
}

// sources are the names that pkg/release has sources for, and auto.
var sources = []string{"auto", "official", "goproxy", "bundle"}

func checkSources(value string) error {
	items := split(value)
	for _, name := range items {
		if !slices.Contains(sources, name) || name == "auto" && len(items) > 1 {
			return &ValueError{fmt.Sprintf("no source is called %q", name), "there are official, goproxy and bundle, or auto alone"}
		}
	}
	return nil
}

func checkURLs(value string) error {
	for _, item := range split(value) {
		u, err := url.Parse(item)
		if err != nil || !slices.Contains([]string{"https", "http", "file"}, u.Scheme) {
			return not(item, "is not a URL", "begin it with https://")
		}
	}
	return nil
}

func checkDuration(value string) error {
	if d, err := time.ParseDuration(value); err != nil || d <= 0 {
		return not(value, "is not a duration", "write it like 10m or 30s")
	}
	return nil
}

func checkQuery(value string) error {
	if _, err := goversion.ParseQuery(value); err != nil {
		return not(value, "is not a version", "write it like 1.22.5, 1.22 or latest")
	}
	return nil
}

// checkToolchain knows the syntax that https://go.dev/doc/toolchain#select gives
// to GOTOOLCHAIN. The go command refuses to run with anything else.
func checkToolchain(value string) error {
	least, more, plus := strings.Cut(value, "+")
	named := least == "local" || strings.HasPrefix(least, "go1") && !strings.Contains(least, " ")
	modes := []string{"auto", "path"}
	if slices.Contains(modes, value) || named && (!plus || slices.Contains(modes, more)) {
		return nil
	}
	return not(value, "is not a GOTOOLCHAIN", "write it like local, auto, path, go1.22.5 or go1.22.5+auto")
}

// split is a comma list without what is empty.
func split(value string) (items []string) {
	for item := range strings.SplitSeq(value, ",") {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}
