package bench_test

import (
	"context"
	"fmt"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/sched"
)

func Example() {
	probe := sched.New(sched.Options{Quick: true, Only: []string{"C3"}})
	run, err := bench.Once(context.Background(), probe)
	if err != nil {
		fmt.Println(err) // and run has what there is so far
	}
	for _, s := range run.Series {
		lo, hi, _ := s.Interval(0.99, 0.95)
		fmt.Println("p99:", s.Quantile(0.99) > 0, lo <= s.Quantile(0.99) && s.Quantile(0.99) <= hi, s.Unit)
	}
	fmt.Println("disturbed or not:", run.Clean() == (len(run.Marks) == 0))
	// Output:
	// p99: true true ns
	// disturbed or not: true
}
