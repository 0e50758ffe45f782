package fsio

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/perf/benchfmt"
)

// A Test is a package whose benchmarks are run in each place. Its module is copied
// there, without .git; what it needs of other modules is where the go command keeps
// that.
type Test struct {
	Package string // its directory, in a module
	Bench   string // the benchmarks, as -bench has it; "" is all
}

// module is the directory of the go.mod above the package, and the package as the go
// command names it from there.
func (t Test) module() (dir, pkg string, err error) {
	abs, err := filepath.Abs(t.Package)
	if err != nil {
		return "", "", err
	}
	for dir = abs; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			rel, err := filepath.Rel(dir, abs)
			return dir, "./" + filepath.ToSlash(rel), err
		} else if !errors.Is(err, fs.ErrNotExist) {
			return "", "", err
		}
		if dir == filepath.Dir(dir) {
			return "", "", fmt.Errorf("%s is in no module", abs)
		}
	}
}

// A trial is a copy of the module in a place.
type trial struct {
	place     *place
	from, dir string
	pkg       string
	command   *track
	results   map[string]*track // by benchmark
}

func (s *session) newTrials() (trials []*trial, err error) {
	if s.options.Test.Package == "" {
		return nil, nil
	}
	from, pkg, err := s.options.Test.module()
	if err != nil {
		return nil, err
	}
	var commands []*track
	for _, p := range s.places {
		t := &trial{place: p, pkg: pkg, from: from, dir: filepath.Join(p.scratch, "test"), results: make(map[string]*track)}
		t.command = &track{op: &operation{name: "GoTest/command", note: "all of go test -bench, the test built before"}, place: p, batch: 1}
		trials, commands = append(trials, t), append(commands, t.command)
	}
	s.builds = append(s.builds, commands)
	return trials, nil
}

// prepare copies the module and builds the test.
func (t *trial) prepare(ctx context.Context, s *session) error {
	s.pulse.enter("copy the module", t.place)
	if err := copyTree(t.dir, t.from, s.beat); err != nil {
		return t.place.lost("copy the module", err)
	}
	_, err := t.run(ctx, s, "^$")
	return err
}

// testAll runs the benchmarks in each place in turns.
func (s *session) testAll(ctx context.Context, trials []*trial) error {
	if len(trials) == 0 {
		return nil
	}
	defer s.trackResults(trials)
	for r := 1; r <= s.goRounds(); r++ {
		for i := range trials {
			if err := trials[(i+r)%len(trials)].round(ctx, s); err != nil {
				return err
			}
		}
	}
	return nil
}

// trackResults puts the benchmarks of the places side by side.
func (s *session) trackResults(trials []*trial) {
	for _, name := range slices.Sorted(maps.Keys(trials[0].results)) {
		var tracks []*track
		for _, t := range trials {
			if r, ok := t.results[name]; ok {
				tracks = append(tracks, r)
			}
		}
		s.builds = append(s.builds, tracks)
	}
}

func (t *trial) round(ctx context.Context, s *session) error {
	printed, err := t.run(ctx, s, s.options.Test.Bench)
	if err != nil {
		return err
	}
	found := false
	for name, ps := range results(printed) {
		found = true
		if t.results[name] == nil {
			op := &operation{name: "GoTest/" + name, picoseconds: true, note: "as go test -bench has it"}
			t.results[name] = &track{op: op, place: t.place, batch: 1}
		}
		t.results[name].one(ps)
	}
	if !found {
		return &Error{"go test", t.place.dir, fmt.Errorf("no benchmark of %s is named like %q", t.pkg, s.options.Test.Bench)}
	}
	return nil
}

func (t *trial) run(ctx context.Context, s *session, pattern string) ([]byte, error) {
	if pattern == "" {
		pattern = "."
	}
	took, printed, err := s.goCommand(ctx, t.place, Command{
		Args: []string{"test", "-count=1", "-run=^$", "-bench=" + pattern, t.pkg}, Dir: t.dir,
		Env: []string{"GOCACHE=" + t.place.cache, "GOWORK=off"},
	})
	if err == nil && pattern != "^$" {
		t.command.one(int64(took))
	}
	return printed, err
}

// procs is what the testing package ends the name of a benchmark with.
var procs = regexp.MustCompile(`-[0-9]+$`)

// results are the times of the benchmarks that go test has printed, in picoseconds.
func results(printed []byte) map[string]int64 {
	found := make(map[string]int64)
	r := benchfmt.NewReader(bytes.NewReader(printed), "go test")
	for r.Scan() {
		result, ok := r.Result().(*benchfmt.Result)
		if !ok {
			continue
		}
		if seconds, ok := result.Value("sec/op"); ok {
			name := procs.ReplaceAllString(string(result.Name.Full()), "")
			found[name] = int64(seconds * 1e12)
		}
	}
	return found
}

// copyTree copies a module or a GOCACHE without .git. Links are copied as links, what
// is neither file nor directory is not.
func copyTree(to, from string, beat func()) error {
	return filepath.WalkDir(from, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		beat()
		rel, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		switch {
		case entry.Name() == ".git" || strings.HasPrefix(entry.Name(), Prefix) && entry.IsDir():
			if entry.IsDir() {
				return fs.SkipDir
			}
			return nil
		case entry.IsDir():
			return os.MkdirAll(target, 0o755)
		case entry.Type() == fs.ModeSymlink:
			link, err := os.Readlink(name)
			if err != nil {
				return err
			}
			return os.Symlink(link, target)
		case !entry.Type().IsRegular():
			return nil
		}
		return copyFile(target, name)
	})
}

func copyFile(to, from string) error {
	info, err := os.Stat(from)
	if err != nil {
		return err
	}
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, text, info.Mode().Perm()|0o200)
}
