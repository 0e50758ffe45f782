package snapshot

import (
	"path"
	"strings"
)

// security is what this process may do. Who it is is not said, only whether it is
// root.
func (t *taker) security() {
	const file = "/proc/self/status"
	text, err := t.read(file)
	status := fields(text)
	privileged := "no"
	if ids := strings.Fields(status["Uid"]); len(ids) > 1 && ids[1] == "0" {
		privileged = "yes"
	}
	t.say("security", "root", Setting, file, privileged, err)
	for _, f := range []struct{ fact, name string }{
		{"seccomp", "Seccomp"}, {"no-new-privs", "NoNewPrivs"}, {"capabilities", "CapEff"}, {"capabilities-bound", "CapBnd"},
	} {
		t.add(Fact{Group: "security", Name: f.fact, Source: file, Value: status[f.name], Absent: "not said"})
	}
	t.file("security", "apparmor-restricts-userns", Setting, "/proc/sys/kernel/apparmor_restrict_unprivileged_userns")
	t.file("security", "personality", Setting, "/proc/self/personality")
}

// power is what it runs on, where Linux knows it.
func (t *taker) power() {
	dirs := t.glob("/sys/class/power_supply/*")
	if len(dirs) == 0 {
		t.add(Fact{Group: "power", Name: "supplies", Source: "/sys/class/power_supply", Absent: "there is none to be seen"})
	}
	for _, dir := range dirs {
		for _, name := range []string{"type", "online", "status", "capacity"} {
			file := path.Join(dir, name)
			if text, err := t.read(file); err == nil {
				kind := Setting
				if name == "capacity" {
					kind = Gauge
				}
				t.say("power", path.Base(dir)+"-"+name, kind, file, text, nil)
			}
		}
	}
	t.file("power", "profile", Setting, "/sys/firmware/acpi/platform_profile")
}
