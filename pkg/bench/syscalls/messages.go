package syscalls

import (
	"bytes"
	"errors"
	"fmt"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

func tryRights(string) error {
	a, b, err := pair(unix.SOCK_STREAM)
	if err != nil {
		return err
	}
	r, w, err := pipe()
	if err != nil {
		return err
	}
	if err := unix.Sendmsg(a, []byte("x"), unix.UnixRights(r), nil, 0); err != nil {
		return err
	}
	rest := make([]byte, unix.CmsgSpace(4))
	_, n, _, _, err := unix.Recvmsg(b, make([]byte, 1), rest, unix.MSG_CMSG_CLOEXEC)
	if err != nil {
		return err
	}
	messages, err := unix.ParseSocketControlMessage(rest[:n])
	if err != nil || len(messages) != 1 {
		return wrongf("%d messages came with the byte, %v", len(messages), err)
	}
	fds, err := unix.ParseUnixRights(&messages[0])
	if err != nil || len(fds) != 1 || fds[0] == r {
		return wrongf("descriptors %v came, %v", fds, err)
	}
	if flags, err := unix.FcntlInt(uintptr(fds[0]), unix.F_GETFD, 0); err != nil || flags&unix.FD_CLOEXEC == 0 {
		return wrongf("the descriptor that came is kept over exec")
	}
	if err := send(w, "through"); err != nil {
		return err
	}
	return same([]byte("through"), readFrom(fds[0]))
}

func tryCredentials(string) error {
	a, b, err := pair(unix.SOCK_STREAM)
	if err != nil {
		return err
	}
	if err := unix.SetsockoptInt(b, unix.SOL_SOCKET, unix.SO_PASSCRED, 1); err != nil {
		return fmt.Errorf("SO_PASSCRED: %w", err)
	}
	if err := send(a, "x"); err != nil {
		return err
	}
	rest := make([]byte, unix.CmsgSpace(unix.SizeofUcred))
	_, n, _, _, err := unix.Recvmsg(b, make([]byte, 1), rest, 0)
	if err != nil {
		return err
	}
	messages, err := unix.ParseSocketControlMessage(rest[:n])
	if err != nil || len(messages) != 1 {
		return wrongf("%d messages came with the byte, %v", len(messages), err)
	}
	who, err := unix.ParseUnixCredentials(&messages[0])
	if err != nil || int(who.Pid) != unix.Getpid() || int(who.Uid) != unix.Getuid() {
		return wrongf("it came from %+v, %v", who, err)
	}
	return nil
}

func tryManyMessages(string) error {
	a, b, err := pair(unix.SOCK_DGRAM)
	if err != nil {
		return err
	}
	texts := []string{"one", "three"}
	for way, nr := range []uintptr{unix.SYS_SENDMMSG, unix.SYS_RECVMMSG} {
		messages := make([]unix.Mmsghdr, len(texts))
		for i, text := range texts {
			data := []byte(text)
			if way == 1 {
				data = make([]byte, 16)
			}
			v := &unix.Iovec{Base: &data[0]}
			v.SetLen(len(data))
			messages[i].Hdr.Iov, messages[i].Hdr.Iovlen = v, 1
		}
		fd := []int{a, b}[way]
		n, _, errno := unix.Syscall6(nr, uintptr(fd), uintptr(unsafe.Pointer(&messages[0])), uintptr(len(messages)), 0, 0, 0)
		if errno != 0 {
			return errno
		}
		for i, text := range texts {
			got := unsafe.Slice(messages[i].Hdr.Iov.Base, len(text))
			if int(n) != len(texts) || int(messages[i].Len) != len(text) || string(got) != text {
				return wrongf("%d messages; number %d has %d bytes: %q", n, i, messages[i].Len, got)
			}
		}
	}
	return nil
}

func trySegments(string) error {
	var fds [2]int
	for i := range fds {
		fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
		if err == nil {
			err = unix.Bind(fd, loopback4())
		}
		if err != nil {
			return setup("a socket", err)
		}
		fds[i] = fd
	}
	to, err := unix.Getsockname(fds[1])
	if err != nil {
		return setup("getsockname", err)
	}
	if err := unix.SetsockoptInt(fds[0], unix.IPPROTO_UDP, unix.UDP_SEGMENT, 100); err != nil {
		return err
	}
	data := pattern(250)
	if err := unix.Sendto(fds[0], data, 0, to); err != nil {
		return fmt.Errorf("sendto: %w", err)
	}
	for _, want := range [][]byte{data[:100], data[100:200], data[200:]} {
		if err := ready(fds[1], "of a packet"); err != nil {
			return err
		}
		got := make([]byte, 300)
		if n, err := unix.Read(fds[1], got); err != nil || !bytes.Equal(got[:n], want) {
			return wrongf("a packet of %d bytes came, %v, not of %d", n, err, len(want))
		}
	}
	return nil
}

func tryNetlink(string) error {
	tab, err := syscall.NetlinkRIB(syscall.RTM_GETLINK, syscall.AF_UNSPEC)
	if err != nil {
		return err
	}
	messages, err := syscall.ParseNetlinkMessage(tab)
	if err != nil {
		return wrongf("the answer cannot be read: %v", err)
	}
	for i := range messages {
		attrs, err := syscall.ParseNetlinkRouteAttr(&messages[i])
		if err == nil && messages[i].Header.Type == syscall.RTM_NEWLINK && len(attrs) > 0 {
			return nil
		}
	}
	return wrongf("there is no network interface, not even lo")
}

func tryVsock(string) error {
	fd, err := unix.Socket(unix.AF_VSOCK, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	return unix.Bind(fd, &unix.SockaddrVM{CID: unix.VMADDR_CID_ANY, Port: unix.VMADDR_PORT_ANY})
}

func tryRaw(string) error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.IPPROTO_ICMP)
	if err != nil {
		return err
	}
	const sum = ^uint16(0x0800 + 'g'<<8 + 'o')
	ping := []byte{8, 0, byte(sum >> 8), byte(sum & 255), 'g', 'o', 0, 0}
	if err := unix.Sendto(fd, ping, 0, loopback4()); err != nil {
		return fmt.Errorf("sendto: %w", err)
	}
	for {
		if err := ready(fd, "of an answer to ping"); err != nil {
			return err
		}
		b := make([]byte, 1500)
		n, err := unix.Read(fd, b)
		if err != nil && !errors.Is(err, unix.EAGAIN) {
			return err
		}
		if n >= 28 && b[20] == 0 && bytes.Equal(b[24:26], []byte("go")) {
			return nil
		}
	}
}
