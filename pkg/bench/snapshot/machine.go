package snapshot

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/wsl"
)

// A Machine is what a snapshot is taken of. The zero value is this one, of which the
// environment is not known and Windows not asked.
type Machine struct {
	Root     fs.FS               // laid out like /; nil is this machine's
	RootType int64               // the type that statfs(2) gives for /; 0 asks Kernel
	Env      func(string) string // the environment; nil is none
	Kernel   Kernel              // nil is this machine's
	// Run starts a program of Windows, or wslinfo, and writes to stdout what it says as
	// it says it. It must end with its context. nil starts nothing.
	Run func(ctx context.Context, stdout io.Writer, name string, args ...string) error
	// Deadline is for each program, and for files of Windows; 0 is 5 s. A Windows drive
	// may never answer (microsoft/WSL#7883).
	Deadline time.Duration
	Dirs     []string         // absolute, whose file systems matter: where it is measured
	Binary   string           // the program that is measured, absolute; "" is none
	Now      func() time.Time // nil is the clock
}

// A taker takes one snapshot.
type taker struct {
	Machine
	ctx    context.Context
	report *wsl.Report
	facts  []Fact
	mute   bool // Windows does not answer
}

func newTaker(ctx context.Context, m Machine) *taker {
	if m.Root == nil {
		m.Root = os.DirFS("/")
	}
	if m.Env == nil {
		m.Env = func(string) string { return "" }
	}
	if m.Kernel == nil {
		m.Kernel = ThisKernel()
	}
	if m.Deadline == 0 {
		m.Deadline = 5 * time.Second
	}
	if m.RootType == 0 {
		if st, err := m.Kernel.FileSystem("/"); err == nil {
			m.RootType = st.Type
		}
	}
	t := &taker{Machine: m, ctx: ctx}
	t.report = wsl.Detect(wsl.Machine{Root: m.Root, RootType: m.RootType, Env: m.Env})
	return t
}

func (t *taker) now() time.Time {
	if t.Now == nil {
		return time.Now()
	}
	return t.Now()
}

// mostRaw is how much of a file is kept: /proc/vmstat is 5 KB, /proc/interrupts of
// 128 CPUs would be 200.
const mostRaw = 64 << 10

// errTooLong is a file of which only the beginning was read.
var errTooLong = fmt.Errorf("more than %d bytes", mostRaw)

// read is the text of a file without the white space at its end.
func (t *taker) read(name string) (string, error) {
	file, err := t.Root.Open(strings.TrimPrefix(path.Clean(name), "/"))
	if err != nil {
		return "", err
	}
	defer file.Close()
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		return "", errors.New("no file")
	}
	data, err := io.ReadAll(io.LimitReader(file, mostRaw+1))
	if err != nil {
		return "", err
	}
	if len(data) > mostRaw {
		return strings.ToValidUTF8(string(data[:mostRaw]), "\ufffd"), errTooLong
	}
	return strings.TrimRight(strings.ToValidUTF8(string(data), "\ufffd"), " \t\r\n\x00"), nil
}

// why is an error in two or three words, without the path, which is in the fact.
func why(err error) string {
	errno := syscall.Errno(0)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "no such file"
	case errors.Is(err, fs.ErrPermission):
		return "no permission"
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer in time"
	case errors.As(err, &errno):
		return errno.Error()
	}
	return line(err.Error())
}

func (t *taker) add(f Fact) {
	if f.Kind == "" {
		f.Kind = Setting
	}
	if f.Value == "" && f.Absent == "" {
		f.Absent = "empty"
	}
	if f.Value != "" {
		f.Absent = ""
	}
	t.facts = append(t.facts, f)
}

// say adds a fact that is known, or why it is not.
func (t *taker) say(group, name string, kind Kind, source, value string, err error) {
	f := Fact{Group: group, Name: name, Kind: kind, Source: source, Value: line(value)}
	if err != nil {
		f.Value, f.Absent = "", why(err)
	}
	t.add(f)
}

// file adds what a file says. Text of several lines is Raw.
func (t *taker) file(group, name string, kind Kind, file string) string {
	text, err := t.read(file)
	f := Fact{Group: group, Name: name, Kind: kind, Source: file, Value: line(text)}
	if err != nil && text == "" {
		f.Absent = why(err)
	}
	if strings.ContainsRune(text, '\n') {
		f.Raw, f.Value = text, fmt.Sprintf("%d lines", strings.Count(text, "\n")+1)
	}
	t.add(f)
	return text
}

// raw adds a text, and says nothing of it but where it is from.
func (t *taker) raw(group, name string, kind Kind, file, value string) (text string, ok bool) {
	text, err := t.read(file)
	f := Fact{Group: group, Name: name, Kind: kind, Source: file, Raw: text, Value: value}
	if err != nil && text == "" {
		f.Value, f.Absent = "", why(err)
	}
	t.add(f)
	return text, f.Absent == ""
}

// names are the entries of a directory that a pattern matches, in its order.
func (t *taker) glob(pattern string) []string {
	names, _ := fs.Glob(t.Root, strings.TrimPrefix(pattern, "/"))
	for i, name := range names {
		names[i] = "/" + name
	}
	return names
}

// keys are what package bench knows of a machine and decides by.
func (t *taker) keys() map[string]string {
	values := make(map[string]string)
	for _, k := range (&bench.Watch{Root: t.Root, Kernel: t.Kernel}).Keys() {
		if k.Value != bench.Absent {
			values[k.Name] = k.Value
		}
	}
	return values
}

func number(n int64) string { return strconv.FormatInt(n, 10) }

// magic is a type of statfs(2), which some machines have with a sign.
func magic(n int64) string { return fmt.Sprintf("%#x", uint32(n)) }
