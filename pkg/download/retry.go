package download

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cenkalti/backoff/v5"
)

const (
	maxTries      = 1000 // in all, however much progress each made
	maxRetryAfter = time.Minute
)

// retry decides what follows a try that failed. Faults marked with
// backoff.Permanent are final; all others are the network's.
type retry struct {
	client *Client
	ctx    context.Context
	url    string // redacted
	pauses *backoff.ExponentialBackOff

	tried int  // in all
	idle  int  // since the last progress
	moved bool // set by whoever sees a new byte
}

func (c *Client) newRetry(ctx context.Context, url string) *retry {
	pauses := backoff.NewExponentialBackOff()
	pauses.Multiplier = 2
	pauses.MaxInterval = 10 * time.Second
	pauses.Reset()
	return &retry{client: c, ctx: ctx, url: url, pauses: pauses}
}

// run repeats once until it succeeds or its fault is final.
func (r *retry) run(once func() error) error {
	for {
		err := once()
		if err == nil {
			return nil
		}
		if err := r.after(err); err != nil {
			return err
		}
	}
}

// after pauses after a try that ended with fault and returns nil where another
// one may follow, else the error for the caller.
func (r *retry) after(fault error) error {
	if err := r.ctx.Err(); err != nil {
		return fmt.Errorf("get %s: %w", r.url, err)
	}
	if r.moved {
		r.moved, r.idle = false, 0
		r.pauses.Reset()
	}
	r.tried++
	r.idle++
	var final *backoff.PermanentError
	if errors.As(fault, &final) {
		if network, ok := final.Err.(*Error); ok {
			network.Tried = r.tried
		}
		return final.Err
	}
	end := &Error{URL: r.url, Tried: r.tried, Err: fault}
	if r.idle >= r.client.tries() || r.tried >= maxTries {
		return end
	}
	pause := r.pause(fault)
	r.client.log(fmt.Sprintf("%s; next try in %s", end, pause.Round(100*time.Millisecond)))
	if err := r.client.sleep(r.ctx, pause); err != nil {
		return fmt.Errorf("get %s: %w", r.url, err)
	}
	return nil
}

// pause is the backoff's, or the server's wish where that is longer.
func (r *retry) pause(fault error) time.Duration {
	pause := r.pauses.NextBackOff()
	var status *StatusError
	if errors.As(fault, &status) {
		pause = max(pause, min(status.wait, maxRetryAfter))
	}
	return pause
}
