package bundle

import (
	"bytes"
	"io"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"
	"github.com/ulikunitz/xz"
)

// What the writer writes is read by the library, and by xz where there is one.
func TestXZWriter(t *testing.T) {
	for _, size := range []int{0, 1, 2, 3, 4, 5, xzChunkSize - 1, xzChunkSize, xzChunkSize + 1, 3*xzChunkSize + 7} {
		for _, step := range []int{1000, 1 << 20} {
			want := make([]byte, size)
			for i := range want {
				want[i] = byte(i * i >> 3)
			}
			var packed bytes.Buffer
			w := newXZWriter(&packed)
			for rest := want; len(rest) > 0; {
				n, err := w.Write(rest[:min(step, len(rest))])
				require.NoError(t, err)
				rest = rest[n:]
			}
			require.NoError(t, w.Close())

			r, err := xz.NewReader(bytes.NewReader(packed.Bytes()))
			require.NoError(t, err)
			got, err := io.ReadAll(r)
			require.NoError(t, err)
			require.True(t, bytes.Equal(want, got), "%d bytes", size)
			if tool, err := exec.LookPath("xz"); err == nil {
				cmd := exec.Command(tool, "-dc")
				cmd.Stdin = &packed
				got, err := cmd.Output()
				require.NoError(t, err)
				require.True(t, bytes.Equal(want, got), "%d bytes", size)
			}
		}
	}
}

func TestXZWriterError(t *testing.T) {
	w := newXZWriter(failing{})
	_, err := w.Write(make([]byte, 2*xzChunkSize))
	require.ErrorIs(t, err, io.ErrShortWrite)
	require.ErrorIs(t, w.Close(), io.ErrShortWrite)
}

type failing struct{}

func (failing) Write([]byte) (int, error) { return 0, io.ErrShortWrite }
