package httploop

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"time"
)

// Addresses are where a server answers. As JSON they are one line, for the pipe
// between the two processes.
type Addresses struct {
	IPv4   string `json:"ipv4"`              // "127.0.0.1:41234"
	IPv6   string `json:"ipv6,omitempty"`    // "[::1]:41235"; empty where there is no ::1
	NoIPv6 string `json:"no_ipv6,omitempty"` // why
	Unix   string `json:"unix"`              // the path of the socket
}

// answer is the body of each answer, and health that of /health.
const (
	answer = "Hello, loopback\n"
	health = "ok\n"
)

// Serve answers requests on 127.0.0.1, on ::1 where there is one, and on a unix
// socket in dir until ctx ends, which is no error. It calls ready once all of them
// listen. It is the other half of the probe, for a process of its own.
func Serve(ctx context.Context, dir string, ready func(Addresses)) error {
	return serve(ctx, dir, handler(), ready)
}

func handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, answer) })
	mux.HandleFunc("GET /health", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, health) })
	return mux
}

func serve(ctx context.Context, dir string, h http.Handler, ready func(Addresses)) error {
	listeners, addresses, err := listeners(ctx, dir)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: time.Minute}
	ended := make(chan error, len(listeners))
	for _, l := range listeners {
		go func() { ended <- server.Serve(l) }()
	}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })()
	ready(addresses)
	err = <-ended
	_ = server.Close() // one that has ended takes the others with it
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return fmt.Errorf("serve: %w", err)
}

// listeners are there all, or none.
func listeners(ctx context.Context, dir string) (list []net.Listener, a Addresses, err error) {
	defer func() {
		if err != nil {
			for _, l := range list {
				_ = l.Close()
			}
		}
	}()
	var config net.ListenConfig
	listen := func(network, address string) (string, error) {
		l, err := config.Listen(ctx, network, address)
		if err != nil {
			return "", err
		}
		list = append(list, l)
		return l.Addr().String(), nil
	}
	if a.IPv4, err = listen("tcp4", "127.0.0.1:0"); err != nil {
		return list, a, err
	}
	if a.IPv6, err = listen("tcp6", "[::1]:0"); err != nil {
		a.NoIPv6 = err.Error()
	}
	a.Unix, err = listen("unix", filepath.Join(dir, "http.sock"))
	return list, a, err
}
