package prepare

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/gofrs/flock"
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

// lock waits until no other benchmark runs. It is one for the whole machine: the file
// is made for everybody, and opened without O_CREAT, which the kernel refuses for the
// files of others in /tmp (fs.protected_regular).
func (p *preparer) lock(ctx context.Context) (Finding, io.Closer, error) {
	f := Finding{Name: "lock", Value: p.o.Lock, Verdict: OK, Text: "no other benchmark of this kind runs"}
	file, err := os.OpenFile(p.o.Lock, os.O_RDONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err == nil {
		_ = errors.Join(file.Chmod(0o666), file.Close())
	} else if !errors.Is(err, fs.ErrExist) {
		f.Verdict, f.Text = Unknown, "another benchmark may run: "+oneLine(err)
		return f, nil, nil
	}
	l := flock.New(p.o.Lock, flock.SetFlag(os.O_RDONLY))
	begin := p.now()
	defer func() { p.report.Waited += p.now().Sub(begin) }()
	for {
		got, err := l.TryLock()
		waited := p.now().Sub(begin)
		switch {
		case err != nil:
			f.Verdict, f.Text = Unknown, "another benchmark may run: "+oneLine(err)
			return f, nil, nil
		case got && waited >= pause:
			f.Done = "waited for " + waited.Round(time.Second).String()
			return f, l, nil
		case got:
			return f, l, nil
		case waited >= p.o.Wait:
			f.Verdict, f.Text = Fail, "another benchmark runs at the same time: each disturbs the other"
			return f, nil, nil
		}
		p.o.Progress(Waiting{For: "lock", Waited: waited, Limit: p.o.Wait})
		if err := p.o.Sleep(ctx, pause); err != nil {
			return f, nil, err
		}
	}
}
