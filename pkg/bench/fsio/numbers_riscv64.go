package fsio

import "golang.org/x/sys/unix"

// renameat(2) came too late for this one; its successor has one more argument, 0.
const (
	sysStat   = unix.SYS_NEWFSTATAT
	sysRename = unix.SYS_RENAMEAT2
)
