package release

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPlatform(t *testing.T) {
	for _, tt := range []struct {
		p                     Platform
		archive, module, text string
	}{
		{Platform{"linux", "amd64"}, "linux-amd64", "linux-amd64", "linux/amd64"},
		{Platform{"linux", "arm"}, "linux-armv6l", "linux-arm", "linux/arm"},
		{Platform{"linux", "arm64"}, "linux-arm64", "linux-arm64", "linux/arm64"},
		{Platform{"freebsd", "arm"}, "freebsd-arm", "freebsd-arm", "freebsd/arm"},
	} {
		require.Equal(t, tt.archive, tt.p.Archive())
		require.Equal(t, tt.module, tt.p.Module())
		require.Equal(t, tt.text, tt.p.String())
		back, ok := parseArchive(tt.archive)
		require.True(t, ok)
		require.Equal(t, tt.p, back)
	}
	for _, s := range []string{"", "linux", "linux-", "-amd64", "linux-arm", "darwin-amd64-osx10.8", "src"} {
		_, ok := parseArchive(s)
		require.False(t, ok, s)
	}
}
