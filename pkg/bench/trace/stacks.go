package trace

import (
	"encoding/binary"

	exptrace "golang.org/x/exp/trace"
)

// stackID names a stack by its content; 0 is that of events that have none.
type stackID int32

// stacks keeps each stack once. The reader has handles, which are others in each
// generation (one a second) and keep all of that generation in memory.
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
}

func newStacks() *stacks {
	return &stacks{
		byHandle: make(map[exptrace.Stack]stackID), byPCs: make(map[string]stackID),
		list: []Stack{nil}, frames: make(map[Frame]Frame),
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
		return 0
	}
	recent := &s.recent[(uint64(id)*8+uint64(what))%uint64(len(s.recent))]
	if recent.handle != handle {
		recent.handle, recent.id = handle, s.id(handle)
	}
	return recent.id
}

func (s *stacks) id(handle exptrace.Stack) stackID {
	if handle == exptrace.NoStack {
		return 0
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
		return 0
	}
	if id, ok := s.byPCs[string(s.key)]; ok {
		return id
	}
	stack := make(Stack, 0, len(s.key)/8)
	for f := range handle.Frames() {
		if f.PC == 0 {
			continue
		}
		frame := Frame{PC: f.PC, Func: f.Func, File: f.File, Line: int(f.Line)}
		known, ok := s.frames[frame]
		if !ok {
			s.frames[frame], known = frame, frame
		}
		stack = append(stack, known)
	}
	id := stackID(len(s.list))
	s.list = append(s.list, stack)
	s.byPCs[string(s.key)] = id
	return id
}
