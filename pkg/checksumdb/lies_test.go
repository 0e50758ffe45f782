package checksumdb_test

import (
	"bytes"
	"context"
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb"
	"golang.org/x/mod/sumdb/note"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/checksumdb"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goproxy"
)

const (
	known  = "v0.0.1-old3"   // looked up before the server begins to lie
	wanted = "v0.0.1-old333" // logged as well, in a tile of its own, looked up while it lies
)

func lookups(path string) bool { return strings.HasPrefix(path, "/lookup/") }
func tiles(path string) bool   { return strings.HasPrefix(path, "/tile/") }

// only makes a lie of change for the paths that pick selects.
func only(pick func(string) bool, change func([]byte) []byte) func(string, []byte) []byte {
	return func(path string, body []byte) []byte {
		if pick(path) {
			return change(body)
		}
		return body
	}
}

func replace(pattern, by string) func([]byte) []byte {
	re := regexp.MustCompile(pattern)
	return func(body []byte) []byte { return re.ReplaceAll(body, []byte(by)) }
}

func truncate(part float64) func([]byte) []byte {
	return func(body []byte) []byte { return body[:int(float64(len(body))*part)] }
}

func instead(text string) func([]byte) []byte {
	return func([]byte) []byte { return []byte(text) }
}

// resign signs the head of an answer with another key of the same name.
func resign(t *testing.T, skey string) func([]byte) []byte {
	signer, err := note.NewSigner(skey)
	require.NoError(t, err)
	return func(body []byte) []byte {
		record, head, _ := bytes.Cut(body, []byte("\n\n"))
		text, _, _ := bytes.Cut(head, []byte("\n\n"))
		signed, err := note.Sign(&note.Note{Text: string(text) + "\n"}, signer)
		if err != nil {
			return nil
		}
		return append(append(record, "\n\n"...), signed...)
	}
}

// Each lie gets the error that fits it; the state on disk stays as it was, and the
// same directory serves again when the server is honest again.
func TestLies(t *testing.T) {
	f := newFake(t)
	f.history.grow(t, "old", 700)
	foreign, _, err := note.GenerateKey(nil, f.name)
	require.NoError(t, err)
	const page = "<!DOCTYPE html><html><body>Welcome to the hotel</body></html>\n"
	security, malformed := new(*checksumdb.SecurityError), new(*goproxy.AnswerError)
	for name, tt := range map[string]struct {
		lie    func(string, []byte) []byte
		target any
		want   string
	}{
		"signature of another key": {only(lookups, resign(t, foreign)), security, "not signed with the key"},
		"head changed":             {only(lookups, replace(`database tree\n700`, "database tree\n699")), security, "invalid signature"},
		"tree hash changed":        {only(lookups, replace(`(database tree\n700\n)....`, "${1}AAAA")), security, "invalid signature"},
		"hash in record changed":   {only(lookups, replace(`h1:....`, "h1:AAAA")), security, "cannot authenticate record"},
		"other record":             {only(lookups, replace(`^333`, "334")), security, "cannot authenticate record"},
		"record beyond the tree":   {only(lookups, replace(`^333`, "700")), security, "cannot validate record 700"},
		"negative record":          {only(lookups, replace(`^333`, "-1")), malformed, "not a record"},
		"bit of a tile":            {only(tiles, func(b []byte) []byte { return flip(b, 77) }), security, "inconsistent tile"},
		"last bit of a tile":       {only(tiles, func(b []byte) []byte { return flip(b, len(b)-1) }), security, "inconsistent tile"},
		"empty tile":               {only(tiles, instead("")), malformed, "0 bytes instead of a tile"},
		"tile truncated":           {only(tiles, truncate(0.5)), malformed, "instead of a tile"},
		"tile too long":            {only(tiles, func(b []byte) []byte { return append(b, 0) }), malformed, "instead of a tile"},
		"tile missing":             {only(tiles, instead404), malformed, "covers this tile"},
		"page for a tile":          {only(tiles, instead(page)), malformed, "HTML page?"},
		"page for a lookup":        {only(lookups, instead(page)), malformed, "HTML page?"},
		"empty lookup":             {only(lookups, instead("")), malformed, "cut off"},
		"lookup cut in record":     {only(lookups, truncate(0.3)), malformed, "cut off"},
		"lookup cut in head":       {only(lookups, truncate(0.8)), malformed, "cut off"},
		"lookup less one byte":     {only(lookups, truncate(0.999)), malformed, "cut off"},
		"huge lookup":              {only(lookups, instead(strings.Repeat("1", 2<<20))), malformed, "larger than"},
		"lookup says not found":    {only(lookups, instead404), nil, "no such module version"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			f.lie(nil)
			f.mustLookup(t, open(t, f.options(dir)), known)
			before := snapshot(t, dir)

			f.lie(tt.lie)
			db := open(t, f.options(dir))
			_, err := db.Lookup(t.Context(), mod, wanted)
			require.ErrorContains(t, err, tt.want)
			require.NotContains(t, err.Error(), "\n")
			if tt.target != nil {
				require.ErrorAs(t, err, tt.target)
				require.NotErrorIs(t, err, checksumdb.ErrNotFound)
			} else {
				require.ErrorIs(t, err, checksumdb.ErrNotFound)
			}
			require.Equal(t, before, snapshot(t, dir))

			f.lie(nil)
			f.mustLookup(t, db, wanted)
		})
	}
}

