package readahead_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/readahead"
)

func TestSameBytes(t *testing.T) {
	content := make([]byte, 10_000)
	_, _ = rand.NewChaCha8([32]byte{}).Read(content)
	for _, size := range []int{1, 7, 999, 10_000, 20_000} {
		ahead := readahead.New(t.Context(), iotest.HalfReader(bytes.NewReader(content)), size, 3)
		require.NoError(t, iotest.TestReader(ahead, content), "chunks of %d", size)
		ahead.Stop()

		ahead = readahead.New(t.Context(), bytes.NewReader(content), size, 3)
		first := make([]byte, 10)
		_, err := io.ReadFull(ahead, first)
		require.NoError(t, err)
		var rest bytes.Buffer
		n, err := ahead.WriteTo(&rest)
		require.NoError(t, err)
		require.EqualValues(t, len(content)-10, n)
		require.Equal(t, content, append(first, rest.Bytes()...), "chunks of %d", size)
		ahead.Stop()
	}
}

// A stream that was cut off says so with io.ErrUnexpectedEOF, as gzip does. Taken
// for the end it would make half a stream a whole one.
func TestErrorsComeAfterTheBytesBefore(t *testing.T) {
	broken := errors.New("the line broke")
	for _, fault := range []error{broken, io.ErrUnexpectedEOF} {
		r := io.MultiReader(bytes.NewReader([]byte("half a")), iotest.ErrReader(fault))
		ahead := readahead.New(t.Context(), r, 4, 2)
		got, err := io.ReadAll(ahead)
		require.Equal(t, "half a", string(got))
		require.Equal(t, fault, err)
		_, err = ahead.Read(make([]byte, 1))
		require.Equal(t, fault, err, "and again")
		ahead.Stop()
	}
}

// full is a disk that is full.
type full struct{}

var errFull = errors.New("the disk is full")

func (full) Write([]byte) (int, error) { return 0, errFull }

func TestWriteToStopsWithTheWriter(t *testing.T) {
	ahead := readahead.New(t.Context(), &endless{}, 10, 2)
	defer ahead.Stop()
	_, err := ahead.WriteTo(full{})
	require.ErrorIs(t, err, errFull)
}

// endless has no end. It counts what was read of it.
type endless struct{ read int }

func (e *endless) Read(p []byte) (int, error) {
	e.read += len(p)
	return len(p), nil
}

func TestStopWaitsAndReadsNoMore(t *testing.T) {
	source := &endless{}
	ahead := readahead.New(t.Context(), source, 10, 4)
	_, err := io.ReadFull(ahead, make([]byte, 25))
	require.NoError(t, err)
	ahead.Stop()
	// The race detector says whether the goroutine is gone. It has read the three
	// chunks that were taken, and at most four more.
	require.LessOrEqual(t, source.read, 70)
}

func TestEndsWithItsContext(t *testing.T) {
	gone := errors.New("the user went away")
	ctx, cancel := context.WithCancelCause(t.Context())
	ahead := readahead.New(ctx, &endless{}, 10, 2)
	cancel(gone)
	_, err := io.Copy(io.Discard, ahead)
	require.ErrorIs(t, err, gone)
	ahead.Stop()
}
