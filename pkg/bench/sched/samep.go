package sched

import "github.com/golang-wsl/asdf-golang-wsl/pkg/bench"

// sameP is B1: two goroutines that hand each other a channel. Who sends becomes who
// waits, so that the other runs next on the same P. It is the cost of a hand-off;
// load never shows in it, as the two share one time slice.
func sameP(s *state, _ method, b budget) (bench.Series, error) {
	ping, pong := make(chan struct{}), make(chan struct{})
	go func() {
		for range ping {
			pong <- struct{}{}
		}
		close(pong)
	}()
	series := s.batched(b, func() { ping <- struct{}{}; <-pong }, 2)
	close(ping)
	<-pong // closed: the other has ended
	return series, nil
}
