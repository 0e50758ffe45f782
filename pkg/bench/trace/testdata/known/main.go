// Known does things that a trace must show, a known number of times each, and writes
// the trace of them to stdout. testdata/record has it run by several versions of Go;
// TestKnown knows the numbers. It needs two CPUs, and GODEBUG=asyncpreemptoff=1, with
// which spin cannot be preempted.
package main

import (
	"os"
	"runtime"
	"runtime/trace"
	"sync"
	"syscall"
	"time"
)

func main() {
	runtime.GOMAXPROCS(2)
	if err := trace.Start(os.Stdout); err != nil {
		panic(err)
	}
	const short, long = 30 * time.Millisecond, 1200 * time.Millisecond
	blockedReads(short, short, short, short, long) // meanwhile a new generation begins
	shortWrites(200)
	wakes(100)
	yields(20)
	spin(60 * time.Millisecond)
	compete(80 * time.Millisecond)
	stops(5)
	allocate(12 << 20)
	trace.Stop()
	runtime.KeepAlive(sink)
}

// blockedReads reads from a pipe that blocks, so that the read has a thread for
// itself and loses its P.
//
//go:noinline
func blockedReads(waits ...time.Duration) {
	var ends [2]int
	if err := syscall.Pipe(ends[:]); err != nil {
		panic(err)
	}
	reads := make(chan time.Duration, 1)
	go func() {
		for wait := range reads {
			time.Sleep(wait)
			if _, err := syscall.Write(ends[1], []byte{1}); err != nil {
				panic(err)
			}
		}
	}()
	for _, wait := range waits {
		reads <- wait
		readOne(ends[0])
	}
	close(reads)
}

//go:noinline
func readOne(fd int) {
	var b [1]byte
	if n, err := syscall.Read(fd, b[:]); n != 1 {
		panic(err)
	}
}

//go:noinline
func shortWrites(n int) {
	fd, err := syscall.Open(os.DevNull, syscall.O_WRONLY, 0)
	if err != nil {
		panic(err)
	}
	for range make([]struct{}, n) {
		if _, err := syscall.Write(fd, []byte{1}); err != nil {
			panic(err)
		}
	}
}

// wakes unblocks a goroutine n times, over two channels, each once at a time.
//
//go:noinline
func wakes(n int) {
	ask, answer := make(chan int), make(chan int)
	go func() {
		for v := range ask {
			answer <- v
		}
	}()
	for i := range make([]struct{}, n) {
		ask <- i
		<-answer
	}
	close(ask)
}

//go:noinline
func yields(n int) {
	for range make([]struct{}, n) {
		runtime.Gosched()
	}
}

// spin has no place where it can be preempted, but its end.
//
//go:noinline
func spin(d time.Duration) {
	begin := time.Now()
	const probe = 1 << 22
	x := turn(probe)
	each := float64(time.Since(begin)) / probe
	runtime.Gosched() // what follows is a run of its own
	sink = x + turn(int(float64(d)/each))
	runtime.Gosched()
}

var sink uint64

//go:noinline
func turn(n int) (x uint64) {
	for i := 0; i < n; i++ {
		x = x*6364136223846793005 + 1442695040888963407
	}
	return x
}

// compete has more goroutines than there are Ps, each with places to be preempted.
//
//go:noinline
func compete(d time.Duration) {
	var all sync.WaitGroup
	end := time.Now().Add(d)
	for range make([]struct{}, 4) {
		all.Add(1)
		go func() {
			defer all.Done()
			for time.Now().Before(end) {
				sink += turn(1000)
			}
		}()
	}
	all.Wait()
}

//go:noinline
func stops(n int) {
	var m runtime.MemStats
	for range make([]struct{}, n) {
		runtime.ReadMemStats(&m)
	}
}

type node struct {
	next *node
	_    [120]byte
}

var list *node

// allocate keeps what it allocates, so that the collector has something to mark, and
// this goroutine to assist with. (runtime.GC would add thousands of yields.)
//
//go:noinline
func allocate(bytes int) {
	for range make([]struct{}, bytes/128) {
		list = &node{next: list}
	}
}
