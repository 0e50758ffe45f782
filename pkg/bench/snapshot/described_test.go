package snapshot

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf16"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

// A described machine is a file of testdata/machines: directives, then the files of
// its tree. The directives are
//
//	env NAME=VALUE               a variable
//	dir PATH                     one of Dirs
//	link PATH TARGET             a symbolic link
//	kernel NAME VALUE            what a system call answers, see described below
//	says PATH PROGRAM ARGUMENT   that program writes that file
//	wide PATH                    the file as wsl.exe writes it: UTF-16LE with CRLF
//	hangs PROGRAM                it never ends
//	want GROUP NAME: VALUE       a fact of the snapshot
//	absent GROUP NAME: WHY       one that is absent
//	raw GROUP NAME: PART         its raw text has that
//	none GROUP                   it has no such group
type described struct {
	bench.Kernel // of which only what is below is asked

	name    string
	root    fstest.MapFS
	env     map[string]string
	dirs    []string
	answers map[string]string
	says    map[string]string
	hangs   []string
	waits   int // for a program that hangs
	wants   [][]string
}

func readMachine(t testing.TB, file string) *described {
	t.Helper()
	text, err := os.ReadFile(file)
	require.NoError(t, err)
	archive := txtar.Parse(text)
	d := &described{
		name: strings.TrimSuffix(filepath.Base(file), ".txtar"), root: fstest.MapFS{},
		env: map[string]string{}, answers: map[string]string{}, says: map[string]string{},
	}
	for _, f := range archive.Files {
		d.root[f.Name] = &fstest.MapFile{Data: f.Data, Mode: 0o644}
	}
	for l := range strings.Lines(string(archive.Comment)) {
		verb, rest, _ := strings.Cut(strings.TrimSpace(l), " ")
		first, second, _ := strings.Cut(rest, " ")
		switch verb {
		case "", "#":
		case "env":
			key, value, _ := strings.Cut(rest, "=")
			d.env[key] = value
		case "dir":
			d.dirs = append(d.dirs, rest)
		case "link":
			d.root[strings.TrimPrefix(first, "/")] = &fstest.MapFile{Data: []byte(second), Mode: fs.ModeSymlink | 0o777}
		case "kernel":
			d.answers[first] = second
		case "says":
			d.says[second] = strings.TrimPrefix(first, "/")
		case "wide":
			f := d.root[strings.TrimPrefix(rest, "/")]
			var data []byte
			for _, unit := range utf16.Encode([]rune(strings.ReplaceAll(string(f.Data), "\n", "\r\n"))) {
				data = binary.LittleEndian.AppendUint16(data, unit)
			}
			f.Data = data
		case "hangs":
			d.hangs = append(d.hangs, rest)
		case "want", "absent", "raw", "none":
			d.wants = append(d.wants, []string{verb, rest})
		default:
			require.Fail(t, "unknown directive", "%s: %s", file, l)
		}
	}
	return d
}

func (d *described) machine() Machine {
	return Machine{
		Root: d.root, RootType: d.number("root-type"), Env: func(name string) string { return d.env[name] },
		Kernel: d, Run: d.run, Deadline: 200 * time.Millisecond, Dirs: d.dirs,
	}
}

func (d *described) run(ctx context.Context, stdout io.Writer, name string, args ...string) error {
	if slices.Contains(d.hangs, name) {
		d.waits++
		<-ctx.Done()
		return ctx.Err()
	}
	file, ok := d.says[strings.Join(append([]string{name}, args...), " ")]
	if !ok {
		file, ok = d.says[name]
	}
	if !ok {
		return errors.New("exec format error")
	}
	_, err := stdout.Write(d.root[file].Data)
	return err
}

func (d *described) number(name string) int64 {
	n, _ := strconv.ParseInt(d.answers[name], 0, 64)
	return n
}

// asked is a number, or the system call is not there.
func (d *described) asked(name string) (int64, error) {
	if _, ok := d.answers[name]; !ok {
		return 0, unix.ENOSYS
	}
	return d.number(name), nil
}

