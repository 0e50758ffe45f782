// Tiny allocates, for gctrace lines of whatever Go builds it.
package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"time"
)

var keep [][]byte

func main() {
	fmt.Fprintln(os.Stderr, "begins")
	for i := 0; i < 4000; i++ {
		b := make([]byte, 16<<10)
		if keep = append(keep, b); len(keep) > 200 {
			keep = keep[100:]
		}
		if i%1000 == 0 {
			fmt.Fprintf(os.Stderr, "step %d, no newline ", i)
		}
	}
	fmt.Fprintln(os.Stderr, "calls the collector")
	runtime.GC()
	if len(os.Args) > 1 { // long enough for sysmon to force one
		time.Sleep(125 * time.Second)
	}
	var s debug.GCStats
	debug.ReadGCStats(&s)
	fmt.Fprintf(os.Stderr, "NumGC=%d PauseTotal=%d\n", s.NumGC, int64(s.PauseTotal))
}
