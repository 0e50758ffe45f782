package trace_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/trace"
)

func analyzeError(t *testing.T, r io.Reader) error {
	t.Helper()
	report, err := trace.Analyze(t.Context(), r, trace.Options{})
	if err != nil {
		require.Nil(t, report)
	}
	return err
}

func TestNoTrace(t *testing.T) {
	for text, want := range map[string]error{
		"":                                  trace.ErrEmpty,
		"go 1.2":                            trace.ErrTruncated,
		"go":                                trace.ErrTruncated,
		"gopher":                            trace.ErrForeign,
		"goos: linux\nBenchmarkX 1 2 ns/op": trace.ErrForeign,
		"\x1f\x8b\x08 a gzip of something":  trace.ErrForeign,
		"go 1.26 trace\x00\x00":             trace.ErrTruncated,
		"go 1.26 trace\x00\x00\x01":         trace.ErrForeign,
		"go 1.026 trace\x00\x00":            trace.ErrForeign,
		"go 1.+5 trace\x00\x00\x00":         trace.ErrForeign,
		"go 1.26 trace\x00\x00\x00":         trace.ErrTruncated,
		"go 1.22 trace\x00\x00\x00":         trace.ErrTruncated,
		"go 1.22 trace\x00\x00\x00garbage":  trace.ErrDamaged,
	} {
		require.ErrorIs(t, analyzeError(t, bytes.NewReader([]byte(text))), want, "%q", text)
	}
}

func TestOtherVersions(t *testing.T) {
	for minor, newer := range map[int]bool{5: false, 11: false, 19: false, 21: false, 27: true, 99: true} {
		err := analyzeError(t, bytes.NewReader(fmt.Appendf(nil, "go 1.%d trace\x00\x00\x00\x00", minor)[:16]))
		version := (*trace.VersionError)(nil)
		require.ErrorAs(t, err, &version)
		require.Equal(t, minor, version.Minor)
		require.Equal(t, newer, version.Newer())
		require.ErrorContains(t, err, fmt.Sprintf("Go 1.%d", minor))
	}
}

// Of a trace each part is refused, but for those that end just between generations: that
// is how a whole one would look.
func TestTruncated(t *testing.T) {
	for _, version := range versions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			whole := recorded(t, version)
			cuts := append(batches(t, whole), len(whole)-1, 17, 20)
			for range 20 {
				cuts = append(cuts, 1+rand.IntN(len(whole)-1))
			}
			accepted := make(map[int]bool) // by generations
			for _, n := range cuts {
				report, err := trace.Analyze(t.Context(), bytes.NewReader(whole[:n]), trace.Options{})
				if err == nil && n < len(whole) {
					accepted[report.Generations] = true
				} else if n < len(whole) {
					require.ErrorIs(t, err, trace.ErrTruncated, "%d of %d bytes", n, len(whole))
				}
			}
			require.Len(t, accepted, analyze(t, whole).Generations-1)
		})
	}
}

// batches are the offsets at which batches begin, and the end.
func batches(t *testing.T, b []byte) (offsets []int) {
	t.Helper()
	r := bytes.NewReader(b[16:])
	for {
		offsets = append(offsets, len(b)-r.Len())
		kind, err := r.ReadByte()
		if errors.Is(err, io.EOF) {
			return offsets
		}
		if kind == 52 {
			continue
		}
		require.EqualValues(t, 1, kind)
		var size uint64
		for range 4 {
			size, err = readUvarint(r)
			require.NoError(t, err)
		}
		_, err = r.Seek(int64(size), io.SeekCurrent)
		require.NoError(t, err)
	}
}

func readUvarint(r io.ByteReader) (v uint64, err error) {
	for shift := 0; ; shift += 7 {
		b, err := r.ReadByte()
		if v |= uint64(b&0x7f) << shift; err != nil || b < 0x80 {
			return v, err
		}
	}
}

// A byte that has changed is found, or changes a number; it ends nobody's program.
func TestDamaged(t *testing.T) {
	for _, version := range versions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			whole := recorded(t, version)
			found := 0
			for range 25 {
				b := bytes.Clone(whole)
				b[rand.IntN(len(b))] ^= byte(1 + rand.IntN(255))
				if analyzeError(t, bytes.NewReader(b)) != nil {
					found++
				}
			}
			require.NotZero(t, found)
		})
	}
}

func TestReadErrors(t *testing.T) {
	whole, broken := recorded(t, "go1.26"), errors.New("the disk is broken")
	for _, n := range []int{0, 7, 16, 5000} {
		r := io.MultiReader(bytes.NewReader(whole[:n]), iotest.ErrReader(broken))
		require.ErrorIs(t, analyzeError(t, r), broken, "after %d bytes", n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := trace.Analyze(ctx, bytes.NewReader(recorded(t, "go1.22")), trace.Options{})
	require.ErrorIs(t, err, context.Canceled)
}

// A pipe that nobody writes to does not keep an analysis that has ended.
func TestReadBlocks(t *testing.T) {
	r, w := io.Pipe()
	defer w.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		_, _ = w.Write(recorded(t, "go1.22")[:3000])
		cancel()
	}()
	_, err := trace.Analyze(ctx, r, trace.Options{})
	require.ErrorIs(t, err, context.Canceled)
}

// Whatever the bytes are, there is an error or a report that adds up.
func FuzzAnalyze(f *testing.F) {
	for _, version := range versions {
		f.Add(recorded(f, version))
	}
	f.Add([]byte("go 1.26 trace\x00\x00\x00\x01\x01\x01\x01\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := trace.Analyze(t.Context(), bytes.NewReader(b), trace.Options{})
		if err != nil {
			require.NotContains(t, err.Error(), "\n")
			return
		}
		require.Len(t, r.Verdict(), 5)
		var sum trace.Sum
		for _, s := range r.Syscalls.Sites {
			sum.Count += s.Count
			sum.Total += s.Total
		}
		require.Equal(t, trace.Sum{Count: r.Syscalls.Count, Total: r.Syscalls.Total}, sum)
		require.NoError(t, r.SyscallProfile().CheckValid())
		require.NoError(t, r.SchedulerProfile().CheckValid())
	})
}