func (d *described) Clock(id int32) (time.Duration, error) {
	n, err := d.asked("clock" + strconv.Itoa(int(id)))
	return time.Duration(n), err
}

func (d *described) Hardware() (int32, func(), error) {
	if why := d.answers["ptp"]; why == "denied" {
		return 0, nil, &fs.PathError{Op: "open", Path: "/dev/ptp0", Err: unix.EACCES}
	} else if why == "" {
		return 0, nil, &fs.PathError{Op: "open", Path: "/dev/ptp0", Err: unix.ENOENT}
	}
	return 99, func() {}, nil
}

func (d *described) Nivcsw() (int64, error)     { return d.asked("nivcsw") }
func (d *described) TimerSlack() (int64, error) { return d.asked("slack") }

func (d *described) Synchronized() (bool, error) {
	return d.answers["synchronised"] == "true", nil
}

func (d *described) CPUs() (int, error) {
	n, err := d.asked("cpus")
	return int(n), err
}

func (d *described) Affinity() (cpus []int, err error) {
	n, err := d.asked("cpus")
	for cpu := range int(n) {
		cpus = append(cpus, cpu)
	}
	return cpus, err
}

func (d *described) Name() (string, error) {
	if d.answers["uname"] == "" {
		return "", unix.ENOSYS
	}
	return d.answers["uname"], nil
}

func (d *described) Clocks() (Discipline, error) {
	tick, err := d.asked("tick")
	return Discipline{Synchronised: d.answers["synchronised"] == "true", Tick: tick, PPM: 1.5}, err
}

func (d *described) Scheduling() (string, int, error) {
	nice, err := d.asked("nice")
	return "other", int(nice), err
}

func (d *described) FileSystem(path string) (FileSystem, error) {
	kind, err := d.asked("root-type")
	return FileSystem{Type: kind, Free: 1 << 30, Size: 2 << 30, Files: 1000}, err
}

func (d *described) Queues() ([]string, error) {
	return strings.Fields(d.answers["queues"]), nil
}

func TestDescribedMachines(t *testing.T) {
	files, err := filepath.Glob("testdata/machines/*.txtar")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		d := readMachine(t, file)
		t.Run(d.name, func(t *testing.T) {
			s := Take(t.Context(), d.machine())
			require.LessOrEqual(t, d.waits, 1, "a Windows that hangs is asked once")
			seen := map[key]bool{}
			for _, f := range s.Facts {
				require.NotEqual(t, f.Value == "", f.Absent == "", f)
				require.False(t, seen[key{f.Group, f.Name}], "twice: %v", f)
				seen[key{f.Group, f.Name}] = true
			}
			require.NotEmpty(t, d.wants)
			for _, want := range d.wants {
				group, rest, _ := strings.Cut(want[1], " ")
				name, value, _ := strings.Cut(rest, ": ")
				f, ok := s.Get(group, name)
				switch want[0] {
				case "want":
					require.Equal(t, value, f.Value, "%v", f)
				case "absent":
					require.True(t, ok, want)
					require.Equal(t, value, f.Absent, "%v", f)
				case "raw":
					require.Contains(t, f.Raw, value, "%v", f)
				case "none":
					require.False(t, slices.ContainsFunc(s.Facts, func(f Fact) bool { return f.Group == group }), want)
				}
			}
		})
	}
}

// A machine with nothing in it has facts all the same: that it does not tell.
func TestNothingIsKnown(t *testing.T) {
	d := &described{root: fstest.MapFS{}}
	s := Take(t.Context(), d.machine())
	for _, f := range s.Facts {
		require.NotEqual(t, f.Value == "", f.Absent == "", f)
	}
	require.Equal(t, "no such file", mustGet(t, s, "identity", "version").Absent)
	require.Equal(t, "function not implemented", mustGet(t, s, "time", "monotonic-ns").Absent)
}

func mustGet(t testing.TB, s *Snapshot, group, name string) Fact {
	t.Helper()
	f, ok := s.Get(group, name)
	require.True(t, ok, "%s %s", group, name)
	return f
}
