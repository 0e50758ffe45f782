package profile

import (
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/checksumdb"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goenv"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goproxy"
)

// An Error is what is wrong with the value of a variable.
type Error struct {
	Name    string // of the variable
	Value   string // what is wrong with it, or all of it, without a password
	Problem string // "is a URL"
	Want    string // how to write it
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s: %s %s", e.Name, strconv.Quote(e.Value), e.Problem)
}

const (
	wantProxy    = "write it like https://proxy.example,direct"
	wantDatabase = "write it like sum.golang.org, off, or a key and a URL"
	wantPatterns = "write it like corp.example,*.corp.example,github.com/you"
)

// Check says what is wrong with a variable. The error is an [*Error]. An empty
// value is wrong as well: a profile that does not have a variable does not name it.
func Check(v goenv.Var) error {
	problem := func(value, text, want string) error {
		return &Error{v.Name, Redacted(value), Redacted(text), want}
	}
	switch {
	case !slices.Contains(variables, v.Name):
		return problem(v.Value, "is for a variable that no profile sets", "there are "+strings.Join(variables, ", "))
	case strings.TrimSpace(v.Value) == "":
		return problem(v.Value, "is empty", "leave it out")
	case strings.ContainsFunc(v.Value, unicode.IsControl):
		return problem(v.Value, "has a control character", "write it without tabs and line breaks")
	}
	var value, text, want string
	switch v.Name {
	case "GOPROXY":
		value, text = checkProxy(v.Value)
		want = wantProxy
	case "GOSUMDB":
		value, text = v.Value, checkDatabase(v.Value)
		want = wantDatabase
	default:
		value, text = checkPatterns(v.Value)
		want = wantPatterns
	}
	if text == "" {
		return nil
	}
	return problem(value, text, want)
}

// checkProxy is stricter than the go command, which ignores what stands behind
// direct and off: whoever writes that means something else.
func checkProxy(list string) (value, problem string) {
	last := ""
	for entry := range strings.FieldsFuncSeq(list, func(r rune) bool { return r == ',' || r == '|' }) {
		entry = strings.TrimSpace(entry)
		if last != "" {
			return list, "goes on after " + last + ", where the list ends"
		}
		switch u, err := url.Parse(entry); {
		case entry == "":
		case entry == "direct" || entry == "off":
			last = entry
		case strings.ContainsFunc(entry, unicode.IsSpace):
			return entry, "has a blank in it"
		case err == nil && u.Scheme != "" && strings.Contains(entry, "://") && !slices.Contains([]string{"https", "http", "file"}, u.Scheme):
			return entry, "is no https, http or file URL"
		case err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host == "":
			return entry, "has no host"
		default:
			if _, err := goproxy.Parse(entry); err != nil {
				return entry, "is no URL, and neither direct nor off"
			}
		}
	}
	if _, err := goproxy.Parse(list); err != nil {
		return list, "has no entry"
	}
	return "", ""
}

func checkDatabase(setting string) (problem string) {
	if _, err := checksumdb.ParseGOSUMDB(setting); err != nil {
		return "is no checksum database: " + strings.TrimPrefix(err.Error(), "parse GOSUMDB: ")
	}
	return ""
}

// checkPatterns wants what module.MatchPrefixPatterns can match. That says nothing
// of a pattern which is none.
func checkPatterns(list string) (value, problem string) {
	found := false
	for glob := range strings.SplitSeq(list, ",") {
		if glob == "" {
			continue
		}
		found = true
		_, err := path.Match(glob, "")
		switch {
		case strings.Contains(glob, "://"):
			return glob, "is a URL, and the path of a module has no scheme"
		case strings.ContainsFunc(glob, unicode.IsSpace):
			return glob, "has a blank in it, and then matches nothing"
		case strings.HasPrefix(glob, "/"):
			return glob, "begins with a slash, and then matches nothing"
		case strings.HasSuffix(glob, "/..."):
			return glob, "ends in dots, but a pattern is for all below it anyway"
		case err != nil:
			return glob, "is no pattern: a [ or a \\ is not closed"
		}
	}
	if !found {
		return list, "has no pattern"
	}
	return "", ""
}

var userinfo = regexp.MustCompile(`(://[^/@,|]*:)[^/@,|]*@`)

// Redacted is a text that can be shown to others: passwords in URLs are left out.
func Redacted(text string) string { return userinfo.ReplaceAllString(text, "${1}xxxxx@") }
