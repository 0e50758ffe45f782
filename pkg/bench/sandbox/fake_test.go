package sandbox

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// A fake is control groups as cgroups(7) has them, in memory: controllers that are
// handed on, no internal processes, who may move whom. Faults are put on top.
type fake struct {
	groups map[string]*fakeGroup
	other  map[string]string // files that are no control files
	faults map[string]error  // of an operation on a path: "write /sys/fs/cgroup/x/cpu.max"
	owned  string            // what somebody who is not root may write to; "" is root
	lives  int               // operations until the tool is dead; below 0 it lives on
	log    []string          // what was changed
}

type fakeGroup struct {
	has, hands []string
	procs      []int
	values     map[string]string
}

var errDead = errors.New("the tool is dead")

const everything = "cpuset cpu io memory pids"

func newFake(own string, hands map[string]string) *fake {
	f := &fake{groups: make(map[string]*fakeGroup), other: make(map[string]string), faults: make(map[string]error), lives: -1}
	f.groups[unified] = &fakeGroup{has: strings.Fields(everything), values: make(map[string]string)}
	f.hand(unified, hands["/"])
	dir := unified
	for name := range strings.SplitSeq(strings.Trim(own, "/"), "/") {
		if name == "" {
			break
		}
		dir = path.Join(dir, name)
		f.groups[dir] = f.group(path.Dir(dir))
		f.hand(dir, hands[strings.TrimPrefix(dir, unified)])
	}
	f.groups[dir].procs = []int{os.Getpid()}
	f.other["/proc/"+strconv.Itoa(os.Getpid())+"/stat"] = "1 (tool) R 0"
	return f
}

func (f *fake) hand(dir, words string) { f.groups[dir].hands = strings.Fields(words) }

// group is what mkdir makes below a parent.
func (f *fake) group(parent string) *fakeGroup {
	g := &fakeGroup{has: slices.Clone(f.groups[parent].hands), values: make(map[string]string)}
	for controller, files := range map[string]string{
		"cpu": "cpu.max=max 100000", "pids": "pids.max=max", "cpuset": "cpuset.cpus=,cpuset.cpus.effective=0-1",
		"memory": "memory.max=max,memory.swap.max=max,memory.oom.group=0,memory.peak=0",
	} {
		if slices.Contains(g.has, controller) {
			for file := range strings.SplitSeq(files, ",") {
				name, value, _ := strings.Cut(file, "=")
				g.values[name] = value
			}
		}
	}
	return g
}

// op is what each operation begins with.
func (f *fake) op(kind, name string, changes bool) error {
	if f.lives == 0 {
		panic(errDead)
	}
	if changes && f.lives > 0 {
		f.lives--
	}
	if err := f.faults[kind+" "+name]; err != nil {
		return &fs.PathError{Op: kind, Path: name, Err: err}
	}
	if changes {
		f.log = append(f.log, kind+" "+name)
	}
	return nil
}

func (f *fake) Unified(name string) bool {
	_, ok := f.groups[name]
	return ok && f.other["hybrid"] == ""
}

func (f *fake) where(pid int) string {
	for dir, g := range f.groups {
		if slices.Contains(g.procs, pid) {
			return dir
		}
	}
	return ""
}

func (f *fake) Read(name string) (string, error) {
	if err := f.op("read", name, false); err != nil {
		return "", err
	}
	if name == "/proc/self/cgroup" {
		return "0::" + strings.TrimPrefix(f.where(os.Getpid()), unified) + "\n", nil
	}
	if text, ok := f.other[name]; ok {
		return text, nil
	}
	if g := f.groups[path.Dir(name)]; g != nil {
		switch path.Base(name) {
		case "cgroup.procs":
			g.procs = slices.DeleteFunc(slices.Clone(g.procs), func(pid int) bool { return syscall.Kill(pid, 0) == syscall.ESRCH })
			return pidText(g.procs), nil
		case "cgroup.controllers":
			return strings.Join(g.has, " "), nil
		case "cgroup.subtree_control":
			return strings.Join(g.hands, " "), nil
		}
		if text, ok := g.values[path.Base(name)]; ok {
			return text + "\n", nil
		}
	}
	return "", &fs.PathError{Op: "open", Path: name, Err: syscall.ENOENT}
}

func (f *fake) Writable(name string) error {
	if f.owned != "" && !strings.HasPrefix(name+"/", f.owned+"/") {
		return &fs.PathError{Op: "write", Path: name, Err: syscall.EACCES}
	}
	return f.faults["writable "+name]
}

func (f *fake) Write(name, text string) error {
	if err := errors.Join(f.Writable(name), f.op("write", name, true)); err != nil {
		return err
	}
	g, base := f.groups[path.Dir(name)], path.Base(name)
	if g == nil {
		return &fs.PathError{Op: "open", Path: name, Err: syscall.ENOENT}
	}
	var err error
	switch base {
	case "cgroup.procs":
		err = f.move(path.Dir(name), text)
	case "cgroup.subtree_control":
		err = f.control(path.Dir(name), text)
	case "cgroup.kill":
		for dir, g := range f.groups {
			if strings.HasPrefix(dir+"/", path.Dir(name)+"/") {
				g.procs = nil
			}
		}
	default:
		if _, ok := g.values[base]; !ok {
			err = syscall.ENOENT
		} else if g.values[base] = text; base == "cpuset.cpus" {
			g.values["cpuset.cpus.effective"] = text
		}
	}
	if err != nil {
		return &fs.PathError{Op: "write", Path: name, Err: err}
	}
	return nil
}

