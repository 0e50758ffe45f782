package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/network"
)

// What a described machine does, apart from what it has:
//
//	says PATH COMMAND        the command line COMMAND writes that file
//	fails PATH COMMAND       it fails, with that file on stderr
//	modeless DIR             modes do not stick below DIR
//	folds DIR                DIR takes a and A for the same name
//	noexec DIR               programs below DIR are not run
//	free DIR BYTES FILES     so much room is left where DIR is
//	miss DIR DURATION        so long takes a look-up in DIR that fails
//	race TEXT                a program with -race writes that; late: it takes too long
//	resolve HOST DURATION    so long takes the name; HOST REASON: it fails
//	get URL STATUS [SKEW]    what begins with URL has that status, from a clock that is
//	                         ahead by SKEW
//	get URL REASON [TEXT]    it fails; TEXT is who signed the certificate
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
	"says": true, "fails": true, "modeless": true, "folds": true, "noexec": true, "free": true, "miss": true, "race": true,
	"resolve": true, "get": true, "dial": true,
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
		return 0, &network.Error{URL: host, Stage: network.AtName, Reason: network.Reason(words[1]), Err: errors.New(words[1])}
	}
	return took, nil
}

func (b behaviour) Get(_ context.Context, url string) (*network.Trip, error) {
	words, ok := b.find("get", url)
	if !ok {
		words = []string{url, "200"}
	}
	trip := &network.Trip{URL: url, Received: now, Date: now, Total: 50 * time.Millisecond, Issuers: []string{"CN=WE2,O=Google Trust Services,C=US"}}
	status, err := strconv.Atoi(words[1])
	if err != nil {
		failure := &network.Error{URL: url, Stage: network.AtTLS, Reason: network.Reason(words[1]), Err: errors.New("it says " + words[1])}
		failure.NotBefore, failure.NotAfter = now.AddDate(0, -1, 0), now.AddDate(0, 1, 0)
		if len(words) > 2 {
			failure.Issuers = []string{strings.Join(words[2:], " ")}
		}
		return nil, failure
	}
	trip.Status = status
	if len(words) > 2 {
		skew, err := time.ParseDuration(words[2])
		if err != nil {
			return nil, err
		}
		trip.Date = now.Add(skew)
	}
	return trip, nil
}

func (b behaviour) Dial(_ context.Context, address string) error {
	if words, bad := b.find("dial", address); bad {
		return &network.Error{URL: address, Stage: network.AtConnect, Reason: network.Reason(words[1]), Err: fmt.Errorf("dial: %s", words[1])}
	}
	return nil
}

func TestBehaviour(t *testing.T) {
	d := &described{fs: fstest.MapFS{"tmp/x": {Mode: fs.ModeDir}}}
	b := behaviour{d, map[string][][]string{"free": {{"/", "5", "6"}, {"/tmp", "7", "8"}}}}
	bytes, files, err := b.Free(t.Context(), "/tmp/x")
	require.NoError(t, err)
	require.Equal(t, []uint64{7, 8}, []uint64{bytes, files})
	require.NoError(t, b.Dial(t.Context(), "a.example:443"), "nobody has said anything of it")
}
