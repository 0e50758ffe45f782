//go:build amd64 || arm64

package fsio

import "golang.org/x/sys/unix"

// What the calls that package os makes are named here.
const (
	sysStat   = unix.SYS_NEWFSTATAT
	sysRename = unix.SYS_RENAMEAT
)
