package trace

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"

	exptrace "golang.org/x/exp/trace"
)

const (
	batchSize = 2048 // events, of some 100 bytes
	inFlight  = 4    // batches
	tellEach  = 1 << 20
)

// A batch is events, and how many bytes have been read by then.
type batch struct {
	events []exptrace.Event
	read   int64
}

// read has a goroutine read the events, and gives them to the analyzer here. Where two
// CPUs are free that takes as long as the reader alone; the analyzer needs two thirds
// of its time.
func (a *analyzer) read(ctx context.Context, f *framing, progress func(int64)) error {
	full, empty := make(chan batch, inFlight), make(chan []exptrace.Event, inFlight)
	for range inFlight {
		empty <- make([]exptrace.Event, batchSize)
	}
	stop, failed := make(chan struct{}), make(chan error, 1)
	defer close(stop)
	go func() {
		defer close(full)
		failed <- produce(f, full, empty, stop)
	}()
	var told int64
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case b, ok := <-full:
			if !ok {
				return <-failed
			}
			if err := ctx.Err(); err != nil {
				return err
			}
			for i := range b.events {
				a.event(&b.events[i])
			}
			if a.failed != nil {
				return damaged(a.failed)
			}
			if last := len(b.events) < batchSize; progress != nil && (last || b.read-told >= tellEach) {
				told = b.read
				progress(told)
			}
			empty <- b.events[:batchSize]
		}
	}
}

// produce fills batches until the end, or until stop. The last one is not full. The
// reader panics at some traces that are damaged.
func produce(f *framing, full chan<- batch, empty <-chan []exptrace.Event, stop <-chan struct{}) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = f.explain(fmt.Errorf("%v", p))
		}
	}()
	header, err := f.header()
	if err != nil {
		return err
	}
	reader, err := exptrace.NewReader(bufio.NewReaderSize(io.MultiReader(bytes.NewReader(header), f), 1<<16))
	for err == nil {
		var b batch
		select {
		case b.events = <-empty:
		case <-stop:
			return nil
		}
		n := 0
		for n < len(b.events) {
			if b.events[n], err = reader.ReadEvent(); err != nil {
				break
			}
			n++
		}
		full <- batch{b.events[:n], f.read}
	}
	return f.explain(err)
}

// explain finds what an error of the reader comes from: nil is the end of a trace.
func (f *framing) explain(err error) error {
	switch {
	case f.err != nil && f.err != io.EOF:
		return f.err
	case err == io.EOF && f.whole():
		return nil
	case f.err == io.EOF && !f.lost && !f.whole():
		return ErrTruncated
	}
	return damaged(err)
}
