package trace

import (
	"cmp"
	"slices"
	"strings"
)

const otherStacks = "(other stacks)"

// A Frame is a function in a stack.
type Frame struct {
	PC   uint64 `json:"pc"`
	Func string `json:"func"`
	File string `json:"file"`
	Line int    `json:"line"`
}

// A Stack is the innermost function first.
type Stack []Frame

func (s Stack) compare(o Stack) int {
	return slices.CompareFunc(s, o, func(x, y Frame) int { return cmp.Compare(x.PC, y.PC) })
}

// others is a count, of the stack that stands for many.
func (s Stack) others(l Latency) int64 {
	if len(s) == 1 && s[0].Func == otherStacks {
		return l.Count
	}
	return 0
}

// root is where a goroutine began.
func (s Stack) root() *Frame {
	if len(s) == 0 {
		return nil
	}
	return &s[len(s)-1]
}

// Call is the function at which a span began that a reader knows: that of the system
// call, the channel, the lock.
func (s Stack) Call() string {
	for i, f := range s {
		if i+1 < len(s) && (strings.HasPrefix(f.Func, "syscall.Syscall") || strings.HasPrefix(f.Func, "syscall.RawSyscall") || strings.HasSuffix(f.Func, "unix.Syscall")) {
			continue
		}
		return f.Func
	}
	return ""
}

// Caller is the innermost function that is not of the standard library, or where there
// is none the outermost.
func (s Stack) Caller() *Frame {
	for i, f := range s {
		if !standard(f.Func) {
			return &s[i]
		}
	}
	return s.root()
}

// standard reports whether a function is of the standard library, by the first element
// of its package's path.
func standard(name string) bool {
	first := name
	if i := strings.IndexAny(name, "./"); i >= 0 {
		first = name[:i]
	}
	return strings.Contains(standardElements, " "+first+" ")
}

const standardElements = " archive bufio bytes cmp compress container context crypto database debug" +
	" embed encoding errors expvar flag fmt go hash html image index internal io iter log maps math" +
	" mime net os path plugin reflect regexp runtime slices sort strconv strings structs sync syscall" +
	" testing text time unicode unique unsafe vendor weak "
