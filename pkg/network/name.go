package network

import (
	"cmp"
	"context"
	"errors"
	"net"
	"time"
)

// Resolve is how long it takes to get the addresses of a host. A nil resolver is the
// system's. The error is an [*Error], whose URL is the host.
func Resolve(ctx context.Context, resolver *net.Resolver, host string) (time.Duration, error) {
	begin := time.Now()
	if _, err := cmp.Or(resolver, net.DefaultResolver).LookupNetIP(ctx, "ip", host); err != nil {
		why := (&request{stage: AtName}).reason(err)
		return 0, &Error{URL: host, Stage: AtName, Reason: why, Err: err}
	}
	return time.Since(begin), nil
}

// Dial connects to HOST:PORT, by no proxy, and hangs up. The error is an [*Error],
// whose URL is the address.
func Dial(ctx context.Context, address string) error {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", address)
	if err != nil {
		r := &request{stage: AtConnect}
		if errors.As(err, new(*net.DNSError)) {
			r.stage = AtName
		}
		return &Error{URL: address, Stage: r.stage, Reason: r.reason(err), Err: err}
	}
	return conn.Close()
}
