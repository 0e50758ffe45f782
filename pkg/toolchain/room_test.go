package toolchain

import (
	"testing"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/release"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// An install that cannot fit is not begun: nobody is asked for a byte.
func TestRoom(t *testing.T) {
	for _, format := range []release.Format{release.TarGz, release.Zip} {
		w := newWorld(t, format)
		w.artifact.Size = 1 << 50
		i := w.installer(t)
		_, _, err := i.Install(t.Context(), w.artifact.Version)
		require.ErrorAs(t, err, new(*SpaceError))
		require.ErrorIs(t, err, unix.ENOSPC)
		require.Zero(t, w.served.Load())
		require.Empty(t, leftovers(t, i.Store))
	}
}
