package httploop

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// A path is one way from the client to the server.
type path struct {
	network string // "ipv4", "ipv6", "unix"
	keep    bool   // connections, from one request to the next
}

func (p path) String() string {
	return fmt.Sprintf("net=%s/keepalive=%s", p.network, map[bool]string{true: "on", false: "off"}[p.keep])
}

// paths are all ways that there are here, in the order in which they are measured.
func (s *state) paths() (list []path) {
	for _, network := range []string{"ipv4", "ipv6", "unix"} {
		if network == "ipv6" && s.addresses.IPv6 == "" {
			continue
		}
		list = append(list, path{network, true}, path{network, false})
	}
	return list
}

// longest is how long one request may take. One that fails counts as long.
const longest = 5 * time.Second

// newClient is a client for one path, with its own connections, at most so many.
// Nobody's proxy is asked.
func (s *state) newClient(p path, connections int) (client *http.Client, url string) {
	transport := &http.Transport{
		DisableKeepAlives:   !p.keep,
		DisableCompression:  true,
		MaxIdleConns:        connections,
		MaxIdleConnsPerHost: connections,
		MaxConnsPerHost:     connections,
	}
	url = "http://" + s.addresses.IPv4 + "/"
	switch p.network {
	case "ipv6":
		url = "http://" + s.addresses.IPv6 + "/"
	case "unix":
		url = "http://unix/"
		transport.DialContext = func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "unix", s.addresses.Unix)
		}
	}
	return &http.Client{Transport: transport, Timeout: longest}, url
}

// A sender sends one request at a time, again and again.
type sender struct {
	client  *http.Client
	request *http.Request
	body    [len(answer) + 1]byte
}

func newSender(ctx context.Context, client *http.Client, url string) (*sender, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	return &sender{client: client, request: request}, err
}

// send returns when the whole answer is there, and is the right one.
func (s *sender) send() error {
	response, err := s.client.Do(s.request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	n, err := io.ReadFull(response.Body, s.body[:])
	if err != io.ErrUnexpectedEOF || response.StatusCode != http.StatusOK || string(s.body[:n]) != answer {
		return fmt.Errorf("something else answers at %s: %s, %q, %w", s.request.URL, response.Status, s.body[:n], err)
	}
	return nil
}
