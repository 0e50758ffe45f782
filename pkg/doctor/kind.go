package doctor

import (
	"context"
	"fmt"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/wsl"
)

func wslChecks() []Check {
	return []Check{
		{
			ID: "wsl-kind", Title: "kind of Linux", Look: lookKind,
			Reads:   "what `golang-wsl detect` reads, `WSL_DISTRO_NAME`, `wsl.exe --list --verbose`",
			Decides: "WSL1 is a warning, a kind that little speaks for is info",
			Why:     "WSL1 translates system calls: no cgroup v2, perf or systemd, Delve hangs (go-delve/delve#1973), and file locks differ (microsoft/WSL#1927)",
			Cure:    "wsl.exe --set-version NAME 2",
		},
		{
			ID: "distribution", Title: "distribution and its end of life", Look: lookDistribution,
			Reads:   "`/etc/os-release`, the clock",
			Decides: "past its end of support is a warning; Ubuntu older than 22.04 is info until then",
			Why:     "no more security fixes, roots of trust or compilers for cgo; prebuilt tools ask for a newer glibc",
			Cure:    "wsl.exe --install a current release beside this one, or upgrade in place",
		},
	}
}

func lookKind(ctx context.Context, m *Machine) Finding {
	f := Finding{Status: OK, Text: fmt.Sprintf("%s (%s): %s", m.Report.Kind, m.Report.Confidence, m.Report.Because)}
	for _, e := range m.Report.Evidence {
		f.Evidence = append(f.Evidence, e.String())
	}
	if m.Report.Kind == wsl.WSL1 {
		f.Status = Warning
		name, candidates := m.distroName(ctx)
		f.Evidence = append(f.Evidence, candidates...)
		f.Cure = toWSL2(name)
	} else if m.Report.Confidence == wsl.Low {
		f.Status = Info
	}
	return f
}

// toWSL2 makes WSL2 of a distribution, whose name may not be known.
func toWSL2(name string) string {
	if name == "NAME" {
		return "wsl.exe --list --verbose shows its name; wsl.exe --set-version NAME 2"
	}
	return fmt.Sprintf("wsl.exe --set-version %s 2", quote(name))
}

// distroName is what Windows calls this distribution. The variable is not there
// under sudo, ssh and cron; then the list has it, if only one of version 1 runs.
func (m *Machine) distroName(ctx context.Context) (name string, candidates []string) {
	if name = m.Env("WSL_DISTRO_NAME"); name != "" {
		return name, nil
	}
	if m.Run == nil {
		return "NAME", []string{"the name is not known: WSL_DISTRO_NAME is not set"}
	}
	out, err := m.Run(ctx, "wsl.exe", "--list", "--verbose")
	if err != nil {
		return "NAME", []string{"the name is not known: wsl.exe: " + firstLine(err.Error())}
	}
	var running []string
	for _, d := range ParseList(out) {
		if d.Version == 1 {
			candidates = append(candidates, "wsl.exe lists "+d.Name+" ("+d.State+")")
			if d.State == "Running" {
				running = append(running, d.Name)
			}
		}
	}
	switch {
	case len(running) == 1:
		return running[0], candidates
	case len(candidates) == 1:
		name = strings.TrimPrefix(candidates[0], "wsl.exe lists ")
		return name[:strings.LastIndex(name, " (")], candidates
	}
	return "NAME", candidates
}

// quote is one word of a shell.
func quote(word string) string {
	if word != "" && !strings.ContainsFunc(word, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._/+:@%-~=", r)
	}) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return strings.TrimSpace(line)
}
