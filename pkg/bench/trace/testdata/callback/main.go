// Callback writes a trace of goroutines that C calls into being to stdout: some threads
// of C, one after the other and two at a time, each of which calls Go some times and
// is gone. The runtime gives such goroutines the numbers of others that are gone.
package main

/*
#include <pthread.h>
#include <unistd.h>

extern void fromC(int n);

static void *thread(void *n) {
	for (int i = 0; i < 3; i++) {
		fromC((int)(long)n);
		usleep(100);
	}
	return 0;
}

static int threads(int n) {
	pthread_t a, b;
	for (long i = 0; i < n; i++) {
		if (pthread_create(&a, 0, thread, (void *)i) || pthread_create(&b, 0, thread, (void *)i))
			return 1;
		pthread_join(a, 0);
		pthread_join(b, 0);
	}
	return 0;
}
*/
import "C"

import (
	"os"
	"runtime/trace"
	"syscall"
	"time"
)

//export fromC
func fromC(n C.int) {
	var b [1]byte
	if f, err := os.Open(os.DevNull); err == nil {
		_, _ = syscall.Read(int(f.Fd()), b[:])
		f.Close()
	}
	if n%4 == 0 {
		time.Sleep(100 * time.Microsecond)
	}
}

func main() {
	if err := trace.Start(os.Stdout); err != nil {
		panic(err)
	}
	if C.threads(20) != 0 {
		panic("no threads")
	}
	trace.Stop()
}
