package bench

import (
	"cmp"
	"compress/gzip"
	"io"
	"math"
	"path"
	"regexp"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"strconv"
	"strings"
	"time"
)

// Absent is the value of a key for what this machine does not tell, such as psi on
// WSL1. That is not zero.
const Absent = "absent"

// env is what decides whether two runs can be compared.
func (m *machine) env() []Key {
	keys := []Key{
		{"goversion", runtime.Version()},
		{"goos", runtime.GOOS},
		{"goarch", runtime.GOARCH},
		{"gomaxprocs", strconv.Itoa(runtime.GOMAXPROCS(0))},
		{"gogc", setting("/gc/gogc:percent", math.MaxUint64)},
		{"gomemlimit", setting("/gc/gomemlimit:bytes", math.MaxInt64)},
		{"clock-step-ns", strconv.FormatInt(clockStep(), 10)},
	}
	keys = append(keys, built()...)
	cpus, err := m.kernel.CPUs()
	keys = append(keys, told("cpus", strconv.Itoa(cpus), err))
	keys = append(keys, m.file("kernel", "proc/sys/kernel/osrelease"))
	keys = append(keys, m.file("clocksource", "sys/devices/system/clocksource/clocksource0/current_clocksource"))
	synchronized, err := m.kernel.Synchronized()
	keys = append(keys, told("clock-synchronized", strconv.FormatBool(synchronized), err))
	keys = append(keys, m.timerSlack(), m.cpu())
	keys = append(keys, m.ticks()...)
	return append(keys,
		Key{"cgroup-cpu-max", m.group.cpuMax(m)},
		Key{"cgroup-memory-max", m.group.memoryMax(m)})
}

// told is a key whose value may be unknown.
func told(name, value string, err error) Key {
	if value = strings.Join(strings.Fields(value), " "); err != nil || value == "" {
		value = Absent
	}
	return Key{name, value}
}

func (m *machine) file(name, file string) Key {
	text, err := m.read(file)
	return told(name, text, err)
}

// setting is a limit of the collector as it is now: "off" where there is none.
func setting(name string, off uint64) string {
	sample := []metrics.Sample{{Name: name}}
	metrics.Read(sample)
	if sample[0].Value.Kind() != metrics.KindUint64 {
		return Absent
	}
	if v := sample[0].Value.Uint64(); v != off {
		return strconv.FormatUint(v, 10)
	}
	return "off"
}

// built is how the program was built, as far as it changes what is measured.
func built() (keys []Key) {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return nil
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "DefaultGODEBUG":
			keys = append(keys, told("godebug-default", s.Value, nil))
		case "GOEXPERIMENT", "GOAMD64", "GOARM64", "-pgo", "-race":
			keys = append(keys, told(strings.ToLower(strings.TrimLeft(s.Key, "-")), s.Value, nil))
		}
	}
	return keys
}

// clockStep is the least time that passes between two different readings of the
// clock: 100 ns where Hyper-V's page is the clock (microsoft/WSL#77).
func clockStep() int64 {
	base, step := time.Now(), int64(math.MaxInt64)
	for before, i := time.Since(base), 0; i < 2000; i++ {
		now := time.Since(base)
		if now > before {
			step = min(step, int64(now-before))
		}
		before = now
	}
	return step
}

// timerSlack is that of the main thread, which the others have inherited unless
// somebody set it; of the calling thread where no file says it.
func (m *machine) timerSlack() Key {
	if key := m.file("timerslack-ns", "proc/self/timerslack_ns"); key.Value != Absent {
		return key
	}
	slack, err := m.kernel.TimerSlack()
	return told("timerslack-ns", strconv.FormatInt(slack, 10), err)
}

var modelName = regexp.MustCompile(`(?m)^model name\s*:(.*)$`)

func (m *machine) cpu() Key {
	text, err := m.read("proc/cpuinfo")
	if found := modelName.FindStringSubmatch(text); found != nil {
		return told("cpu", found[1], nil)
	}
	return told("cpu", "", err)
}

var (
	preempts = regexp.MustCompile(`\bPREEMPT(_[A-Z]+)?\b`)
	chosen   = regexp.MustCompile(`\bpreempt=(\w+)`)
	models   = regexp.MustCompile(`(?m)^CONFIG_PREEMPT(?:_(NONE|VOLUNTARY|LAZY|RT))?=y$`)
	ticks    = regexp.MustCompile(`(?m)^CONFIG_HZ=(\d+)$`)
)

// ticks are the rate of the kernel's clock interrupt and when it takes a CPU away.
// A kernel with PREEMPT_DYNAMIC decides that at boot. Its debugfs says how, but to
// root only, and root's runs must not differ from others by that.
func (m *machine) ticks() []Key {
	version, _ := m.read("proc/version")
	preempt, model := preempts.FindString(version), ""
	if found := models.FindStringSubmatch(m.config); found != nil {
		model = strings.ToLower(cmp.Or(found[1], "full"))
	}
	switch command, _ := m.read("proc/cmdline"); {
	case version == "": // absent
	case preempt == "": // the version names neither of the two
		preempt = cmp.Or(model, "none or voluntary")
	case preempt == "PREEMPT_DYNAMIC":
		if found := chosen.FindStringSubmatch(command); found != nil {
			model = found[1]
		}
		preempt = strings.TrimSpace(preempt + " " + model)
	}
	hz := ""
	if found := ticks.FindStringSubmatch(m.config); found != nil {
		hz = found[1]
	}
	return []Key{told("preempt", preempt, nil), told("hz", hz, nil)}
}

// kernelConfig is what the kernel was built with: in the kernel itself on WSL2, in
// /boot on Debian.
func (m *machine) kernelConfig() string {
	if file, err := m.root.Open("proc/config.gz"); err == nil {
		defer file.Close()
		if unzip, err := gzip.NewReader(file); err == nil {
			text, _ := io.ReadAll(io.LimitReader(unzip, 1<<20)) // 300 KB are usual
			return string(text)
		}
	}
	release, _ := m.read("proc/sys/kernel/osrelease")
	text, _ := m.read(path.Join("boot", "config-"+release))
	return text
}
