package doctor

import (
	"context"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/mod/semver"
)

// An asdf is a program of that name.
type asdf struct {
	file    string
	version string // "v0.20.0"; "" if it does not say
}

// inGo is the first asdf that is a program in Go. Those before are bash scripts.
const inGo = "v0.16.0"

func (a asdf) isBash() bool { return a.version != "" && semver.Compare(a.version, inGo) < 0 }
func (a asdf) isGo() bool   { return a.version != "" && !a.isBash() }

func (a asdf) below(v string) bool { return a.isGo() && semver.Compare(a.version, v) < 0 }

func (a asdf) String() string {
	return strings.TrimSpace(a.file + " " + strings.TrimPrefix(a.version, "v"))
}

func lookAsdfVersion(ctx context.Context, m *Machine) Finding {
	all := m.asdfs(ctx)
	if len(all) == 0 {
		return skipped("asdf is not on PATH")
	}
	first := all[0]
	f := Finding{Status: OK, Text: first.String()}
	for _, a := range all {
		f.Evidence = append(f.Evidence, a.String())
	}
	bash, both := m.twoAsdfs(all)
	switch {
	case both:
		f.Status, f.Text = Warning, fmt.Sprintf("two at once: %s, in bash, and %s, in Go", bash, goAsdf(all))
		f.Cure = fmt.Sprintf("take the line that sources %s/asdf.sh out of the rc files, then in a new shell: asdf reshim", path.Dir(path.Dir(bash.file)))
		return f
	case first.version == "":
		f.Status, f.Text = Info, first.file+" does not say which version it is"
		return f
	case first.isBash():
		f.Status, f.Text = Info, first.String()+" is written in bash: what runs through its shims starts a tenth of a second later"
		f.Cure = "https://asdf-vm.com/guide/upgrading-to-v0-16.html says how to come to one in Go"
		return f
	case first.below("v0.16.1"):
		f.Status, f.Text = Warning, first.String()+" reads ~/.tool-versions only below the home directory (asdf-vm/asdf#1860)"
	case first.below("v0.19.0") && strings.Contains(m.plugin(m.dataDir()), "-"):
		f.Status, f.Text = Info, fmt.Sprintf("%s does not know the variable %s; 0.19 does", first, m.versionVariable())
		if m.Env(m.versionVariable()) != "" && !m.shimFirst() {
			f.Status = Warning
		}
	case first.below("v0.16.6"):
		f.Status, f.Text = Info, first.String()+" keeps the directory of an install that failed, and takes it for an installed version; 0.16.6 does not"
	}
	if f.Status != OK {
		f.Cure = m.upgrade(first)
	}
	return f
}

// asdfs are those on PATH, each once.
func (m *Machine) asdfs(ctx context.Context) (all []asdf) {
	for file := range m.lookHere("asdf") {
		if !slices.ContainsFunc(all, func(a asdf) bool { return m.real(a.file) == m.real(file) }) {
			all = append(all, asdf{file, m.asdfVersion(ctx, file)})
		}
	}
	return all
}

var asdfNumber = regexp.MustCompile(`\b\d+\.\d+\.\d+\b`)

// asdfVersion is what an asdf says of itself: "v0.14.0-ccdd47d", "asdf version
// 0.20.0 (revision unknown)". Beside one in bash there is a file as well.
func (m *Machine) asdfVersion(ctx context.Context, file string) string {
	text := ""
	if m.Run != nil {
		out, err := m.Run(ctx, file, "--version")
		if err == nil {
			text = string(out)
		}
	}
	number := asdfNumber.FindString(firstLine(text))
	if number == "" {
		text, _ = m.read(path.Join(path.Dir(path.Dir(m.real(file))), "version.txt"))
		number = asdfNumber.FindString(firstLine(text))
	}
	if number == "" {
		return ""
	}
	return "v" + number
}

// twoAsdfs finds one in bash, by PATH or by asdf.sh, which has been sourced where
// ASDF_DIR is set, beside one in Go.
func (m *Machine) twoAsdfs(all []asdf) (bash asdf, both bool) {
	i := slices.IndexFunc(all, asdf.isBash)
	if i >= 0 {
		bash = all[i]
	} else if dir := absolute(m.Env("ASDF_DIR")); dir != "" && m.exists(path.Join(dir, "asdf.sh")) {
		text, _ := m.read(path.Join(dir, "version.txt"))
		if number := asdfNumber.FindString(firstLine(text)); number != "" {
			bash = asdf{path.Join(dir, "bin", "asdf"), "v" + number}
		}
	}
	return bash, bash.isBash() && slices.ContainsFunc(all, asdf.isGo)
}

func goAsdf(all []asdf) asdf { return all[slices.IndexFunc(all, asdf.isGo)] }

// shimFirst reports whether the go that runs is found by golang-wsl's own shim,
// which reads the variables that asdf does.
func (m *Machine) shimFirst() bool {
	for file := range m.lookHere("go") {
		return path.Dir(file) == path.Join(m.dataDir(), "golang-wsl", "bin")
	}
	return false
}

// upgrade is how an asdf in Go gets newer: there is no command of its own.
func (m *Machine) upgrade(a asdf) string {
	file := m.real(a.file)
	switch {
	case strings.Contains(file, "/Cellar/"):
		return "brew upgrade asdf"
	case m.home() != "" && strings.HasPrefix(file, m.home()+"/") && m.first("go") != "":
		return fmt.Sprintf("GOBIN=%s go install github.com/asdf-vm/asdf/cmd/asdf@latest", quote(path.Dir(file)))
	}
	return "put a current asdf from https://github.com/asdf-vm/asdf/releases in the place of " + quote(file)
}
