package network_test

import (
	"bytes"
	"context"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/network"
)

func TestResolve(t *testing.T) {
	took, err := network.Resolve(t.Context(), nil, "localhost")
	require.NoError(t, err)
	require.Positive(t, took)

	_, err = network.Resolve(t.Context(), nil, "name.invalid")
	var bad *network.Error
	require.ErrorAs(t, err, &bad)
	requireFailure(t, bad, network.AtName, network.NoName)
	require.Equal(t, "name.invalid", bad.URL)

	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err = network.Resolve(ctx, silentResolver(t), "proxy.example")
	require.ErrorAs(t, err, &bad)
	requireFailure(t, bad, network.AtName, network.NoServer)
}

// silentResolver asks a server that never answers.
func silentResolver(t *testing.T) *net.Resolver {
	t.Helper()
	socket, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = socket.Close() })
	return resolverAt(socket.LocalAddr().String())
}

func resolverAt(address string) *net.Resolver {
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "udp", address)
	}}
}

// loopbackNames is a server for names at which each name has both loopback addresses
// (RFC 1035, section 4).
func loopbackNames(t *testing.T) string {
	t.Helper()
	socket, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = socket.Close() })
	go func() {
		for {
			query := make([]byte, 512)
			n, from, err := socket.ReadFrom(query)
			if err != nil {
				return
			}
			end := 12 + bytes.IndexByte(query[12:n], 0) + 5 // name, type, class
			address := net.IPv6loopback
			if query[end-3] == 1 { // type A
				address = net.IPv4(127, 0, 0, 1).To4()
			}
			answer := append(query[:2:2], 0x81, 0x80, 0, 1, 0, 1, 0, 0, 0, 0)
			answer = append(answer, query[12:end]...)
			answer = append(answer, 0xc0, 12, 0, query[end-3], 0, 1, 0, 0, 0, 60, 0, byte(len(address)))
			_, _ = socket.WriteTo(append(answer, address...), from)
		}
	}()
	return socket.LocalAddr().String()
}

func TestDial(t *testing.T) {
	srv := serve(t, halves)
	require.NoError(t, network.Dial(t.Context(), strings.TrimPrefix(srv.URL, "http://")))
	var bad *network.Error
	require.ErrorAs(t, network.Dial(t.Context(), "127.0.0.1:"+deadPort(t)), &bad)
	requireFailure(t, bad, network.AtConnect, network.Refused)
	require.ErrorAs(t, network.Dial(t.Context(), "name.invalid:3128"), &bad)
	requireFailure(t, bad, network.AtName, network.NoName)
}
