package trace

import (
	"fmt"

	"github.com/google/pprof/profile"
)

// SyscallProfile is what go tool trace -pprof=syscall makes of the same trace: counts
// and time of system calls, by stack.
func (r *Report) SyscallProfile() *profile.Profile {
	b := newProfileBuilder()
	for _, s := range r.Syscalls.Sites {
		b.add(s.Stack, s.Latency, s.LeftOut)
	}
	return b.p
}

// SchedulerProfile is what go tool trace -pprof=sched makes of the same trace: counts
// and time of goroutines that were runnable, by the stack at which they became so. The
// exit of a system call has none there.
func (r *Report) SchedulerProfile() *profile.Profile {
	b := newProfileBuilder()
	for _, s := range r.Scheduler.Sites {
		stack := s.Stack
		if s.Cause.Cause == syscallExit.String() {
			stack = nil
		}
		b.add(stack, s.Latency, s.LeftOut)
	}
	return b.p
}

// A profileBuilder makes one sample of each stack.
type profileBuilder struct {
	p         *profile.Profile
	samples   map[string]*profile.Sample
	locations map[uint64]*profile.Location
	functions map[[2]string]*profile.Function
}

func newProfileBuilder() *profileBuilder {
	return &profileBuilder{
		p: &profile.Profile{
			PeriodType: &profile.ValueType{Type: "trace", Unit: "count"}, Period: 1,
			SampleType: []*profile.ValueType{{Type: "contentions", Unit: "count"}, {Type: "delay", Unit: "nanoseconds"}},
		},
		samples:   make(map[string]*profile.Sample),
		locations: make(map[uint64]*profile.Location), functions: make(map[[2]string]*profile.Function),
	}
}

func (b *profileBuilder) add(stack Stack, all Latency, left Sum) {
	if all.Count == left.Count {
		return
	}
	key := ""
	for _, f := range stack {
		key += fmt.Sprintf("%x ", f.PC)
	}
	sample := b.samples[key]
	if sample == nil {
		sample = &profile.Sample{Value: []int64{0, 0}}
		for _, f := range stack {
			sample.Location = append(sample.Location, b.location(f))
		}
		b.samples[key] = sample
		b.p.Sample = append(b.p.Sample, sample)
	}
	sample.Value[0] += all.Count - left.Count
	sample.Value[1] += int64(all.Total - left.Total)
}

func (b *profileBuilder) location(f Frame) *profile.Location {
	if l := b.locations[f.PC]; l != nil {
		return l
	}
	l := &profile.Location{
		ID: uint64(len(b.p.Location) + 1), Address: f.PC,
		Line: []profile.Line{{Function: b.function(f), Line: int64(f.Line)}},
	}
	b.locations[f.PC] = l
	b.p.Location = append(b.p.Location, l)
	return l
}

func (b *profileBuilder) function(f Frame) *profile.Function {
	key := [2]string{f.File, f.Func}
	fn := b.functions[key]
	if fn == nil {
		fn = &profile.Function{ID: uint64(len(b.p.Function) + 1), Name: f.Func, SystemName: f.Func, Filename: f.File}
		b.functions[key] = fn
		b.p.Function = append(b.p.Function, fn)
	}
	return fn
}
