package toolchain

import (
	"errors"
	"testing"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/checksumdb"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/release"
	"github.com/stretchr/testify/require"
)

func version(t testing.TB, s string) goversion.Version {
	t.Helper()
	v, err := goversion.Parse(s)
	require.NoError(t, err)
	return v
}

// The whole rule, one line a case: what is known, what was found, what follows.
func TestJudge(t *testing.T) {
	const right, wrong = "right", "wrong"
	unreachable := errors.New("no route to host")
	forged := &checksumdb.SecurityError{DB: "sum.golang.org", Summary: "misbehaviour"}
	const ok, noted, mismatch, unverified, forgery = "ok", "noted", "mismatch", "unverified", "forgery"
	tests := []struct {
		version string
		format  release.Format
		sum     string // "" where none is published
		h1      string
		log     error
		want    string
	}{
		{"1.25.3", release.TarGz, right, right, nil, ok},
		{"1.25.3", release.TarGz, wrong, right, nil, mismatch},
		{"1.25.3", release.TarGz, right, wrong, nil, mismatch},
		{"1.25.3", release.TarGz, wrong, wrong, nil, mismatch},
		{"1.25.3", release.TarGz, "", right, nil, ok},
		{"1.25.3", release.TarGz, "", wrong, nil, mismatch},
		{"1.25.3", release.TarGz, right, "", unreachable, noted},
		{"1.25.3", release.TarGz, wrong, "", unreachable, mismatch},
		{"1.25.3", release.TarGz, "", "", unreachable, unverified},
		{"1.25.3", release.TarGz, right, "", checksumdb.ErrNotFound, noted},
		{"1.25.3", release.TarGz, right, "", forged, forgery},
		{"1.25.3", release.Zip, "", right, nil, ok},
		{"1.25.3", release.Zip, "", wrong, nil, mismatch},
		{"1.25.3", release.Zip, "", "", unreachable, unverified},
		{"1.25.3", release.Zip, "", "", forged, forgery},
		// Only a tarball that is older than cmd/distpack may differ from the log.
		{"1.20.14", release.TarGz, right, wrong, nil, noted},
		{"1.20.14", release.TarGz, right, right, nil, ok},
		{"1.20.14", release.TarGz, wrong, wrong, nil, mismatch},
		{"1.20.14", release.TarGz, "", wrong, nil, mismatch},
		{"1.20.14", release.TarGz, "", right, nil, ok},
		{"1.20.14", release.Zip, "", wrong, nil, mismatch},
		{"1.20.14", release.TarGz, right, "", forged, forgery},
		{"1.21rc2", release.TarGz, right, wrong, nil, mismatch},
		{"1.21.0", release.TarGz, right, wrong, nil, mismatch},
		{"1.4.3", release.TarGz, right, wrong, nil, noted},
	}
	for _, test := range tests {
		e := Evidence{Version: version(t, test.version), Archive: "archive", Format: test.format, SHA256: right, H1: right, LogErr: test.log}
		if test.sum != "" {
			e.WantSHA256 = right
			e.SHA256 = test.sum
		}
		if test.log == nil {
			e.WantH1, e.H1 = right, test.h1
		}
		notes, err := Judge(e)
		got := ok
		switch {
		case errors.As(err, new(*checksumdb.SecurityError)):
			got = forgery
		case errors.As(err, new(*MismatchError)):
			got = mismatch
		case errors.As(err, new(*UnverifiedError)):
			got = unverified
		case len(notes) > 0:
			got = noted
		}
		require.Equal(t, test.want, got, "%+v: %v %v", test, notes, err)
	}
}
