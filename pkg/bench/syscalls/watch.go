package syscalls

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

func tryTimerfd(string) error {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_CLOEXEC|unix.TFD_NONBLOCK)
	if err != nil {
		return err
	}
	begin := time.Now()
	if err := unix.TimerfdSettime(fd, 0, &unix.ItimerSpec{Value: unix.Timespec{Nsec: 5e6}}, nil); err != nil {
		return err
	}
	if err := ready(fd, "that a timer of 5 ms has fired"); err != nil {
		return err
	}
	took := time.Since(begin)
	if n, err := number(fd); err != nil || n != 1 || took < 4*time.Millisecond {
		return wrongf("a timer of 5 ms has fired %d times after %v, %v", n, took, err)
	}
	return nil
}

func trySignalfd(string) error {
	set, err := mask(unix.SIGUSR2)
	if err != nil {
		return err
	}
	fd, err := unix.Signalfd(-1, &set, unix.SFD_CLOEXEC|unix.SFD_NONBLOCK)
	if err != nil {
		return err
	}
	if err := unix.Tgkill(unix.Getpid(), unix.Gettid(), unix.SIGUSR2); err != nil {
		return setup("tgkill", err)
	}
	if err := ready(fd, "of a signal"); err != nil {
		return err
	}
	var info unix.SignalfdSiginfo
	b := unsafe.Slice((*byte)(unsafe.Pointer(&info)), unsafe.Sizeof(info))
	if n, err := unix.Read(fd, b); err != nil || n != len(b) || info.Signo != uint32(unix.SIGUSR2) {
		return wrongf("SIGUSR2 was sent, signal %d came (%d bytes, %v)", info.Signo, n, err)
	}
	return nil
}

func tryInotify(dir string) error {
	fd, err := unix.InotifyInit1(unix.IN_CLOEXEC | unix.IN_NONBLOCK)
	if err != nil {
		return err
	}
	if _, err := unix.InotifyAddWatch(fd, dir, unix.IN_CREATE|unix.IN_MODIFY|unix.IN_DELETE|unix.IN_MOVED_TO); err != nil {
		return err
	}
	seen := func(want uint32, name string) error {
		if err := ready(fd, "of "+name); err != nil {
			return err
		}
		var b [4096]byte
		n, err := unix.Read(fd, b[:])
		if err != nil {
			return err
		}
		event := (*unix.InotifyEvent)(unsafe.Pointer(&b[0]))
		got := strings.TrimRight(string(b[unix.SizeofInotifyEvent:min(n, unix.SizeofInotifyEvent+int(event.Len))]), "\x00")
		if event.Mask&want == 0 || got != name {
			return wrongf("event %#x of %q came, not %#x of %q", event.Mask, got, want, name)
		}
		return nil
	}
	if err := setup("create", os.Mkdir(filepath.Join(dir, "created"), 0o700)); err != nil {
		return err
	}
	if err := seen(unix.IN_CREATE, "created"); err != nil {
		return err
	}
	if err := setup("rename", os.Rename(filepath.Join(dir, "created"), filepath.Join(dir, "renamed"))); err != nil {
		return err
	}
	return seen(unix.IN_MOVED_TO, "renamed")
}

func tryFanotify(dir string) error {
	fd, err := unix.FanotifyInit(unix.FAN_CLASS_NOTIF|unix.FAN_REPORT_DFID_NAME|unix.FAN_CLOEXEC|unix.FAN_NONBLOCK, 0)
	if err != nil {
		return fmt.Errorf("fanotify_init: %w", err)
	}
	if err := unix.FanotifyMark(fd, unix.FAN_MARK_ADD, unix.FAN_CREATE|unix.FAN_ONDIR, unix.AT_FDCWD, dir); err != nil {
		return fmt.Errorf("fanotify_mark: %w", err)
	}
	if err := setup("create", os.Mkdir(filepath.Join(dir, "created"), 0o700)); err != nil {
		return err
	}
	if err := ready(fd, "of a new directory"); err != nil {
		return err
	}
	var b [4096]byte
	n, err := unix.Read(fd, b[:])
	if err != nil {
		return err
	}
	if event := (*unix.FanotifyEventMetadata)(unsafe.Pointer(&b[0])); event.Mask&unix.FAN_CREATE == 0 || !strings.Contains(string(b[:n]), "created\x00") {
		return wrongf("event %#x came, not that of a new directory", event.Mask)
	}
	return nil
}
