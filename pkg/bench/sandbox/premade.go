package sandbox

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
)

// premadeGroup is made once, by root, for somebody who is not:
//
//	mkdir -p /sys/fs/cgroup/wslbench/shell
//	echo "+cpuset +cpu +memory +pids" >/sys/fs/cgroup/wslbench/cgroup.subtree_control
//	chown -R USER /sys/fs/cgroup/wslbench
//	echo PID-OF-THE-SHELL >/sys/fs/cgroup/wslbench/shell/cgroup.procs
//
// The last line is what people forget: a process may only be started in a group by
// somebody who may write to cgroup.procs of the lowest group that holds both sides, and
// from outside of wslbench that is the root.
const premadeGroup = unified + "/wslbench"

func lookPremade(_ context.Context, m *machine, o Options) ([]string, error) {
	if err := m.lookUnified(); err != nil {
		return nil, err
	}
	if _, err := m.words(premadeGroup, "cgroup.procs"); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no %s", premadeGroup)
	}
	own, err := m.own()
	if err != nil {
		return nil, err
	}
	above := commonAncestor(own, premadeGroup)
	for _, name := range []string{premadeGroup, path.Join(premadeGroup, "cgroup.procs"), path.Join(above, "cgroup.procs")} {
		if err := m.Writable(name); err != nil {
			return nil, fmt.Errorf("%s: %w (this process is in %s)", name, reason(err), own)
		}
	}
	if missing, err := m.lacks(premadeGroup, []string{"memory"}); err != nil || len(missing) > 0 {
		return nil, fmt.Errorf("%s hands on no controllers", premadeGroup)
	}
	return []string{"make a group in " + premadeGroup, "start each payload in a group of its own inside it"}, nil
}

func openPremade(_ context.Context, m *machine, o Options) (p place, err error) {
	return p, p.base(m, o, premadeGroup)
}
