package checksumdb

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/sumdb/note"
)

// A real answer of sum.golang.org. Signatures begin with a dash of U+2014.
const goAnswer = `45036002
golang.org/toolchain v0.0.1-go1.25.3.linux-amd64 h1:OsvRiFtt0A9JsTaoQsnFK4wKOOAY2UtJvkOT+Djl7tQ=
golang.org/toolchain v0.0.1-go1.25.3.linux-amd64/go.mod h1:8wlg68NqwW7eMnI1aABk/C2pDYXj8mrMY4TyRfiLeS0=

go.sum database tree
66393050
Hj8H0GmwlaYk6RersiH+w2hZWpSiODGR1uqVjAE7p30=

` + "\u2014" + ` sum.golang.org Az3grhRMq1VXFDPeoICge4CrOaEPySE4jdUmPtMUaM7ExD2UjRFPpUWOvq27sueT3vRoQ4R0p7wcIDLvbvx5AZRkXgo=
`

func goVerifiers(t testing.TB) note.Verifiers {
	t.Helper()
	v, err := note.NewVerifier(defaultKey)
	require.NoError(t, err)
	return note.VerifierList(v)
}

func TestParseAnswer(t *testing.T) {
	a, err := parseAnswer([]byte(goAnswer), goVerifiers(t))
	require.NoError(t, err)
	require.EqualValues(t, 45036002, a.id)
	require.EqualValues(t, 66393050, a.tree.N)
}

func TestFindH1(t *testing.T) {
	const (
		one = "m v h1:OsvRiFtt0A9JsTaoQsnFK4wKOOAY2UtJvkOT+Djl7tQ="
		two = "m v h1:8wlg68NqwW7eMnI1aABk/C2pDYXj8mrMY4TyRfiLeS0="
	)
	for _, lines := range [][]string{{one}, {one, one}, {"m v h2:x", one}, {"m v", one}} {
		h1, err := findH1(lines)
		require.NoError(t, err)
		require.Equal(t, one[4:], h1)
	}
	for want, lines := range map[string][]string{
		"not about this module": {"m v h2:x"},
		"two hashes":            {one, two},
		"malformed hash":        {"m v h1:OsvR"},
		`malformed hash "h1:"`:  {"m v h1:"},
	} {
		h1, err := findH1(lines)
		require.ErrorContains(t, err, want)
		require.Empty(t, h1)
	}
}

// FuzzAnswer: every answer is taken or refused for a stated reason, and no change to
// the signed head is taken.
func FuzzAnswer(f *testing.F) {
	verifiers := goVerifiers(f)
	f.Add([]byte(goAnswer), "/lookup/golang.org/toolchain@v0.0.1-go1.25.3.linux-amd64")
	f.Add([]byte("<html>"), "/tile/8/0/001.p/3")
	f.Add(make([]byte, 8192), "/tile/8/1/x001/002")
	f.Fuzz(func(t *testing.T, data []byte, path string) {
		if err := checkAnswer(path, data, verifiers); err != nil {
			require.True(t, errors.Is(err, errForm) || errors.Is(err, errSignature), err)
			require.NotContains(t, err.Error(), "\n")
			return
		}
		if isLookup(path) {
			a, err := parseAnswer(data, verifiers)
			require.NoError(t, err)
			require.EqualValues(t, 66393050, a.tree.N, "only this head is signed")
		}
	})
}

func FuzzFindH1(f *testing.F) {
	f.Add("m v h1:OsvRiFtt0A9JsTaoQsnFK4wKOOAY2UtJvkOT+Djl7tQ=", "m v h1:=")
	f.Fuzz(func(t *testing.T, one, two string) {
		h1, err := findH1([]string{one, two})
		if err == nil {
			require.Len(t, h1, len("h1:")+44)
			require.Contains(t, one+" "+two, h1)
		}
	})
}