func instead404([]byte) []byte { return nil }

// A genuine, proven record of another module is no answer.
func TestSubstitution(t *testing.T) {
	f := newFake(t)
	f.history.grow(t, "old", 700)
	answer := httptest.NewRecorder()
	sumdb.NewServer(f.history).ServeHTTP(answer, httptest.NewRequest("GET", "/lookup/"+mod+"@"+known, nil))
	f.lie(only(lookups, instead(answer.Body.String())))
	_, err := open(t, f.options("")).Lookup(t.Context(), mod, wanted)
	require.ErrorAs(t, err, new(*checksumdb.SecurityError))
	require.ErrorContains(t, err, "not about this module version")
}

// Two histories, both signed with the right key: a longer, a shorter and an equally
// long one must all contradict the stored head.
func TestFork(t *testing.T) {
	for name, size := range map[string]int{"longer": 900, "shorter": 600, "equal": 700} {
		t.Run(name, func(t *testing.T) {
			f := newFake(t)
			f.history.grow(t, "old", 700)
			dir := t.TempDir()
			f.mustLookup(t, open(t, f.options(dir)), known)
			before := snapshot(t, dir)
			honest := f.history

			forked := newHistory(f.skey, "forged")
			forked.grow(t, "old", size)
			f.set(func() { f.history = forked })
			_, err := open(t, f.options(dir)).Lookup(t.Context(), mod, wanted)
			var lie *checksumdb.SecurityError
			require.ErrorAs(t, err, &lie)
			require.Contains(t, lie.Error(), "two histories")
			require.NotContains(t, err.Error(), "\n")
			require.Contains(t, lie.Evidence, "go.sum database server misbehavior detected!")
			require.Contains(t, lie.Evidence, "proof of misbehavior:")
			require.Equal(t, "log.example", lie.DB)
			require.Equal(t, before, snapshot(t, dir))

			f.set(func() { f.history = honest })
			f.mustLookup(t, open(t, f.options(dir)), wanted)
		})
	}
}

// Damage on disk is not the server's doing: it is repaired from the network, and
// without one it is a network error that tells of the damage.
func TestDamagedCache(t *testing.T) {
	f := newFake(t)
	f.history.grow(t, "old", 700)
	dir := t.TempDir()
	f.mustLookup(t, open(t, f.options(dir)), known)
	for name, content := range snapshot(t, dir) {
		if strings.HasSuffix(name, "/latest") {
			continue
		}
		for how, damage := range map[string]func([]byte) []byte{
			"flipped": func(b []byte) []byte { return flip(b, len(b)/3) }, "cut": truncate(0.5), "emptied": instead(""),
		} {
			t.Run(how+" "+name, func(t *testing.T) {
				require.NoError(t, os.WriteFile(filepath.Join(dir, name), damage([]byte(content)), 0o644))
				f.set(func() { f.down = true })
				_, err := open(t, f.options(dir)).Lookup(t.Context(), mod, known)
				require.ErrorContains(t, err, "get "+f.url)
				require.False(t, isSecurity(err), err)
				f.set(func() { f.down = false })
				f.mustLookup(t, open(t, f.options(dir)), known)
				require.Equal(t, content, snapshot(t, dir)[name])
			})
		}
	}
}

// A damaged head is not thrown away: it is what the server is held to.
func TestDamagedHead(t *testing.T) {
	f := newFake(t)
	dir := t.TempDir()
	f.mustLookup(t, open(t, f.options(dir)), known)
	head := filepath.Join(dir, "log.example", "latest")
	data, err := os.ReadFile(head)
	require.NoError(t, err)
	for _, damaged := range [][]byte{flip(data, 40), data[:50], []byte("x")} {
		require.NoError(t, os.WriteFile(head, damaged, 0o644))
		_, err = open(t, f.options(dir)).Lookup(t.Context(), mod, known)
		require.ErrorContains(t, err, "read stored tree head "+head)
		require.False(t, isSecurity(err), err)
		require.NotContains(t, err.Error(), "\n")
	}
	require.NoError(t, os.WriteFile(head, nil, 0o644))
	_, err = open(t, f.options(dir)).Lookup(context.Background(), mod, known)
	require.NoError(t, err, "an empty file is the empty tree")
}

func isSecurity(err error) bool {
	return errors.As(err, new(*checksumdb.SecurityError))
}
