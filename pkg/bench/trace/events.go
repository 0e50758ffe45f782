package trace

import (
	"bufio"
	"context"
	"fmt"
	"io"

	exptrace "golang.org/x/exp/trace"
)

const (
	batchSize = 2048 // events, of some 100 bytes
	inFlight  = 4    // batches
)

// read has a goroutine read the events, and gives them to the analyzer here. Where two
// CPUs are free that takes as long as the reader alone; the analyzer needs two thirds
// of its time. Nobody reads r any more when it returns.
func (a *analyzer) read(ctx context.Context, r io.Reader) error {
	full, empty := make(chan []exptrace.Event, inFlight), make(chan []exptrace.Event, inFlight)
	for range inFlight {
		empty <- make([]exptrace.Event, batchSize)
	}
	stop, failed := make(chan struct{}), make(chan error, 1)
	go func() {
		defer close(full)
		failed <- produce(r, full, empty, stop)
	}()
	var err error
	for batch := range full {
		if err == nil {
			if err = ctx.Err(); err != nil {
				close(stop)
			}
		}
		for i := range batch {
			a.event(&batch[i])
		}
		empty <- batch[:batchSize]
	}
	if failure := <-failed; err == nil {
		err = failure
	}
	return err
}

// produce fills batches until the end, or until stop. The reader panics at some traces
// that are damaged.
func produce(r io.Reader, full chan<- []exptrace.Event, empty <-chan []exptrace.Event, stop <-chan struct{}) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
	}()
	reader, err := exptrace.NewReader(bufio.NewReaderSize(r, 1<<16))
	for err == nil {
		batch, n := <-empty, 0
		for n < len(batch) {
			if batch[n], err = reader.ReadEvent(); err != nil {
				break
			}
			n++
		}
		full <- batch[:n]
		select {
		case <-stop:
			return nil
		default:
		}
	}
	if err == io.EOF {
		return nil
	}
	return err
}
