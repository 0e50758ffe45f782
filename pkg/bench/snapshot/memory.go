package snapshot

import (
	"path"
	"slices"
	"strings"
)

// meminfo are the rows of /proc/meminfo that matter; the text has the others. Sizes
// are in KiB.
func (t *taker) meminfo() {
	const file = "/proc/meminfo"
	text, _ := t.raw("memory", "meminfo", Gauge, file, "see total-kib and others")
	values := fields(text)
	for _, row := range []struct {
		fact, name string
		kind       Kind
	}{
		{"total-kib", "MemTotal", Setting}, {"free-kib", "MemFree", Gauge}, {"available-kib", "MemAvailable", Gauge},
		{"cached-kib", "Cached", Gauge}, {"dirty-kib", "Dirty", Gauge}, {"writeback-kib", "Writeback", Gauge},
		{"swap-total-kib", "SwapTotal", Setting}, {"swap-free-kib", "SwapFree", Gauge}, {"thp-kib", "AnonHugePages", Gauge},
	} {
		if v, ok := values[row.name]; ok {
			t.say("memory", row.fact, row.kind, file, strings.TrimSuffix(v, " kB"), nil)
		}
	}
}

// disks are the file systems of where it is measured, and what they are on.
func (t *taker) disks() {
	t.file("disk", "mounts", Setting, "/proc/self/mountinfo")
	dirs := append([]string{"/"}, t.Dirs...)
	for i, dir := range dirs {
		if i > 0 && slices.Index(dirs, dir) < i {
			continue
		}
		name := "root"
		if i > 0 {
			name = "dir" + number(int64(i))
		}
		t.mount(name, dir)
	}
	for _, m := range t.report.Mounts {
		if m.Windows {
			t.add(Fact{Group: "disk", Name: "windows at " + m.Point, Source: "/proc/self/mountinfo", Value: m.Type + " " + m.Options})
		}
	}
	for _, dir := range t.glob("/sys/block/*") {
		t.block(path.Base(dir), dir)
	}
}

// mount adds what a directory is on. A Windows drive is not asked how much room it
// has: it may never answer.
func (t *taker) mount(name, dir string) {
	m, ok := t.report.Mounts.At(dir)
	f := Fact{Group: "disk", Name: name, Source: "/proc/self/mountinfo", Absent: "no such mount"}
	if ok {
		f.Value, f.Raw = m.Type+" "+m.Options, m.String()
	}
	t.add(f)
	if m.Windows {
		return
	}
	st, err := t.Kernel.FileSystem(dir)
	t.say("disk", name+"-type", Setting, "statfs "+dir, magic(st.Type), err)
	t.say("disk", name+"-free-bytes", Gauge, "statfs "+dir, number(int64(st.Free)), err)
	t.say("disk", name+"-free-files", Gauge, "statfs "+dir, number(int64(st.Files)), err)
}

// block adds a device. Those in memory and loops are left out: they have no queue of
// their own.
func (t *taker) block(name, dir string) {
	for _, kind := range []string{"loop", "ram", "zram"} {
		if strings.HasPrefix(name, kind) {
			return
		}
	}
	t.file("disk", name+"-scheduler", Setting, path.Join(dir, "queue/scheduler"))
	t.file("disk", name+"-rotational", Setting, path.Join(dir, "queue/rotational"))
	t.file("disk", name+"-model", Setting, path.Join(dir, "device/model")) // "Virtual Disk" is a VHDX
}
