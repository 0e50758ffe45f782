package trace_test

import (
	"io"
	"os"
	"runtime"
	rt "runtime/trace"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// A sink counts what is written to it.
type sink struct {
	w io.Writer
	n atomic.Int64
}

func (s *sink) Write(p []byte) (int, error) {
	n, err := s.w.Write(p)
	s.n.Add(int64(n))
	return n, err
}

// churn records what this process does until there are so many bytes of it: goroutines
// that come and go, wake each other from stacks of many kinds, make system calls,
// yield, and allocate.
func churn(t testing.TB, w io.Writer, bytes int64) {
	t.Helper()
	s := &sink{w: w}
	require.NoError(t, rt.Start(s))
	var all sync.WaitGroup
	for i := range 4 * runtime.GOMAXPROCS(0) {
		all.Go(func() {
			null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
			if err != nil {
				return
			}
			defer null.Close()
			for n := i; s.n.Load() < bytes; n++ {
				deep(n%30, n&7, func() { turn(n, null) })
			}
		})
	}
	all.Wait()
	rt.Stop()
}

// deep calls f from as many stacks as there are values of depth and way.
//
//go:noinline
func deep(depth, way int, f func()) {
	switch {
	case depth == 0:
		f()
	case way&1 == 0:
		deep(depth-1, way>>1, f)
	default:
		deeper(depth-1, way>>1, f)
	}
}

//go:noinline
func deeper(depth, way int, f func()) { deep(depth, way, f) }

var kept atomic.Pointer[[]byte]

//go:noinline
func turn(n int, null *os.File) {
	switch n % 4 {
	case 0:
		answer := make(chan int)
		go func() { answer <- n }()
		<-answer
	case 1:
		_, _ = null.Write([]byte("x"))
	case 2:
		runtime.Gosched()
	default:
		b := make([]byte, 512)
		kept.Store(&b)
	}
}
