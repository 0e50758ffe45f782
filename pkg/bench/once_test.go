package bench

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// A box is a machine of text. Each thing that happens on it lasts a second.
type box struct {
	files fstest.MapFS
	kernelOfBox
}

type kernelOfBox struct {
	mono, boot, real time.Duration
	raw              time.Duration // less mono
	hardware         time.Duration // 0 is none
	open             int           // how often that is open
	nivcsw           int64
	cpu              time.Duration // that this process has used
	broken           bool
}

// hardwareID is what no clock of the kernel's own has.
const hardwareID = -29

func (k *kernelOfBox) Hardware() (id int32, done func(), err error) {
	if k.hardware == 0 || k.broken {
		return 0, nil, errBroken
	}
	k.open++
	return hardwareID, func() { k.open-- }, nil
}

var errBroken = errors.New("broken")

func (k *kernelOfBox) Clock(id int32) (time.Duration, error) {
	if k.broken {
		return 0, errBroken
	}
	return map[int32]time.Duration{unix.CLOCK_MONOTONIC: k.mono, unix.CLOCK_BOOTTIME: k.boot, unix.CLOCK_REALTIME: k.real, unix.CLOCK_MONOTONIC_RAW: k.mono + k.raw, hardwareID: k.hardware}[id], nil
}

func (k *kernelOfBox) or() (err error) {
	if k.broken {
		err = errBroken
	}
	return err
}
func (k *kernelOfBox) Synchronized() (bool, error)     { return true, k.or() }
func (k *kernelOfBox) Nivcsw() (int64, error)          { return k.nivcsw, k.or() }
func (k *kernelOfBox) CPUTime() (time.Duration, error) { return k.cpu, k.or() }
func (k *kernelOfBox) CPUs() (int, error)              { return 8, k.or() }
func (k *kernelOfBox) TimerSlack() (int64, error)      { return 1, k.or() }

func (b *box) write(name, text string) { b.files[name] = &fstest.MapFile{Data: []byte(text)} }

// newBox has the texts of a WSL2 with cgroup v2, Linux 6.6.
func newBox() *box {
	b := &box{files: make(fstest.MapFS)}
	b.kernelOfBox = kernelOfBox{mono: 1000 * time.Second, boot: 1500 * time.Second, real: 1e9 * time.Second}
	b.write("proc/self/cgroup", "0::/wsl-user/Debian/inner\n")
	b.write("proc/self/mountinfo", "76 67 0:29 / /sys/fs/cgroup rw,nosuid,nodev,noexec,relatime shared:5 - cgroup2 cgroup2 rw,nsdelegate\n")
	b.write("sys/fs/cgroup/wsl-user/Debian/inner/cpu.max", "max 100000\n")
	b.write("sys/fs/cgroup/wsl-user/Debian/cpu.max", "799000 100000\n")
	b.write("sys/fs/cgroup/wsl-user/Debian/memory.max", "8254390272\n")
	b.write("sys/fs/cgroup/wsl-user/Debian/inner/memory.max", "max\n")
	b.throttled(700)
	b.write("proc/self/timerslack_ns", "50000\n")
	b.write("proc/version", "Linux version 6.6.87.2-microsoft-standard-WSL2 (root@x) (gcc (GCC) 11.2.0) #1 SMP PREEMPT_DYNAMIC Thu Jun  5 18:30:46 UTC 2025\n")
	b.write("proc/sys/kernel/osrelease", "6.6.87.2-microsoft-standard-WSL2\n")
	b.write("sys/devices/system/clocksource/clocksource0/current_clocksource", "tsc\n")
	b.write("proc/cpuinfo", "processor\t: 0\nmodel name\t: AMD  Ryzen 7\nprocessor\t: 1\nmodel name\t: AMD  Ryzen 7\n")
	var config bytes.Buffer
	zip := gzip.NewWriter(&config)
	fmt.Fprint(zip, "CONFIG_HZ_100=y\nCONFIG_HZ=100\nCONFIG_PREEMPT_NONE=y\n")
	zip.Close()
	b.write("proc/config.gz", config.String())
	b.pressure(6645135752)
	b.ticks(1000, 0)
	b.task(10, 5e9, 7e9)
	b.task(11, 1e9, 3e9)
	return b
}

