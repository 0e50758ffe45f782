package httploop

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// Overflow is the key under which a run says whether the accept queue was made to
// overflow: "provoked", or why not.
const Overflow = "accept-queue-overflow"

const (
	shortQueue = 1                      // what listen(2) is asked for; the kernel adds one
	tries      = 8                      // connections, of which the last ones do not fit
	hangs      = 500 * time.Millisecond // nothing else on the loopback takes as long
	retried    = 4 * time.Second        // the SYN is sent again after 1 s, and after 2 or 3
)

// overflow fills the accept queue of a listener from which nobody accepts, and looks
// at what the kernel counts and what the client sees: a connect that hangs until its
// SYN is sent again.
func (s *state) overflow(ctx context.Context) error {
	before, errBefore := s.counters()
	took, answered, err := flood(ctx)
	if err != nil {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		s.key(Overflow, "not provoked: "+err.Error())
		return nil
	}
	after, errAfter := s.counters()
	grown := listening{after.overflows - before.overflows, after.drops - before.drops}
	told := errors.Join(errBefore, errAfter)
	if told == nil {
		s.value("ListenOverflows/by=purpose", "count", bench.Diagnostic, float64(grown.overflows))
		s.value("ListenDrops/by=purpose", "count", bench.Diagnostic, float64(grown.drops))
	}
	if took > 0 {
		s.value("ConnectToFullQueue", "ns", bench.Diagnostic, float64(took))
	}
	s.key(Overflow, verdict(answered, took, grown, told))
	return nil
}

// verdict says what happened. Both sides must have seen it: the counters are those
// of all programs.
func verdict(answered int, took time.Duration, grown listening, told error) string {
	switch {
	case answered == tries:
		return fmt.Sprintf("not provoked: a queue of %d took %d connections", shortQueue, tries)
	case told != nil:
		return fmt.Sprintf("unknown: a connect hung, and nobody counts: %v", told)
	case grown.overflows < 1 || grown.drops < 1:
		return "unknown: a connect hung, but the kernel has not counted it"
	case took == 0:
		return "provoked, and the connect was never answered, although there was room again"
	}
	return "provoked"
}

// flood connects until one is not answered, then makes room, and says for how long
// that one had to wait in all: 0 is for ever. The others were answered.
func flood(ctx context.Context) (took time.Duration, answered int, err error) {
	listener, err := listen(0, shortQueue)
	if err != nil {
		return 0, 0, err
	}
	defer listener.close()
	to, err := listener.address()
	if err != nil {
		return 0, 0, err
	}
	for ; answered < tries; answered++ {
		client, err := newSocket()
		if err != nil {
			return 0, answered, err
		}
		defer client.close()
		begin := time.Now()
		if err := client.connect(to); err != nil {
			return 0, answered, err
		}
		ok, err := client.connected(ctx, hangs)
		if err != nil {
			return 0, answered, err
		}
		if ok {
			continue
		}
		if err := drain(ctx, listener); err != nil {
			return 0, answered, err
		}
		if ok, err = client.connected(ctx, retried); ok {
			took = time.Since(begin)
		}
		return took, answered, err
	}
	return 0, answered, nil
}

// drain takes all connections that are in the queue.
func drain(ctx context.Context, listener *socket) error {
	for {
		conn, err := listener.accept(ctx, 0)
		if conn == nil || err != nil {
			return err
		}
		conn.close()
	}
}
