//go:build 386 || arm

package fsio

import "golang.org/x/sys/unix"

// What the calls that package os makes are named here.
const (
	sysStat   = unix.SYS_FSTATAT64
	sysRename = unix.SYS_RENAMEAT
)
