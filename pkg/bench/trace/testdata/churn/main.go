// Churn writes a trace of itself to stdout: goroutines that come and go, wake each other
// from some hundred stacks, make system calls, yield, and allocate. Its arguments are
// how many bytes it is to be at least, and for how long.
//
//	churn 100000000 10s >trace.out
package main

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/trace"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

func main() {
	if err := churn(os.Stdout, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func churn(w io.Writer, args []string) error {
	size, err := strconv.ParseInt(args[0], 10, 64)
	if err != nil {
		return err
	}
	least, err := time.ParseDuration(args[1])
	if err != nil {
		return err
	}
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	s := &sink{w: w}
	if err := trace.Start(s); err != nil {
		return err
	}
	begin := time.Now()
	var all sync.WaitGroup
	for i := range 4 * runtime.GOMAXPROCS(0) {
		all.Go(func() {
			for n := i; ; n++ {
				done, left := s.n.Load() >= size, time.Since(begin) < least
				if done && !left {
					return
				}
				if left && float64(s.n.Load())*float64(least) > float64(size)*float64(time.Since(begin)) {
					time.Sleep(time.Millisecond)
				}
				deep(n%30, n&7, func() { turn(n, null) })
			}
		})
	}
	all.Wait()
	trace.Stop()
	return s.err
}

// A sink counts what is written to it.
type sink struct {
	w   io.Writer
	n   atomic.Int64
	err error
}

func (s *sink) Write(p []byte) (n int, err error) {
	if n, err = s.w.Write(p); err != nil {
		s.err = err
	}
	s.n.Add(int64(n))
	return n, err
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
