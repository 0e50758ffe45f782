package syscalls

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// networkTable is sockets, on the loopback device only.

func networkTable() []probe {
	return []probe{
		{name: "accept4", try: tryAccept,
			loses: "net accepts by accept, and descriptors leak into processes that start meanwhile (internal/poll/sock_cloexec.go)"},
		{name: "socket/AF_INET6", try: tryIPv6,
			loses: "no ::1: net takes IPv4 alone, and names that have IPv6 addresses only are out of reach (net/ipsock_posix.go)"},
		{name: "setsockopt/IPV6_V6ONLY", try: tryDualStack,
			loses: "net.Listen(\"tcp\", \":80\") listens on 0.0.0.0 alone (net/ipsock_posix.go, favoriteAddrFamily)"},
		{name: "setsockopt/SO_REUSEPORT", try: tryReusePort,
			loses: "several processes cannot share a port; a new server cannot start before the old one ends"},
		{name: "setsockopt/TCP_KEEPINTVL", try: tryKeepAlive,
			loses: "net.KeepAliveConfig has no effect: connections that died stay (net/tcpsockopt_unix.go)"},
		{name: "setsockopt/TCP_FASTOPEN", try: tryFastOpen,
			loses: "nothing in Go itself; a server's first answer takes a round trip more"},
		{name: "socket/IPPROTO_MPTCP", try: tryMPTCP,
			loses: "net.ListenConfig listens by plain TCP, which is as good mostly (net/mptcpsock_linux.go)"},
		{name: "recvmsg/MSG_CMSG_CLOEXEC", try: tryRights,
			loses: "descriptors got through net.UnixConn leak into processes that start (net/unixsock_readmsg_cmsg_cloexec.go; golang/go#63329)"},
		{name: "recvmsg/SCM_CREDENTIALS", try: tryCredentials,
			loses: "a server on a unix socket does not know who asks; D-Bus, containerd"},
		{name: "recvmmsg", try: tryManyMessages,
			loses: "ReadBatch of golang.org/x/net/ipv4: DNS and QUIC servers take one call a packet"},
		{name: "setsockopt/UDP_SEGMENT", try: trySegments,
			loses: "quic-go and WireGuard send packet by packet, at several times the CPU time"},
		{name: "netlink/RTM_GETLINK", try: tryNetlink,
			loses: "net.Interfaces and net.InterfaceAddrs fail (net/interface_linux.go)"},
		{name: "socket/AF_VSOCK", try: tryVsock,
			loses: "nothing in Go itself; programs that talk to the machine outside (mdlayher/vsock)"},
		{name: "socket/SOCK_RAW", try: tryRaw,
			loses: "ping and traceroute of one's own (golang.org/x/net/icmp). It asks for CAP_NET_RAW"},
	}
}

// loopback4 is 127.0.0.1, any port.

func loopback4() *unix.SockaddrInet4 { return &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}} }

// listen returns a listener and where it is.

func listen(family, proto int, at unix.Sockaddr, options ...[3]int) (fd int, address unix.Sockaddr, err error) {
	fd, err = unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, proto)
	if err != nil {
		return 0, nil, fmt.Errorf("socket: %w", err)
	}
	for _, o := range options {
		if err := unix.SetsockoptInt(fd, o[0], o[1], o[2]); err != nil {
			return 0, nil, fmt.Errorf("setsockopt: %w", err)
		}
	}
	if err := unix.Bind(fd, at); err != nil {
		return 0, nil, fmt.Errorf("bind: %w", err)
	}
	if err := unix.Listen(fd, 128); err != nil {
		return 0, nil, fmt.Errorf("listen: %w", err)
	}
	address, err = unix.Getsockname(fd)
	return fd, address, setup("getsockname", err)
}

func connect(family, proto int, to unix.Sockaddr) (int, error) {
	fd, err := unix.Socket(family, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, proto)
	if err != nil {
		return 0, fmt.Errorf("socket: %w", err)
	}
	if err := again(func() error { return unix.Connect(fd, to) }); err != nil {
		return 0, fmt.Errorf("connect: %w", err)
	}
	return fd, nil
}

// accept takes a connection that should be there at once.

func accept(fd int) (int, error) {
	if err := ready(fd, "of a connection"); err != nil {
		return 0, err
	}
	c, _, err := unix.Accept4(fd, unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK)
	if err != nil {
		return 0, fmt.Errorf("accept4: %w", err)
	}
	return c, nil
}

// talks connects to a listener, and sends a word through.

func talks(server, family, proto int, to unix.Sockaddr) error {
	client, err := connect(family, proto, to)
	if err != nil {
		return err
	}
	c, err := accept(server)
	if err != nil {
		return err
	}
	return passes(client, c)
}

