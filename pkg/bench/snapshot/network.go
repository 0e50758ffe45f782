package snapshot

import (
	"encoding/binary"
	"net"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// queues are what packets wait in. netem delays and drops on purpose.
func (t *taker) queues() {
	list, err := t.Kernel.Queues()
	slices.Sort(list)
	t.say("network", "queues", Setting, "RTM_GETQDISC", strings.Join(list, " "), err)
}

// Queues asks rtnetlink(7) for the queueing disciplines: "lo:noqueue".
func (thisKernel) Queues() (list []string, err error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &unix.Timeval{Sec: 1}); err != nil {
		return nil, err
	}
	// struct nlmsghdr and, all zero, struct tcmsg
	const header, message = 16, 20
	ask := make([]byte, header+message)
	binary.NativeEndian.PutUint32(ask, header+message)
	binary.NativeEndian.PutUint16(ask[4:], unix.RTM_GETQDISC)
	binary.NativeEndian.PutUint16(ask[6:], unix.NLM_F_REQUEST|unix.NLM_F_DUMP)
	if err := unix.Sendto(fd, ask, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return nil, err
	}
	buf := make([]byte, 64<<10)
	for {
		n, _, err := unix.Recvfrom(fd, buf, 0)
		if err != nil {
			return nil, err
		}
		found, done, err := queuesIn(buf[:n])
		list = append(list, found...)
		if done || err != nil {
			return list, err
		}
	}
}

// queuesIn reads the messages of one answer.
func queuesIn(data []byte) (list []string, done bool, err error) {
	const header, message, kindOf = 16, 20, 1 // TCA_KIND
	for len(data) >= header {
		size := int(binary.NativeEndian.Uint32(data))
		if size < header || size > len(data) {
			return list, true, unix.EBADMSG
		}
		body, kind := data[header:size], binary.NativeEndian.Uint16(data[4:])
		data = data[min(len(data), (size+3)&^3):]
		switch {
		case kind == unix.NLMSG_DONE:
			return list, true, nil
		case kind == unix.NLMSG_ERROR && len(body) >= 4:
			return list, true, unix.Errno(-int32(binary.NativeEndian.Uint32(body)))
		case kind != unix.RTM_NEWQDISC || len(body) < message:
			continue
		}
		device := int(int32(binary.NativeEndian.Uint32(body[4:])))
		for rest := body[message:]; len(rest) >= 4; {
			size := int(binary.NativeEndian.Uint16(rest))
			if size < 4 || size > len(rest) {
				break
			}
			if binary.NativeEndian.Uint16(rest[2:]) == kindOf {
				list = append(list, deviceName(device)+":"+unix.ByteSliceToString(rest[4:size]))
			}
			rest = rest[min(len(rest), (size+3)&^3):]
		}
	}
	return list, false, nil
}

// deviceName is "2" where the device is gone by now.
func deviceName(index int) string {
	if device, err := net.InterfaceByIndex(index); err == nil {
		return device.Name
	}
	return strconv.Itoa(index)
}
