package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/download"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/network"
)

// What a described machine does, apart from what it has:
//
//	says PATH COMMAND        the command line COMMAND writes that file
//	fails PATH COMMAND       it fails, with that file on stderr
//	modeless DIR             modes do not stick below DIR
//	folds DIR                DIR takes a and A for the same name
//	noexec DIR               programs below DIR are not run
//	readonly DIR [denied]    nothing can be written below DIR, by its file system; denied:
//	                         by its modes
//	free DIR BYTES FILES     so much room is left where DIR is
//	miss DIR DURATION        so long takes a look-up in DIR that fails
//	race TEXT                a program with -race writes that; late: it takes too long
//	resolve HOST DURATION    so long takes the name; HOST REASON [TEXT]: it fails
//	get URL STATUS [SKEW]    what begins with URL has that status, from a clock that is
//	                         ahead by SKEW; the word page instead is a login page
//	get URL REASON [TEXT]    it fails; TEXT is who signed the certificate
//	cert URL FROM UNTIL      when that certificate begins and ends, as dates; a SKEW behind
//	                         them is of the server that redirected there
//	dial ADDRESS REASON      that is how connecting fails
//
// What nobody has said is as it should be: modes stick, there is room, every
// server answers at once with 200, and its clock is right.
type behaviour struct {
	d *described
	// The last words of each directive, by the first.
	facts map[string][][]string
}

var behaviours = map[string]bool{
	"says": true, "fails": true, "modeless": true, "folds": true, "noexec": true, "readonly": true, "free": true, "miss": true, "race": true,
	"resolve": true, "get": true, "cert": true, "dial": true,
}

// find is what was said of the longest prefix of a name.
func (b behaviour) find(verb, name string) (words []string, ok bool) {
	for _, fact := range b.facts[verb] {
		if strings.HasPrefix(name, fact[0]) && (!ok || len(fact[0]) > len(words[0])) {
			words, ok = fact, true
		}
	}
	return words, ok
}

func (b behaviour) run(_ context.Context, name string, args ...string) ([]byte, error) {
	line := strings.Join(append([]string{name}, args...), " ")
	for _, fact := range b.facts["says"] {
		if strings.Join(fact[1:], " ") == line {
			return b.d.fs[rel(fact[0])].Data, nil
		}
	}
	for _, fact := range b.facts["fails"] {
		if strings.Join(fact[1:], " ") == line {
			return nil, errors.New(strings.TrimSpace(string(b.d.fs[rel(fact[0])].Data)))
		}
	}
	if file := b.d.runs[name]; file != "" {
		return b.d.fs[rel(file)].Data, nil
	}
	return nil, errors.New("exec format error")
}

// there holds the checks to what a Trier asks of them.
func (b behaviour) there(dir string) {
	if m := (&Machine{Root: b.d.fs}); !m.exists(dir) {
		panic("tried in " + dir + ", which is not there")
	}
}

func (b behaviour) Modes(_ context.Context, dir string) (bool, error) {
	b.there(dir)
	_, bad := b.find("modeless", dir)
	return !bad, nil
}

func (b behaviour) FoldsCase(_ context.Context, dir string) (bool, error) {
	b.there(dir)
	_, bad := b.find("folds", dir)
	return bad, nil
}

func (b behaviour) Runs(_ context.Context, dir string) (bool, error) {
	b.there(dir)
	_, bad := b.find("noexec", dir)
	return !bad, nil
}

func (b behaviour) Writes(_ context.Context, dir string) error {
	b.there(dir)
	words, bad := b.find("readonly", dir)
	switch {
	case !bad:
		return nil
	case len(words) > 1:
		return &fs.PathError{Op: "open", Path: dir, Err: syscall.EACCES}
	}
	return &fs.PathError{Op: "open", Path: dir, Err: syscall.EROFS}
}

func (b behaviour) Free(_ context.Context, dir string) (bytes, files uint64, err error) {
	b.there(dir)
	words, ok := b.find("free", dir)
	if !ok {
		return 100 << 30, 1 << 20, nil
	}
	bytes, err = strconv.ParseUint(words[1], 10, 64)
	if err != nil {
		return 0, 0, err
	}
	files, err = strconv.ParseUint(words[2], 10, 64)
	return bytes, files, err
}

func (b behaviour) Miss(_ context.Context, dir string) (time.Duration, error) {
	b.there(dir)
	if words, ok := b.find("miss", dir); ok {
		return time.ParseDuration(words[1])
	}
	return 2 * time.Microsecond, nil
}

func (b behaviour) Race(context.Context, string) (string, error) {
	if words := b.facts["race"]; len(words) > 0 && words[0][0] == "late" {
		return "", context.DeadlineExceeded
	} else if len(words) > 0 {
		return strings.Join(words[0], " "), nil
	}
	return "WARNING: DATA RACE", nil
}