func (b *box) throttled(us int) {
	b.write("sys/fs/cgroup/wsl-user/Debian/cpu.stat", fmt.Sprintf("usage_usec 1\nnr_throttled 3\nthrottled_usec %d\n", us))
}
func (b *box) pressure(us int64) {
	b.write("proc/pressure/cpu", fmt.Sprintf("some avg10=2.02 avg60=1.38 avg300=1.55 total=%d\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=99\n", us))
}
func (b *box) ticks(user, steal int) {
	b.write("proc/stat", fmt.Sprintf("cpu  %d 0 500 9000 10 0 20 %d 300 0\ncpu0 1 2 3 4 5 6 7 8 9 10\n", user, steal))
}
func (b *box) task(id int, ran, waited float64) {
	b.write(fmt.Sprintf("proc/self/task/%d/schedstat", id), fmt.Sprintf("%.0f %.0f 12\n", ran, waited))
}

// A happening is a probe that measures nothing.
type happening func(run *Run) error

func (happening) Name() string { return "happening" }
func (h happening) Measure(_ context.Context, run *Run) error {
	return h(run)
}

// once is a run of 1 s in which the time passes, the threads run, and something
// happens.
func (b *box) once(t *testing.T, what func()) *Run {
	t.Helper()
	w := &Watch{Root: b.files, Kernel: b}
	run, err := w.Once(t.Context(), happening(func(run *Run) error {
		b.mono, b.boot, b.real = b.mono+time.Second, b.boot+time.Second, b.real+time.Second
		b.task(10, 5.5e9, 7e9)
		b.ticks(1200, 0)
		what()
		return nil
	}))
	require.NoError(t, err)
	return run
}

func TestOnceFindsWhatDisturbs(t *testing.T) {
	for _, c := range []struct {
		cause string
		what  func(*box)
		want  Mark
	}{
		{"nothing", func(*box) {}, Mark{}},
		{"little of everything", func(b *box) {
			b.task(10, 5.5e9, 7.019e9)
			b.pressure(6645135752 + 9_900)
			b.ticks(1199, 1)
			b.boot += 5 * time.Millisecond
			b.raw = -500 * time.Microsecond // as much as the kernel steers
			b.nivcsw = 1e6
		}, Mark{}},
		{"a thread waits", func(b *box) { b.task(11, 1.1e9, 3.021e9) }, Mark{RunDelay, 2.1, 2, "%"}},
		{"a new thread waits", func(b *box) { b.task(12, 1e6, 0.03e9) }, Mark{RunDelay, 3, 2, "%"}},
		{"a thread of an old number waits", func(b *box) { b.task(11, 1e6, 0.03e9) }, Mark{RunDelay, 3, 2, "%"}},
		{"the hypervisor runs others", func(b *box) { b.ticks(1192, 8) }, Mark{Steal, 4, 0.5, "%"}},
		{"others wait", func(b *box) { b.pressure(6645135752 + 11_000) }, Mark{Pressure, 1.1, 1, "%"}},
		{"a group above has no time left", func(b *box) { b.throttled(701) }, Mark{Throttled, 1, 0, "us"}},
		{"the machine sleeps", func(b *box) { b.boot += time.Minute; b.real += time.Minute }, Mark{Suspend, 60_000, 10, "ms"}},
		{"the clock is set", func(b *box) { b.real -= time.Second }, Mark{ClockSet, -1000, 10, "ms"}},
		{"the clock is steered", func(b *box) { b.raw = -10 * time.Millisecond }, Mark{ClockSlew, 1e6 * 10 / 990, 1000, "ppm"}},
		{"the clock is steered the other way", func(b *box) { b.raw = 10 * time.Millisecond }, Mark{ClockSlew, -1e6 * 10 / 1010, 1000, "ppm"}},
		{"the clock runs backwards", func(b *box) {
			b.mono, b.boot, b.real = b.mono-time.Second-5, b.boot-time.Second-5, b.real-time.Second-5
		}, Mark{ClockBack, 5, 0, "ns"}},
	} {
		b := newBox()
		run := b.once(t, func() { c.what(b) })
		if c.want.Cause == "" {
			require.Empty(t, run.Marks, c.cause)
			require.Equal(t, time.Second, run.Wall)
			require.True(t, run.Clean())
			continue
		}
		require.False(t, run.Clean(), c.cause)
		i := 0
		for i < len(run.Marks) && run.Marks[i].Cause != c.want.Cause {
			i++
		}
		require.Less(t, i, len(run.Marks), "%s: %v", c.cause, run.Marks)
		require.InDelta(t, c.want.Value, run.Marks[i].Value, 1e-6, c.cause)
		run.Marks[i].Value = c.want.Value
		require.Equal(t, c.want, run.Marks[i], c.cause)
		if c.want.Cause != ClockBack { // with a wall of nothing all shares are large
			require.Len(t, run.Marks, 1, c.cause)
		}
	}
}

