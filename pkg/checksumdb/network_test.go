package checksumdb_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/checksumdb"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/download"
)

// TestReal asks the real database through the real proxy. scripts/test sets
// GOLANG_WSL_TEST_NETWORK=1; a CI without it is misconfigured, so it fails there.
func TestReal(t *testing.T) {
	if os.Getenv("GOLANG_WSL_TEST_NETWORK") != "1" {
		if os.Getenv("CI") == "true" {
			t.Fatal("GOLANG_WSL_TEST_NETWORK=1 is not set, and CI must not skip this")
		}
		t.Skip("GOLANG_WSL_TEST_NETWORK=1 is not set")
	}
	setting, err := exec.Command("go", "env", "GOPROXY").Output()
	require.NoError(t, err)
	o := checksumdb.Options{
		GOSUMDB:  "off", // which does not switch it off
		Proxies:  proxies(t, strings.TrimSpace(string(setting))),
		CacheDir: t.TempDir(),
		Download: &download.Client{},
	}
	const version, h1 = "v0.0.1-go1.25.3.linux-amd64", "h1:OsvRiFtt0A9JsTaoQsnFK4wKOOAY2UtJvkOT+Djl7tQ="
	rec, err := open(t, o).Lookup(t.Context(), mod, version)
	require.NoError(t, err)
	require.Equal(t, h1, rec.H1)
	require.EqualValues(t, 45036002, rec.ID)
	require.Greater(t, rec.TreeSize, rec.ID)
	require.Equal(t, "sum.golang.org", rec.DB)

	_, err = open(t, o).Lookup(t.Context(), mod, "v0.0.1-go1.99.99.linux-amd64")
	require.ErrorIs(t, err, checksumdb.ErrNotFound)

	o.Proxies = proxies(t, "https://unreachable.invalid")
	rec, err = open(t, o).Lookup(t.Context(), mod, version)
	require.NoError(t, err, "what was looked up once needs no network")
	require.Equal(t, h1, rec.H1)
}