func (f *fake) move(dir, text string) error {
	pid, err := strconv.Atoi(text)
	if err != nil {
		return syscall.EINVAL
	}
	if len(f.groups[dir].hands) > 0 && dir != unified {
		return syscall.EBUSY
	}
	from := f.where(pid)
	if from == "" {
		return syscall.ESRCH
	}
	if f.Writable(path.Join(commonAncestor(from, dir), "cgroup.procs")) != nil {
		return syscall.EACCES
	}
	g := f.groups[from]
	g.procs = slices.DeleteFunc(slices.Clone(g.procs), func(p int) bool { return p == pid })
	f.groups[dir].procs = append(f.groups[dir].procs, pid)
	return nil
}

func (f *fake) control(dir, text string) error {
	g, name := f.groups[dir], text[1:]
	switch {
	case text[0] == '+' && !slices.Contains(g.has, name):
		return syscall.ENOENT
	case text[0] == '+' && dir != unified && len(g.procs) > 0:
		return syscall.EBUSY
	case text[0] == '+':
		g.hands = append(g.hands, name)
	default:
		for below, b := range f.groups {
			if path.Dir(below) == dir && below != dir && slices.Contains(b.hands, name) {
				return syscall.EBUSY
			}
		}
		g.hands = slices.DeleteFunc(slices.Clone(g.hands), func(h string) bool { return h == name })
	}
	for below, b := range f.groups { // those below get the files, or lose them
		if path.Dir(below) == dir && below != dir {
			b.has = slices.Clone(g.hands)
		}
	}
	return nil
}

func (f *fake) Mkdir(name string) error {
	if err := errors.Join(f.Writable(name), f.op("mkdir", name, true)); err != nil {
		return err
	}
	if f.groups[path.Dir(name)] == nil {
		return &fs.PathError{Op: "mkdir", Path: name, Err: syscall.ENOENT}
	}
	f.groups[name] = f.group(path.Dir(name))
	return nil
}

func (f *fake) Rmdir(name string) error {
	if err := errors.Join(f.Writable(name), f.op("rmdir", name, true)); err != nil {
		return err
	}
	below, err := f.Dirs(name)
	if err != nil {
		return err
	}
	if len(below) > 0 || len(f.groups[name].procs) > 0 {
		return &fs.PathError{Op: "rmdir", Path: name, Err: syscall.EBUSY}
	}
	delete(f.groups, name)
	return nil
}

func (f *fake) Dirs(name string) (dirs []string, err error) {
	if err := f.op("list", name, false); err != nil {
		return nil, err
	}
	if _, ok := f.other[name]; ok {
		return nil, nil
	}
	if f.groups[name] == nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: syscall.ENOENT}
	}
	for dir := range f.groups {
		if path.Dir(dir) == name && dir != name {
			dirs = append(dirs, path.Base(dir))
		}
	}
	slices.Sort(dirs)
	return dirs, nil
}

// state is all there is, to be compared.
func (f *fake) state() string {
	var b strings.Builder
	for _, dir := range slices.Sorted(maps.Keys(f.groups)) {
		g := f.groups[dir]
		slices.Sort(g.hands)
		slices.Sort(g.procs)
		b.WriteString(dir + " hands on " + strings.Join(g.hands, ",") + " holds " + pidText(g.procs) + "\n")
	}
	return b.String()
}

// fakeSystemd makes scopes in a fake.
type fakeSystemd struct {
	*fake
	below string // the group that scopes are made in
	err   error  // of Start
}

func (s *fakeSystemd) connect(context.Context, bool) (Systemd, error) { return s, nil }
func (s *fakeSystemd) Close()                                         {}
func (s *fakeSystemd) dir(name string) string                         { return path.Join(s.below, name) }

func (s *fakeSystemd) Start(_ context.Context, name string, pid int) error {
	if err := s.op("start", name, true); err != nil {
		return err
	}
	if s.err != nil {
		return s.err
	}
	s.groups[s.dir(name)] = s.group(s.below)
	g := s.groups[s.where(pid)]
	g.procs = slices.DeleteFunc(slices.Clone(g.procs), func(p int) bool { return p == pid })
	s.groups[s.dir(name)].procs = []int{pid}
	return nil
}

func (s *fakeSystemd) Group(_ context.Context, name string) (string, error) {
	if err := s.op("group", name, false); err != nil {
		return "", err
	}
	if s.groups[s.dir(name)] == nil {
		return "", nil
	}
	return strings.TrimPrefix(s.dir(name), unified), nil
}

// Stop kills what is in a scope and removes it.
func (s *fakeSystemd) Stop(_ context.Context, name string) error {
	if err := s.op("stop", name, true); err != nil {
		return err
	}
	for dir := range s.groups {
		if strings.HasPrefix(dir+"/", s.dir(name)+"/") {
			delete(s.groups, dir)
		}
	}
	return nil
}