// What is not known is a key, and no zero.
func TestOnceSaysWhatIsAbsent(t *testing.T) {
	run := (&box{files: newBox().files, kernelOfBox: kernelOfBox{broken: true}}).once(t, func() {})
	for _, key := range []string{Suspend, ClockSet, ClockSlew, Nivcsw, Own, Others, "cpus", "clock-synchronized"} {
		require.Equal(t, Absent, run.Get(key), key)
	}
	require.Equal(t, "50000", run.Get("timerslack-ns"))

	b := newBox()
	clear(b.files) // all that WSL1 could lack
	run = b.once(t, func() { clear(b.files) })
	for _, key := range []string{RunDelay, Steal, Pressure, Throttled, "kernel", "clocksource", "preempt", "hz", "cpu", "cgroup-cpu-max", "cgroup-memory-max"} {
		require.Equal(t, Absent, run.Get(key), key)
	}
	require.Equal(t, "1", run.Get("timerslack-ns"), "prctl knows")
	for _, v := range run.Values {
		require.NotContains(t, []string{RunDelay, Steal, Pressure, Throttled}, strings.TrimPrefix(v.Name, "Watch/"))
	}
	require.Empty(t, run.Marks)
}

// What a kernel has but does not count, or not as expected, is absent, too.
func TestOnceSaysWhatIsNotCounted(t *testing.T) {
	for cause, what := range map[string]func(*box){
		RunDelay: func(b *box) { b.task(10, 0, 0); b.task(11, 0, 0) },
		Steal:    func(b *box) { b.write("proc/stat", "cpu  1 2 3 4\n") },
		Pressure: func(b *box) { b.write("proc/pressure/cpu", "some\n") },
		Throttled: func(b *box) {
			b.write("sys/fs/cgroup/wsl-user/Debian/cpu.stat", "usage_usec 1\n")
		},
	} {
		b := newBox()
		what(b)
		run := b.once(t, func() { what(b) })
		require.Equal(t, Absent, run.Get(cause), cause)
	}
}

func TestOnceKeepsToLimits(t *testing.T) {
	b := newBox()
	w := &Watch{Root: b.files, Kernel: b, Limits: map[string]float64{Pressure: 50}, Env: []Key{{"kind", "wsl2"}}}
	run, err := w.Once(t.Context(), happening(func(*Run) error {
		b.mono += time.Second
		b.pressure(6645135752 + 300_000)
		b.throttled(800)
		return nil
	}))
	require.NoError(t, err)
	require.Equal(t, []string{Throttled, Suspend}, []string{run.Marks[0].Cause, run.Marks[1].Cause}, "%v", run.Marks)
	require.Equal(t, "wsl2", run.Get("kind"))
}

func TestEnvironment(t *testing.T) {
	run := newBox().once(t, func() {})
	for key, want := range map[string]string{
		"goversion": runtime.Version(), "gomaxprocs": fmt.Sprint(runtime.GOMAXPROCS(0)), "goarch": runtime.GOARCH,
		"cpus": "8", "clock-synchronized": "true", "kernel": "6.6.87.2-microsoft-standard-WSL2", "clocksource": "tsc", "timerslack-ns": "50000",
		"cpu": "AMD Ryzen 7", "preempt": "PREEMPT_DYNAMIC none", "hz": "100",
		"cgroup-cpu-max": "7.99", "cgroup-memory-max": "8254390272",
		"kind": "", // is the caller's
	} {
		require.Equal(t, want, run.Get(key), key)
	}
	require.NotEmpty(t, run.Get("clock-step-ns"))
	for _, k := range run.Env {
		require.True(t, isConfig(k), "%v must be a line of the benchmark format", k)
	}
}

