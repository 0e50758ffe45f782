package prepare

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// A Waiting says what is waited for.
type Waiting struct {
	For    string // "load" or "lock"
	Now    float64
	Until  float64 // it has to be below
	Waited time.Duration
	Limit  time.Duration
}

func (w Waiting) String() string {
	if w.For == "lock" {
		return "another benchmark runs on this machine"
	}
	return fmt.Sprintf("the load is %.2f, and should be below %.2f", w.Now, w.Until)
}

// pause is between two looks.
const pause = time.Second

// calm waits until the load is low, or the limit is reached.
func (p *preparer) calm(ctx context.Context, limit float64) (f Finding, err error) {
	begin := p.now()
	waited := func() time.Duration { return p.now().Sub(begin) }
	defer func() {
		if d := waited(); d >= pause {
			p.report.Waited += d
			f.Done = "waited for " + d.Round(time.Second).String()
		}
	}()
	for {
		load1, err := p.load()
		if err != nil {
			return Finding{Name: "load", Verdict: Unknown, Text: "not known: " + oneLine(err)}, nil
		}
		f := Finding{Name: "load", Value: strconv.FormatFloat(load1, 'f', 2, 64), Verdict: OK, Text: "nobody else needs the processors"}
		if load1 < limit {
			return f, nil
		}
		if waited() >= p.o.Wait {
			f.Verdict, f.Text = Warn, busy(load1, limit)
			return f, nil
		}
		p.o.Progress(Waiting{"load", load1, limit, waited(), p.o.Wait})
		if err := p.o.Sleep(ctx, pause); err != nil {
			return f, err
		}
	}
}

func busy(load1, limit float64) string {
	return fmt.Sprintf("others keep the processors busy: the load is %.2f, and below %.2f nobody would be disturbed", load1, limit)
}

// load is that of the last minute.
func (p *preparer) load() (float64, error) {
	text, err := p.o.Files.read("/proc/loadavg")
	if err != nil {
		return 0, err
	}
	first, _, _ := strings.Cut(text, " ")
	return strconv.ParseFloat(first, 64)
}

// Exclude waits until no other benchmark holds the lock, which is one for the whole
// machine, and holds it until what it returns is called: nil where it is not to be had.
// It is for before a program is built, which would disturb others. The error is that
// of ctx.
//
// The lock is a name among the abstract sockets (unix(7)), to which nobody connects. It
// is the same for all users and, as they share a network, for all distributions of a
// WSL2; there is no file to be left behind, and it goes with the process.
func Exclude(ctx context.Context, o Options) (f Finding, release func() error, waited time.Duration, err error) {
	p := newPreparer(o)
	begin := p.now()
	f = Finding{Name: "lock", Verdict: OK, Text: "no other benchmark of this kind runs"}
	for {
		held, err := net.Listen("unix", "@"+o.Lock)
		waited = p.now().Sub(begin)
		switch {
		case err == nil:
			if waited >= pause {
				f.Done = "waited for " + waited.Round(time.Second).String()
			}
			return f, held.Close, waited, nil
		case !errors.Is(err, syscall.EADDRINUSE):
			f.Verdict, f.Text = Unknown, "another benchmark may run: "+oneLine(err)
			return f, nil, waited, nil
		case waited >= o.Wait:
			f.Verdict, f.Text = Fail, "another benchmark runs at the same time: each disturbs the other"
			return f, nil, waited, nil
		}
		p.o.Progress(Waiting{For: "lock", Waited: waited, Limit: o.Wait})
		if err := p.o.Sleep(ctx, pause); err != nil {
			return f, nil, waited, err
		}
	}
}
