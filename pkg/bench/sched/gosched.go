package sched

import (
	"runtime"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// gosched is A1: one pass through the scheduler that finds nothing else to run. It
// says what the scheduler costs, and nothing about waiting.
func gosched(s *state, _ method, b budget) (bench.Series, error) {
	return s.batched(b, runtime.Gosched, 1), nil
}
