package httploop

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// What tries find, in words that are the same in each run.
const (
	spreads    = "connections spread over two listeners of one port"
	allToOne   = "two listeners share a port, and one of them gets all connections"
	portTaken  = "a port in TIME_WAIT is still taken a second later"
	portAgain  = "a port in TIME_WAIT is used again a second later"
	inSYN      = "data is in the SYN"
	afterwards = "data waits for the handshake"
)

// tryBacklog asks for a long queue, and then how long it is. In a listener's TCP_INFO
// "sacked" is that.
func tryBacklog(context.Context) string {
	const asked = 1 << 16
	s, err := listen(0, asked)
	if err != nil {
		return err.Error()
	}
	defer s.close()
	info, err := unix.GetsockoptTCPInfo(s.fd, unix.IPPROTO_TCP, unix.TCP_INFO)
	if err != nil {
		return fmt.Sprintf("TCP_INFO: %v", err)
	}
	if info.Sacked == 0 {
		return "the kernel does not tell how long a queue is"
	}
	return fmt.Sprintf("who asks for a queue of %d gets %d", asked, info.Sacked)
}

// tryReusePort has two listeners on one port, and connects often: that all fall to
// one by chance is impossible.
func tryReusePort(ctx context.Context) string {
	const connections = 64
	reuse := option{unix.SOL_SOCKET, unix.SO_REUSEPORT, 1}
	first, err := listen(0, connections, reuse)
	if err != nil {
		return err.Error()
	}
	defer first.close()
	to, err := first.address()
	if err != nil {
		return err.Error()
	}
	second, err := listen(to.Port, connections, reuse)
	if err != nil {
		return fmt.Sprintf("the second of two: %v", err)
	}
	defer second.close()
	accepted := make(map[*socket]int)
	for range connections {
		client, err := dial(ctx, to)
		if err != nil {
			return err.Error()
		}
		defer client.close()
		for _, l := range []*socket{first, second} { // at once: queues may be short here
			conn, err := l.accept(ctx, 0)
			if err != nil {
				return err.Error()
			}
			if conn != nil {
				defer conn.close()
				accepted[l]++
			}
		}
	}
	if len(accepted) < 2 {
		return allToOne
	}
	return spreads
}

// optSynData is in tcpi_options where the data of a SYN was acknowledged
// (linux/tcp.h, TCPI_OPT_SYN_DATA).
const optSynData = 32

// tryFastOpen connects twice with data: the first connection is given the cookie that
// the second needs.
func tryFastOpen(ctx context.Context) string {
	listener, err := listen(0, 16, option{unix.IPPROTO_TCP, unix.TCP_FASTOPEN, 16})
	if err != nil {
		return err.Error()
	}
	defer listener.close()
	to, err := listener.address()
	if err != nil {
		return err.Error()
	}
	found := ""
	for range 2 {
		if found, err = fastOpen(ctx, listener, to); err != nil {
			return err.Error()
		}
	}
	return found
}

func fastOpen(ctx context.Context, listener *socket, to unix.Sockaddr) (string, error) {
	client, err := newSocket()
	if err != nil {
		return "", err
	}
	defer client.close()
	if err := unix.Sendto(client.fd, []byte("x"), unix.MSG_FASTOPEN, to); err != nil && err != unix.EINPROGRESS {
		return "", fmt.Errorf("sendto with MSG_FASTOPEN: %w", err)
	}
	if ok, err := client.connected(ctx, time.Second); err != nil {
		return "", err
	} else if !ok {
		return "", errors.New("connect with MSG_FASTOPEN: no answer")
	}
	conn, err := listener.accept(ctx, time.Second)
	if err != nil {
		return "", err
	}
	if conn != nil {
		defer conn.close()
	}
	info, err := unix.GetsockoptTCPInfo(client.fd, unix.IPPROTO_TCP, unix.TCP_INFO)
	if err != nil {
		return "", fmt.Errorf("TCP_INFO: %w", err)
	}
	if info.Options&optSynData != 0 {
		return inSYN, nil
	}
	return afterwards, nil
}

// optPortRange is IP_LOCAL_PORT_RANGE of linux/in.h, since Linux 6.3.
const optPortRange = 51

// tryPortAgain ends a connection, and a second later connects again with only that
// port to choose from. A socket that is bound to it would be no test: it gets the
// port whatever the setting is.
func tryPortAgain(ctx context.Context) string {
	listener, err := listen(0, 16)
	if err != nil {
		return err.Error()
	}
	defer listener.close()
	to, err := listener.address()
	if err != nil {
		return err.Error()
	}
	port, err := usedPort(ctx, listener, to)
	if err != nil {
		return err.Error()
	}
	again, err := newSocket()
	if err != nil {
		return err.Error()
	}
	defer again.close()
	if err := unix.SetsockoptInt(again.fd, unix.IPPROTO_IP, optPortRange, port|port<<16); err != nil {
		return fmt.Sprintf("not tried: IP_LOCAL_PORT_RANGE: %v", err)
	}
	select {
	case <-ctx.Done():
		return ""
	case <-time.After(1200 * time.Millisecond):
	}
	err = again.connect(to)
	if err == nil {
		var ok bool
		if ok, err = again.connected(ctx, time.Second); ok {
			return portAgain
		}
	}
	if errors.Is(err, unix.EADDRNOTAVAIL) {
		return portTaken
	}
	return fmt.Sprintf("connect: %v", err)
}

// usedPort is the port of a client that has closed first, so that its side is in
// TIME_WAIT.
func usedPort(ctx context.Context, listener *socket, to unix.Sockaddr) (int, error) {
	client, err := dial(ctx, to)
	if err != nil {
		return 0, err
	}
	from, err := client.address()
	client.close()
	if err != nil {
		return 0, err
	}
	conn, err := listener.accept(ctx, time.Second)
	if conn != nil {
		conn.close()
	}
	return from.Port, err
}
