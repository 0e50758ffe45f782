package doctor

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// A support is until when a release gets fixes, without a contract.
type support struct {
	id, version string
	until       string // the last month, 2006-01
	lacks       string // what Go misses there
}

// supported has the ends that the distributions have published: Ubuntu's standard
// support, Debian's LTS, Alpine's main repository. A release that is not here is
// not judged.
var supported = []support{
	{"ubuntu", "16.04", "2021-04", "glibc 2.23, gcc 5, no cgroup v2"},
	{"ubuntu", "18.04", "2023-05", "glibc 2.27, gcc 7, no cgroup v2 by default"},
	{"ubuntu", "20.04", "2025-05", "glibc 2.31, gcc 9, cgroup v1 by default"},
	{"ubuntu", "22.04", "2027-04", ""},
	{"ubuntu", "23.10", "2024-07", ""},
	{"ubuntu", "24.04", "2029-04", ""},
	{"ubuntu", "24.10", "2025-07", ""},
	{"ubuntu", "25.04", "2026-01", ""},
	{"debian", "9", "2022-06", "glibc 2.24, gcc 6"},
	{"debian", "10", "2024-06", "glibc 2.28, gcc 8"},
	{"debian", "11", "2026-08", "glibc 2.31, gcc 10"},
	{"debian", "12", "2028-06", ""},
	{"debian", "13", "2030-06", ""},
	{"alpine", "3.15", "2023-11", ""},
	{"alpine", "3.16", "2024-05", ""},
	{"alpine", "3.17", "2024-11", ""},
	{"alpine", "3.18", "2025-05", ""},
	{"alpine", "3.19", "2025-11", ""},
	{"alpine", "3.20", "2026-04", ""},
	{"opensuse-leap", "15.5", "2024-12", ""},
}

func lookDistribution(_ context.Context, m *Machine) Finding {
	d := m.Report.Distribution
	name := d.PrettyName
	if name == "" {
		name = strings.TrimSpace(d.Name + " " + d.VersionID)
	}
	if name == "" {
		return skipped("no os-release")
	}
	for _, s := range supported {
		if s.id != d.ID || s.version != d.VersionID && !(d.ID == "alpine" && strings.HasPrefix(d.VersionID, s.version+".")) {
			continue
		}
		until, err := time.Parse("2006-01", s.until)
		if err != nil {
			continue
		}
		f := Finding{Status: OK, Text: fmt.Sprintf("%s, supported until %s", name, s.until)}
		if s.lacks != "" {
			f.Evidence = []string{"it comes with " + s.lacks}
		}
		if m.Now.After(until.AddDate(0, 1, 0)) {
			f.Status, f.Text = Warning, fmt.Sprintf("%s had its last fixes in %s", name, s.until)
			if !m.isWSL() {
				f.Cure = "upgrade the distribution to a release that is supported"
			}
		} else if d.ID == "ubuntu" && s.version < "22.04" {
			f.Status, f.Text = Info, fmt.Sprintf("%s is older than 22.04: %s", name, s.lacks)
		}
		return f
	}
	return ok("%s", name)
}