func (b behaviour) Resolve(_ context.Context, host string) (time.Duration, error) {
	words, ok := b.find("resolve", host)
	if !ok {
		return 5 * time.Millisecond, nil
	}
	took, err := time.ParseDuration(words[1])
	if err != nil {
		return 0, &network.Error{URL: host, Stage: network.AtName, Reason: network.Reason(words[1]), Err: errors.New(strings.Join(words[1:], " "))}
	}
	return took, nil
}

// Proxy knows of NO_PROXY as much as the machines need: suffixes of hosts.
func (b behaviour) Proxy(address string) (string, error) {
	u, err := url.Parse(address)
	if err != nil {
		return "", err
	}
	for suffix := range strings.SplitSeq(cmp.Or(b.d.env["NO_PROXY"], b.d.env["no_proxy"]), ",") {
		if suffix != "" && strings.HasSuffix(u.Hostname(), suffix) {
			return "", nil
		}
	}
	if u.Scheme == "http" {
		return cmp.Or(b.d.env["HTTP_PROXY"], b.d.env["http_proxy"]), nil
	}
	return cmp.Or(b.d.env["HTTPS_PROXY"], b.d.env["https_proxy"]), nil
}

func (b behaviour) Get(_ context.Context, address string) (*network.Trip, error) {
	words, ok := b.find("get", address)
	if !ok {
		words = []string{address, "200"}
	}
	trip := &network.Trip{
		URL: address, Received: now, Date: now, FirstByte: 40 * time.Millisecond, Total: 50 * time.Millisecond,
		Issuers: []string{"CN=WE2,O=Google Trust Services,C=US"}, Body: body(address),
	}
	status, err := strconv.Atoi(words[1])
	if err != nil {
		return nil, b.failure(address, words)
	}
	trip.Status = status
	if len(words) > 2 && words[2] == "page" {
		trip.Body = []byte("<!DOCTYPE html><html><body>please log in</body></html>")
	} else if len(words) > 2 {
		skew, err := time.ParseDuration(words[2])
		if err != nil {
			return nil, err
		}
		trip.Date = now.Add(skew)
	}
	return trip, nil
}

// body is what a module proxy or a checksum database sends.
func body(address string) []byte {
	switch {
	case strings.HasSuffix(address, ".mod"):
		return []byte("module golang.org/x/text\n")
	case strings.HasSuffix(address, "/latest"):
		return []byte(latestHead)
	}
	return nil
}

// latestHead is what sum.golang.org has signed.
const latestHead = `go.sum database tree
71909756
iHqVxqh8cyFgqTcentUiEjZ88MD/U2r6w+0h9y1wcFA=

— sum.golang.org Az3gruqca1CkvBUmiVQwTbA/gaUFzmjGdeKsltdaxDjB0sALZnZFiokxoLeuELkWgcacVEQfWPJ8/AdDoOHPspHuDgk=
`

func (b behaviour) failure(address string, words []string) error {
	bad := &network.Error{URL: download.Redact(address), Stage: network.AtConnect, Reason: network.Reason(words[1]), Err: errors.New("it says " + words[1])}
	switch bad.Reason {
	case network.Clock, network.Authority, network.Hostname:
		bad.Stage, bad.NotBefore, bad.NotAfter = network.AtTLS, now.AddDate(0, -1, 0), now.AddDate(0, 1, 0)
	}
	if len(words) > 2 {
		bad.Issuers = []string{strings.Join(words[2:], " ")}
	}
	if dates, ok := b.find("cert", address); ok {
		bad.NotBefore, _ = time.Parse(time.DateOnly, dates[1])
		bad.NotAfter, _ = time.Parse(time.DateOnly, dates[2])
		if len(dates) > 3 {
			skew, _ := time.ParseDuration(dates[3])
			bad.Date = now.Add(skew)
		}
	}
	return bad
}

func (b behaviour) Dial(_ context.Context, address string) error {
	if words, bad := b.find("dial", address); bad {
		return &network.Error{URL: address, Stage: network.AtConnect, Reason: network.Reason(words[1]), Err: fmt.Errorf("dial: %s", words[1])}
	}
	return nil
}

// Passwords are in settings, and never in what is said of them.
func TestNoPasswordIsShown(t *testing.T) {
	for _, name := range machineNames(t) {
		results, err := Run(t.Context(), readMachine(t, name).machine(), append(networkChecks(), settingChecks()...), time.Minute)
		require.NoError(t, err)
		require.NotContains(t, fmt.Sprintf("%+v", results), "hunter2", name)
	}
}

func TestBehaviour(t *testing.T) {
	d := &described{fs: fstest.MapFS{"tmp/x": {Mode: fs.ModeDir}}}
	b := behaviour{d, map[string][][]string{"free": {{"/", "5", "6"}, {"/tmp", "7", "8"}}}}
	bytes, files, err := b.Free(t.Context(), "/tmp/x")
	require.NoError(t, err)
	require.Equal(t, []uint64{7, 8}, []uint64{bytes, files})
	require.NoError(t, b.Dial(t.Context(), "a.example:443"), "nobody has said anything of it")
}
