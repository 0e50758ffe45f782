package sandbox

import (
	"context"
	"errors"
)

// Names of the rungs, the highest first.
const (
	SystemScope = "system-scope" // a scope of systemd, for root
	UserScope   = "user-scope"   // one of the user's manager
	Cgroupfs    = "cgroupfs"     // control groups without systemd, for root
	Premade     = "premade"      // /sys/fs/cgroup/wslbench, which belongs to the user
	Process     = "process"      // no control group: a mark, affinity, rlimits
)

// A rung is one way to hold a payload.
type rung struct {
	name string
	// look finds out whether the rung is to be had and what open would do, and changes
	// nothing. The error is why not.
	look func(context.Context, *machine, Options) (steps []string, err error)
	open func(context.Context, *machine, Options) (place, error)
}

// A place is where cells are made.
type place struct {
	dir  string         // the control group that they are made in; "" where there is none
	undo []func() error // what Close does, the last first
}

// later has close undo something, and take back that it was announced.
func (p *place) later(undone func(), undo func() error) {
	p.undo = append(p.undo, func() error {
		err := undo()
		if err == nil {
			undone()
		}
		return err
	})
}

func (p place) close() error {
	var errs []error
	for i := len(p.undo) - 1; i >= 0; i-- {
		errs = append(errs, p.undo[i]())
	}
	return errors.Join(errs...)
}

func ladder() []rung {
	return []rung{
		{SystemScope, lookScope(false), openScope(false)},
		{UserScope, lookScope(true), openScope(true)},
		{Cgroupfs, lookCgroupfs, openCgroupfs},
		{Premade, lookPremade, openPremade},
		{Process, lookProcess, openProcess},
	}
}

// Rungs are the names of the rungs, the highest first.
func Rungs() (names []string) {
	for _, r := range ladder() {
		names = append(names, r.name)
	}
	return names
}
