package doctor

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// slowly takes for each look-up as long as it says.
type slowly struct{ Trier }

func (s slowly) Miss(ctx context.Context, dir string) (time.Duration, error) {
	took, err := s.Trier.Miss(ctx, dir)
	time.Sleep(took)
	return took, err
}

// Drives that are slow are not asked for longer than it takes to say so.
func TestMissCostEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := readMachine(t, "windows-path-slow")
		d.env["PATH"] = "/usr/bin:/mnt/c/Windows:/mnt/c/Windows/System32:/mnt/c/Users"
		d.facts["miss"] = [][]string{{"/mnt/c", "600ms"}}
		m := d.machine()
		m.Try = slowly{m.Try}
		f := lookWindowsPath(t.Context(), m)
		require.Equal(t, Warning, f.Status)
		require.Contains(t, f.Text, "costs at least 1200.0 ms more")
	})
}
