package trace

import (
	"encoding/binary"

	exptrace "golang.org/x/exp/trace"
)

// stackID names a stack by its content.
type stackID int32

const (
	noStack    stackID = iota // that of events that have none
	manyStacks                // that of all for which there is no room

	mostStacks = 1 << 15
)

// stacks keeps each stack once, and so many of them. The reader has handles, which are
// others in each generation (one a second) and keep all of that generation in memory.
type stacks struct {
	byHandle map[exptrace.Stack]stackID // of this generation
	recent   [512]struct {
		handle exptrace.Stack
		id     stackID
	}
	byPCs  map[string]stackID
	list   []Stack
	frames map[Frame]Frame // so that equal strings are one
	key    []byte
	most   int
}

func newStacks() *stacks {
	return &stacks{
		byHandle: make(map[exptrace.Stack]stackID), byPCs: make(map[string]stackID),
		list: []Stack{noStack: nil, manyStacks: {{Func: otherStacks}}}, frames: make(map[Frame]Frame),
		most: mostStacks,
	}
}

// forget drops the handles of a generation that is over.
func (s *stacks) forget() {
	clear(s.byHandle)
	clear(s.recent[:])
}

// of is the stack of what a goroutine does, which is often the same again.
func (s *stacks) of(handle exptrace.Stack, id exptrace.GoID, what exptrace.GoState) stackID {
	if handle == exptrace.NoStack {
		return noStack
	}
	recent := &s.recent[(uint64(id)*8+uint64(what))%uint64(len(s.recent))]
	if recent.handle != handle {
		recent.handle, recent.id = handle, s.id(handle)
	}
	return recent.id
}

func (s *stacks) id(handle exptrace.Stack) stackID {
	if handle == exptrace.NoStack {
		return noStack
	}
	id, ok := s.byHandle[handle]
	if !ok {
		id = s.intern(handle)
		s.byHandle[handle] = id
	}
	return id
}

// intern goes by the program counters, as go tool trace does. The runtime's own events
// have stacks of one frame that is nowhere, which are none.
func (s *stacks) intern(handle exptrace.Stack) stackID {
	s.key = s.key[:0]
	for f := range handle.Frames() {
		if f.PC != 0 {
			s.key = binary.LittleEndian.AppendUint64(s.key, f.PC)
		}
	}
	if len(s.key) == 0 {
		return noStack
	}
	if id, ok := s.byPCs[string(s.key)]; ok {
		return id
	}
	if len(s.list) >= s.most {
		return manyStacks
	}
	stack := make(Stack, 0, len(s.key)/8)
	for f := range handle.Frames() {
		if f.PC != 0 {
			stack = append(stack, s.frame(f))
		}
	}
	id := stackID(len(s.list))
	s.list = append(s.list, stack)
	s.byPCs[string(s.key)] = id
	return id
}

func (s *stacks) frame(f exptrace.StackFrame) Frame {
	frame := Frame{PC: f.PC, Func: f.Func, File: f.File, Line: int(f.Line)}
	known, ok := s.frames[frame]
	if !ok {
		s.frames[frame], known = frame, frame
	}
	return known
}