func passes(client, server int) error {
	if err := send(client, "word"); err != nil {
		return err
	}
	if err := ready(server, "of a word"); err != nil {
		return err
	}
	return same([]byte("word"), readFrom(server))
}

func tryAccept(string) error {
	server, at, err := listen(unix.AF_INET, 0, loopback4())
	if err != nil {
		return setup("a server", err)
	}
	if _, err := connect(unix.AF_INET, 0, at); err != nil {
		return setup("a client", err)
	}
	c, err := accept(server)
	if err != nil {
		return err
	}
	onExec, err := unix.FcntlInt(uintptr(c), unix.F_GETFD, 0)
	if err != nil {
		return setup("F_GETFD", err)
	}
	flags, err := unix.FcntlInt(uintptr(c), unix.F_GETFL, 0)
	if err != nil {
		return setup("F_GETFL", err)
	}
	if onExec&unix.FD_CLOEXEC == 0 || flags&unix.O_NONBLOCK == 0 {
		return wrongf("flags of the connection are %#x and %#x", onExec, flags)
	}
	return nil
}

func tryIPv6(string) error {
	at := &unix.SockaddrInet6{Addr: [16]byte{15: 1}}
	server, to, err := listen(unix.AF_INET6, 0, at)
	if err != nil {
		return err
	}
	return talks(server, unix.AF_INET6, 0, to)
}

func tryDualStack(string) error {
	server, at, err := listen(unix.AF_INET6, 0, &unix.SockaddrInet6{}, [3]int{unix.IPPROTO_IPV6, unix.IPV6_V6ONLY, 0})
	if err != nil {
		return err
	}
	to := loopback4()
	to.Port = at.(*unix.SockaddrInet6).Port
	return talks(server, unix.AF_INET, 0, to)
}

// Of 64 connections both of two listeners get some; that one gets all by chance has

// odds of 1 to 2^63.

func tryReusePort(string) error {
	share := [3]int{unix.SOL_SOCKET, unix.SO_REUSEPORT, 1}
	first, at, err := listen(unix.AF_INET, 0, loopback4(), share)
	if err != nil {
		return err
	}
	second, _, err := listen(unix.AF_INET, 0, at, share)
	if err != nil {
		return err
	}
	for range 64 {
		if _, err := connect(unix.AF_INET, 0, at); err != nil {
			return setup("a client", err)
		}
	}
	var got [2]int
	for i, fd := range []int{first, second} {
		for {
			if _, _, err := unix.Accept4(fd, unix.SOCK_CLOEXEC); err != nil {
				break
			}
			got[i]++
		}
	}
	if got[0] == 0 || got[1] == 0 {
		return wrongf("of 64 connections one listener got %d, the other %d", got[0], got[1])
	}
	return nil
}

func tryKeepAlive(string) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return setup("socket", err)
	}
	for option, value := range map[int]int{unix.TCP_KEEPIDLE: 77, unix.TCP_KEEPINTVL: 33, unix.TCP_KEEPCNT: 5} {
		if err := unix.SetsockoptInt(fd, unix.IPPROTO_TCP, option, value); err != nil {
			return err
		}
		if got, err := unix.GetsockoptInt(fd, unix.IPPROTO_TCP, option); err != nil || got != value {
			return wrongf("option %d was set to %d and is %d, %v", option, value, got, err)
		}
	}
	return nil
}

// Data goes with the connection. Whether in its first packet is for

// net.ipv4.tcp_fastopen and for what the two have done before.

func tryFastOpen(string) error {
	server, at, err := listen(unix.AF_INET, 0, loopback4(), [3]int{unix.IPPROTO_TCP, unix.TCP_FASTOPEN, 16})
	if err != nil {
		return err
	}
	client, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return setup("socket", err)
	}
	if err := unix.Sendto(client, []byte("early "), unix.MSG_FASTOPEN, at); err != nil {
		return fmt.Errorf("sendto with MSG_FASTOPEN: %w", err)
	}
	c, err := accept(server)
	if err != nil {
		return err
	}
	if err := ready(c, "of early data"); err != nil {
		return err
	}
	return same([]byte("early "), readFrom(c))
}

func tryMPTCP(string) error {
	server, at, err := listen(unix.AF_INET, unix.IPPROTO_MPTCP, loopback4())
	if err != nil {
		return err
	}
	if err := talks(server, unix.AF_INET, unix.IPPROTO_MPTCP, at); err != nil {
		return err
	}
	return talks(server, unix.AF_INET, 0, at) // who does not know it is served as well
}

// One call makes three packets.

// tryRaw pings this machine.
