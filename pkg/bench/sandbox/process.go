package sandbox

import (
	"context"
	"fmt"
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"
)

// The last rung has no control group. The shim does what a process can do to itself,
// and a mark finds the processes. For the rest there is nothing, and the report says so.

func lookProcess(context.Context, *machine, Options) ([]string, error) {
	return []string{
		"become a subreaper, so that orphans of the payload come to this process",
		"start each payload as the leader of a process group, with a mark that its children inherit",
	}, nil
}

// openProcess makes of this process a subreaper while the box is open: what a payload
// leaves behind becomes its child, and is waited for.
func openProcess(context.Context, *machine, Options) (p place, err error) {
	var before int
	if before, err = subreaper(); err != nil {
		return p, nil // WSL1 may not know it: then init waits for orphans
	}
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return p, fmt.Errorf("become a subreaper: %w", err)
	}
	p.undo = append(p.undo, func() error {
		return unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, uintptr(before), 0, 0, 0)
	})
	return p, nil
}

func subreaper() (int, error) {
	var is int32
	err := unix.Prctl(unix.PR_GET_CHILD_SUBREAPER, uintptr(unsafe.Pointer(&is)), 0, 0, 0)
	return int(is), err
}

// ungrouped is what becomes of the limits without a control group, before the shim has
// done its part: that of the CPUs and that of memory.
func ungrouped(l Limits) (list []Effect, shim Limits) {
	const noGroup = "there is no control group to hold it"
	if l.CPU > 0 {
		list = append(list, Effect{Name: "cpu", Requested: cpuText(l.CPU), Effective: None, Note: noGroup})
	}
	if l.Tasks > 0 {
		list = append(list, Effect{Name: "tasks", Requested: strconv.Itoa(l.Tasks), Effective: None,
			Note: noGroup + "; RLIMIT_NPROC counts all of a user's"})
	}
	return list, Limits{CPUs: l.CPUs, Memory: l.Memory}
}
