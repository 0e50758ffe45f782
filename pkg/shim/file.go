package shim

import "syscall"

// A file is a file descriptor. The os package would prepare each file for being
// polled, which costs more than to read what is here.
type file int

func open(name string) (f file, err error) {
	err = retry(func() error {
		fd, err := syscall.Open(name, syscall.O_RDONLY|syscall.O_CLOEXEC, 0)
		f = file(fd)
		return err
	})
	return f, err
}

func (f file) read(p []byte) (n int, err error) {
	err = retry(func() (err error) {
		n, err = syscall.Read(int(f), p)
		return err
	})
	return max(n, 0), err
}

func (f file) close() { _ = syscall.Close(int(f)) }

// mayExecute asks as asdf does, which is for the real user.
func mayExecute(name string) bool {
	const execute = 1 // X_OK
	return retry(func() error { return syscall.Access(name, execute) }) == nil
}

func retry(call func() error) error {
	for {
		if err := call(); err != syscall.EINTR {
			return err
		}
	}
}
