package syscalls

import (
	"bytes"
	"fmt"

	"golang.org/x/sys/unix"
)

// copiesTable is how the kernel moves bytes without the program's seeing them.
func copiesTable() []probe {
	return []probe{
		{name: "copy_file_range", try: tryCopyRange,
			loses: "io.Copy and os.CopyFS between files read and write instead (internal/poll/copy_file_range_linux.go)"},
		{name: "sendfile", try: trySendfile,
			loses: "net/http serves files by read and write instead (internal/poll/sendfile_unix.go)"},
		{name: "splice", try: trySplice,
			loses: "io.Copy between sockets, as in proxies, reads and writes instead (internal/poll/splice_linux.go)"},
		{name: "tee", try: tryTee,
			loses: "nothing in Go itself"},
	}
}

// pattern is bytes of which no two parts are alike.
func pattern(n int) []byte {
	b := make([]byte, n)
	x := uint32(1)
	for i := range b {
		x = x*1664525 + 1013904223
		b[i] = byte(x >> 24)
	}
	return b
}

// same compares what has arrived in a descriptor with what was to.
func same(want []byte, read func(b []byte) (int, error)) error {
	got := make([]byte, len(want)+1)
	n := 0
	for n < len(got) {
		m, err := read(got[n:])
		if m <= 0 || err != nil {
			break
		}
		n += m
	}
	if !bytes.Equal(got[:n], want) {
		return wrongf("%d bytes arrived of %d, or others", n, len(want))
	}
	return nil
}

func readAt(fd int) func(b []byte) (int, error) {
	at := int64(0)
	return func(b []byte) (int, error) {
		n, err := unix.Pread(fd, b, at)
		at += int64(max(n, 0))
		return n, err
	}
}

func readFrom(fd int) func(b []byte) (int, error) {
	return func(b []byte) (int, error) { return unix.Read(fd, b) }
}

func tryCopyRange(dir string) error {
	data := pattern(100_000)
	from, err := create(dir, "from", data)
	if err != nil {
		return err
	}
	to, err := create(dir, "to", nil)
	if err != nil {
		return err
	}
	const skip = 1000 // neither end at the border of a block
	at := int64(skip)
	for int(at) < len(data) {
		n, err := unix.CopyFileRange(from, &at, to, nil, len(data)-int(at), 0)
		if err != nil {
			return err
		}
		if n == 0 {
			return wrongf("it copies nothing after %d of %d bytes", at, len(data))
		}
	}
	return same(data[skip:], readAt(to))
}

func trySendfile(dir string) error {
	data := pattern(20_000)
	from, err := create(dir, "from", data)
	if err != nil {
		return err
	}
	a, b, err := pair(unix.SOCK_STREAM)
	if err != nil {
		return err
	}
	at := int64(0)
	n, err := unix.Sendfile(a, from, &at, len(data))
	if err != nil {
		return err
	}
	if int(at) != n || n == 0 {
		return wrongf("%d bytes were sent, and the offset is %d", n, at)
	}
	return same(data[:n], readFrom(b))
}

// From a socket through a pipe to a socket, as a proxy does it.
func trySplice(string) error {
	in, client, err := pair(unix.SOCK_STREAM)
	if err != nil {
		return err
	}
	out, server, err := pair(unix.SOCK_STREAM)
	if err != nil {
		return err
	}
	r, w, err := pipe()
	if err != nil {
		return err
	}
	data := pattern(2_000)
	if err := send(client, string(data)); err != nil {
		return err
	}
	for _, way := range [][2]int{{in, w}, {r, out}} {
		for moved := 0; moved < len(data); {
			n, err := unix.Splice(way[0], nil, way[1], nil, len(data)-moved, unix.SPLICE_F_NONBLOCK)
			if err != nil {
				return err
			}
			if n == 0 {
				return wrongf("it moves nothing after %d of %d bytes", moved, len(data))
			}
			moved += int(n)
		}
	}
	return same(data, readFrom(server))
}

func tryTee(string) error {
	r, w, err := pipe()
	if err != nil {
		return err
	}
	r2, w2, err := pipe()
	if err != nil {
		return err
	}
	data := pattern(2_000)
	if err := send(w, string(data)); err != nil {
		return err
	}
	n, err := unix.Tee(r, w2, len(data), unix.SPLICE_F_NONBLOCK)
	if err != nil {
		return err
	}
	if n == 0 {
		return wrongf("it copies nothing of %d bytes", len(data))
	}
	if err := same(data[:n], readFrom(r2)); err != nil {
		return fmt.Errorf("second pipe: %w", err)
	}
	return same(data, readFrom(r))
}
