package snapshot

import (
	"crypto/sha256"
	"debug/buildinfo"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"path"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
)

// goVars are the variables that change how a Go program runs or is built.
var goVars = strings.Fields("GODEBUG GOGC GOMEMLIMIT GOMAXPROCS GOEXPERIMENT GOTRACEBACK GOTOOLCHAIN GOFLAGS GOAMD64 GOARM64 CGO_ENABLED")

// golang is what measures, and the program that is measured.
func (t *taker) golang(keys map[string]string) {
	t.add(Fact{Group: "go", Name: "version", Source: "runtime", Value: runtime.Version()})
	t.add(Fact{Group: "go", Name: "platform", Source: "runtime", Value: runtime.GOOS + "/" + runtime.GOARCH})
	t.add(Fact{Group: "go", Name: "gomaxprocs", Source: "runtime", Value: keys["gomaxprocs"]})
	t.add(Fact{Group: "go", Name: "gomaxprocs-because", Source: "runtime", Value: t.whyProcs(keys)})
	t.key(keys, "go", "gogc", Setting, "gogc", "runtime/metrics")
	t.key(keys, "go", "gomemlimit", Setting, "gomemlimit", "runtime/metrics")
	for _, name := range goVars {
		t.add(Fact{Group: "go", Name: name, Source: "the environment", Value: line(t.Env(name)), Absent: "not set"})
	}
	if info, ok := debug.ReadBuildInfo(); ok {
		t.built("tool", info)
	}
	if t.Binary != "" {
		t.binary()
	}
}

// whyProcs is where GOMAXPROCS comes from, as Go 1.25 and later choose it.
func (t *taker) whyProcs(keys map[string]string) string {
	if v := t.Env("GOMAXPROCS"); v != "" {
		return "GOMAXPROCS=" + line(v)
	}
	quota, err := strconv.ParseFloat(keys["cgroup-cpu-max"], 64)
	cpus, errCPUs := strconv.ParseFloat(keys["cpus"], 64)
	if err == nil && errCPUs == nil && quota < cpus {
		return fmt.Sprintf("the group has %s of %s CPUs", keys["cgroup-cpu-max"], keys["cpus"])
	}
	return fmt.Sprintf("it may run on %s CPUs", keys["cpus"])
}

// built is how a program was built, without the arguments that name directories.
func (t *taker) built(name string, info *debug.BuildInfo) {
	t.add(Fact{Group: "go", Name: name + "-go", Source: "build information", Value: info.GoVersion})
	t.add(Fact{Group: "go", Name: name + "-module", Source: "build information", Value: strings.TrimSpace(info.Main.Path + " " + info.Main.Version), Absent: "not said"})
	for _, s := range info.Settings {
		switch s.Key {
		case "-gcflags", "-ldflags", "-asmflags", "CGO_CFLAGS", "CGO_CPPFLAGS", "CGO_CXXFLAGS", "CGO_LDFLAGS":
			continue
		}
		t.add(Fact{Group: "go", Name: name + " " + s.Key, Source: "build information", Value: line(s.Value), Absent: "empty"})
	}
}

// binary is the program that is measured: what it is made of, and whether the kernel
// chooses where it lies.
func (t *taker) binary() {
	sum, err := t.sum(t.Binary)
	t.say("go", "binary-sha256", Setting, t.Binary, sum, err)
	file, err := t.Root.Open(strings.TrimPrefix(path.Clean(t.Binary), "/"))
	if err != nil {
		return
	}
	defer file.Close()
	at, ok := file.(io.ReaderAt)
	if !ok {
		return
	}
	if info, err := buildinfo.Read(at); err == nil {
		t.built("binary", info)
	}
	program, err := elf.NewFile(at)
	if err != nil {
		t.say("go", "binary-pie", Setting, t.Binary, "", errors.New("no ELF"))
		return
	}
	t.say("go", "binary-pie", Setting, t.Binary, strconv.FormatBool(program.Type == elf.ET_DYN), nil)
}

func (t *taker) sum(name string) (string, error) {
	file, err := t.Root.Open(strings.TrimPrefix(path.Clean(name), "/"))
	if err != nil {
		return "", err
	}
	defer file.Close()
	hash := sha256.New()
	if _, err := io.Copy(hash, file); err != nil {
		return "", err
	}
	return fmt.Sprintf("%x", hash.Sum(nil)), nil
}
