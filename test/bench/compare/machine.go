package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// describeMachine says on what, and against what, it was measured.
func describeMachine(o options) (string, error) {
	var uname unix.Utsname
	if err := unix.Uname(&uname); err != nil {
		return "", err
	}
	load, _ := os.ReadFile("/proc/loadavg")
	lines := []string{
		fmt.Sprintf("%s, %s, %d cores (%s), Linux %s, %s", time.Now().UTC().Format("2006-01-02"), model(), runtime.NumCPU(),
			runtime.GOARCH, unix.ByteSliceToString(uname.Release[:]), fileSystem(o.dir)),
		fmt.Sprintf("load average when it began: %s", strings.Join(strings.Fields(string(load))[:3], ", ")),
		fmt.Sprintf("helper built by %s; beside it %s", word(o.helper, 2, "version"), strings.Join(tools(o), ", ")),
	}
	return strings.Join(lines, ";\n"), nil
}

func tools(o options) []string {
	list := []string{
		"cmd/go of " + word(o.goCommand, 2, "version"), "curl " + word(o.curl, 1, "--version"),
		"GNU tar " + word("tar", 3, "--version"), "gzip " + word("gzip", 1, "--version"),
		"coreutils " + word("sha256sum", 3, "--version"),
	}
	if o.mise != "" {
		list = append(list, "mise "+word(o.mise, 0, "--version"))
	}
	return list
}

// word is the n-th word of the first line that a command prints.
func word(name string, n int, args ...string) string {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C", "GOTOOLCHAIN=local")
	out, _ := cmd.Output()
	line, _, _ := strings.Cut(string(out), "\n")
	if words := strings.Fields(line); len(words) > n {
		return words[n]
	}
	return "(unknown version)"
}

func model() string {
	data, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(data)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "unknown CPU"
}

// fileSystem is the type of the file system that dir is on: of the mount point
// that is the longest beginning of its path.
func fileSystem(dir string) string {
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return "unknown file system"
	}
	data, _ := os.ReadFile("/proc/self/mounts")
	best, kind := "", "unknown file system"
	for line := range strings.Lines(string(data)) {
		f := strings.Fields(line)
		if len(f) < 3 || len(f[1]) < len(best) {
			continue
		}
		if f[1] == "/" || dir == f[1] || strings.HasPrefix(dir, f[1]+"/") {
			best, kind = f[1], f[2]
		}
	}
	return kind
}