func TestEnvironmentOfOthers(t *testing.T) {
	b := newBox()
	delete(b.files, "proc/config.gz")
	b.write("boot/config-6.6.87.2-microsoft-standard-WSL2", "CONFIG_HZ=250\n")
	b.write("proc/cmdline", "root=/dev/sda1 preempt=full quiet\n")
	b.write("proc/version", "Linux version 6.1.0-18-amd64 #1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1\n")
	run := b.once(t, func() {})
	require.Equal(t, "250", run.Get("hz"))
	require.Equal(t, "PREEMPT_DYNAMIC full", run.Get("preempt"))

	b = newBox() // version 1 of cgroups, and no word about preemption
	delete(b.files, "proc/config.gz")
	b.write("proc/version", "Linux version 5.4.0-1 #20-Ubuntu SMP Tue Jan 1\n")
	b.write("proc/self/cgroup", "4:memory:/box/a\n1:cpu,cpuacct:/\n0::/\n")
	b.write("proc/self/mountinfo", "32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu,cpuacct\n"+
		"35 31 0:32 /box /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n")
	b.write("sys/fs/cgroup/cpu/cpu.cfs_quota_us", "-1\n")
	b.write("sys/fs/cgroup/cpu/cpu.cfs_period_us", "100000\n")
	b.write("sys/fs/cgroup/memory/a/memory.limit_in_bytes", "1048576\n")
	b.write("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n")
	b.write("sys/fs/cgroup/cpu/cpu.stat", "nr_periods 0\nthrottled_time 0\n")
	run = b.once(t, func() { b.write("sys/fs/cgroup/cpu/cpu.stat", "nr_periods 0\nthrottled_time 5000\n") })
	require.Equal(t, "none or voluntary", run.Get("preempt"))
	require.Equal(t, "max", run.Get("cgroup-cpu-max"))
	require.Equal(t, "1048576", run.Get("cgroup-memory-max"))
	require.Equal(t, []Mark{{Throttled, 5, 0, "us"}}, run.Marks)
	b.write("sys/fs/cgroup/memory/a/memory.limit_in_bytes", "9223372036854771712\n")
	require.Equal(t, "max", b.once(t, func() {}).Get("cgroup-memory-max"))
}

func TestOnceIsPartialWhereItEndsEarly(t *testing.T) {
	b := newBox()
	w := &Watch{Root: b.files, Kernel: b}
	run, err := w.Once(t.Context(), happening(func(run *Run) error {
		run.Add(Series{Name: "X", Samples: []int64{1}})
		return context.Canceled
	}))
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorContains(t, err, "measure happening: ")
	require.True(t, run.Partial)
	require.Len(t, run.Series, 1)
}

// Doubts about a series are in its note, as the file has no samples.
func TestOnceNotesDoubts(t *testing.T) {
	b, drifting := newBox(), Series{Name: "X", Note: "odd"}
	for i := range 1000 {
		drifting.Samples = append(drifting.Samples, int64(1000+i))
	}
	run, err := (&Watch{Root: b.files, Kernel: b}).Once(t.Context(), happening(func(run *Run) error {
		run.Add(drifting)
		run.Add(Series{Name: "Y", Samples: []int64{1, 1}})
		run.Add(Series{Name: "Step", Role: Floor, Samples: drifting.Samples})
		return nil
	}))
	require.NoError(t, err)
	require.Regexp(t, `^odd; not stationary: the last third is \+\d+ % of the first; samples follow each other`, run.Series[0].Note)
	require.Empty(t, run.Series[1].Note)
	require.Empty(t, run.Series[2].Note, "a floor is what it is")
}

// On this machine, whatever it is: more threads than CPUs wait for each other, and
// that is seen. Where other processes are in their way that is a disturbance.
func TestOnceSeesRealDelay(t *testing.T) {
	procs := 4 * runtime.NumCPU()
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
	for range procs {
		hog := exec.Command("sh", "-c", "while :; do :; done")
		require.NoError(t, hog.Start())
		defer func() { _ = hog.Process.Kill(); _ = hog.Wait() }()
	}
	run, err := Once(t.Context(), happening(func(*Run) error {
		var wg sync.WaitGroup
		end := time.Now().Add(300 * time.Millisecond)
		for range procs {
			wg.Go(func() {
				for time.Now().Before(end) {
				}
			})
		}
		wg.Wait()
		return nil
	}))
	require.NoError(t, err)
	if run.Get(RunDelay) == Absent {
		t.Skip("this kernel does not count it")
	}
	waited, _ := run.value("Watch/run-delay")
	require.Greater(t, waited, 20.0)
	require.True(t, slices.ContainsFunc(run.Marks, func(m Mark) bool { return m.Cause == RunDelay && m.Value > 10 }), "%v", run.Marks)
	require.GreaterOrEqual(t, run.Wall, 300*time.Millisecond)
}
