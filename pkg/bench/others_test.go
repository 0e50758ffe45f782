package bench

import (
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A second is what a box with so many CPUs has spent its time on, in percent of one
// CPU: what is left was idle.
type second struct {
	cpus                       int
	own, others, irq           float64
	runDelay, pressure, stolen float64
}

func (s second) stat(b *box, since float64) {
	spent := [8]float64{5000, 0, 500, 90_000, 10, 0, 20, 7}
	idle := 100*float64(s.cpus) - s.own - s.others - s.irq - s.stolen
	for i, v := range []float64{s.own + s.others, 0, 0, idle, 0, 0, s.irq, s.stolen} {
		spent[i] += since * v
	}
	text := fmt.Sprintln("cpu ", strings.Trim(fmt.Sprint(spent), "[]"), 300, 0)
	for i := range s.cpus {
		text += fmt.Sprintln(fmt.Sprint("cpu", i), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)
	}
	b.write("proc/stat", text+"intr 1 2 3\nctxt 4\n")
}

// marks are those of a run of that second.
func (s second) marks(t *testing.T, config string) []Mark {
	t.Helper()
	b := newBox()
	delete(b.files, "proc/config.gz")
	b.write("boot/config-6.6.87.2-microsoft-standard-WSL2", config)
	s.stat(b, 0)
	w := &Watch{Root: b.files, Kernel: b}
	run, err := w.Once(t.Context(), happening(func(*Run) error {
		b.mono, b.boot, b.real = b.mono+time.Second, b.boot+time.Second, b.real+time.Second
		b.cpu += time.Duration(s.own * 1e7)
		b.task(10, 5.5e9, 7e9+s.runDelay*1e7)
		b.pressure(6645135752 + int64(s.pressure*1e4))
		s.stat(b, 1)
		return nil
	}))
	require.NoError(t, err)
	others, _ := run.value("Watch/others")
	require.InDelta(t, s.others, others, 1e-6)
	for i := range run.Marks {
		run.Marks[i].Value = float64(int(run.Marks[i].Value*100+0.5)) / 100
	}
	return run.Marks
}

// Machines with 1 to 64 CPUs. Who waits for himself is not disturbed, however much;
// who waits for others is, on as few CPUs as on many.
func TestOnceBlamesOthersForWhatTheyDid(t *testing.T) {
	for name, c := range map[string]struct {
		second
		want []Mark
	}{
		"one of two CPUs is used, and the other is idle":     {second{2, 100, 0.9, 0, 1.9, 0.9, 0}, nil},
		"two goroutines spin on two CPUs":                    {second{2, 198, 0.8, 0, 4, 3, 0}, nil},
		"client and server fill two CPUs":                    {second{2, 196, 1.5, 0, 56, 49, 0}, nil},
		"client and server fill two CPUs, and another works": {second{2, 190, 10, 0, 56, 49, 0}, []Mark{{RunDelay, 10, 3.8, "%"}, {Pressure, 10, 1.9, "%"}}},
		"eight spin, threads of the kernel do what they do":  {second{8, 795, 4, 0, 12, 11, 0}, nil},
		"eight spin, a process takes a tenth of one":         {second{8, 780, 18, 0, 40, 30, 0}, []Mark{{RunDelay, 18, 15.6, "%"}, {Pressure, 18, 7.8, "%"}}},
		"64 spin, threads of the kernel do what they do":     {second{64, 6380, 15, 0, 90, 80, 0}, nil},
		"64 spin, and so do three others":                    {second{64, 6100, 300, 0, 500, 100, 0}, []Mark{{RunDelay, 300, 122, "%"}, {Pressure, 100, 61, "%"}}},
		"a probe that sleeps, among others that work":        {second{4, 20, 350, 0, 5, 40, 0}, []Mark{{RunDelay, 5, 2, "%"}, {Pressure, 40, 1, "%"}}},
		"others work, and there are CPUs enough":             {second{64, 100, 900, 0, 0.4, 0.2, 0}, nil},
		"it waits for itself on its only CPU":                {second{1, 99.8, 0.1, 0, 80, 99, 0}, nil},
	} {
		require.ElementsMatch(t, c.want, c.marks(t, "CONFIG_HZ=250\n"), name)
	}
}

// The time of interrupts is in nobody's, or in that of who was interrupted.
func TestOthersAreNoInterrupts(t *testing.T) {
	apart := second{2, 160, 1, 39, 50, 40, 0}
	require.Empty(t, apart.marks(t, "CONFIG_IRQ_TIME_ACCOUNTING=y\n"))
	require.Empty(t, apart.marks(t, ""), "a kernel of which nothing is known")
	b := newBox()
	b.write("proc/stat", "cpu 1 2 3 4 5 6 7 8\ncpu0 1 2 3 4 5 6 7 8\n")
	m := (&Watch{Root: b.files, Kernel: b}).machine()
	m.config = "CONFIG_HZ=100\n# CONFIG_IRQ_TIME_ACCOUNTING is not set\n"
	_, spare, err := m.spare()
	require.NoError(t, err)
	require.InDelta(t, 0.17, spare, 1e-9, "idle, iowait, steal")
	m.config = ""
	_, spare, err = m.spare()
	require.NoError(t, err)
	require.InDelta(t, 0.30, spare, 1e-9, "irq and softirq as well")
}

// On this machine, whatever else runs here: what a process takes is in others, and
// what this one takes is not.
func TestOthersReal(t *testing.T) {
	hog := exec.Command("sh", "-c", "while :; do :; done")
	spun := time.Duration(0)
	run, err := Once(t.Context(), happening(func(*Run) error {
		if err := hog.Start(); err != nil {
			return err
		}
		var group sync.WaitGroup
		for range runtime.NumCPU() {
			group.Go(func() {
				for end := time.Now().Add(time.Second); time.Now().Before(end); {
				}
			})
		}
		group.Wait()
		before, _ := thisKernel{}.CPUTime()
		for after := before; after < before+300*time.Millisecond; after, _ = (thisKernel{}).CPUTime() {
		}
		spun = 300 * time.Millisecond
		return hog.Process.Kill() // waited for later, so that its time is not ours
	}))
	_ = hog.Wait()
	require.NoError(t, err)
	own, _ := run.value("Watch/own")
	others, ok := run.value("Watch/others")
	require.True(t, ok)
	theirs := (hog.ProcessState.UserTime() + hog.ProcessState.SystemTime()).Seconds()
	t.Logf("in %v: own %.1f %%, others %.1f %%; the hog alone %.1f %%", run.Wall, own, others, share(theirs, run.Wall))
	require.GreaterOrEqual(t, own, share(spun.Seconds(), run.Wall))
	// 10 ms is the unit of /proc/stat, of which each CPU may lack one.
	unit := share(0.01*float64(1+runtime.NumCPU()), run.Wall)
	require.GreaterOrEqual(t, others, share(theirs, run.Wall)-unit)
	require.LessOrEqual(t, own+others, 100*float64(runtime.NumCPU())+unit)
}
