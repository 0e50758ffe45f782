package sched

// A pace is deadlines at equal distances, and how to wait for one. It knows nothing
// else, so that a test can have a clock of its own.
type pace struct {
	every int64                      // ns
	now   func() int64               // ns
	wait  func(deadline int64) error // returns when it has passed, not before
	over  func(*tape, int64) bool
}

// fill samples how late each deadline was seen. The next is always one distance
// after the last, however late that was: a deadline that has passed already is a
// sample like any other. To leave those out, or to count from when the last was
// seen, would hide the worst of what is measured (coordinated omission).
func (p *pace) fill(t *tape) error {
	next := p.now()
	for now := next; !p.over(t, now); now = p.now() {
		next += p.every
		if now >= next {
			t.missed++
		} else if err := p.wait(next); err != nil {
			return err
		}
		t.put(p.now() - next)
	}
	return nil
}
