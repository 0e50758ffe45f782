// Shim measures what it costs to call go through something that chooses the
// version: the median of many calls of "go version", each beside a direct call,
// four directories below the file that asks for a version.
//
//	go run ./test/bench/shim -helper "$(scripts/build)"
//
// It prints rows of a table, one for each way. asdf's own shim is one of them
// where an asdf is on PATH.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// A way is a path to call, and what the calls took.
type way struct {
	name, path, aim string
	took            []time.Duration
}

func main() {
	helper := flag.String("helper", "", "path of the helper; its shim lies beside it")
	plugin := flag.String("plugin", ".", "directory with the plugin's bin and lib")
	goCommand := flag.String("go", "", "path of the go to call (that of PATH)")
	pairs := flag.Int("pairs", 300, "calls of each way")
	flag.Parse()
	if err := measure(*helper, *plugin, *goCommand, *pairs); err != nil {
		fmt.Fprintln(os.Stderr, "shim:", err)
		os.Exit(1)
	}
}

func measure(helper, plugin, goCommand string, pairs int) error {
	dir, err := os.MkdirTemp("", "bench-shim-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if goCommand == "" {
		root, err := exec.Command("go", "env", "GOROOT").Output()
		if err != nil {
			return err
		}
		goCommand = filepath.Join(strings.TrimSpace(string(root)), "bin", "go")
	}
	if goCommand, err = filepath.EvalSymlinks(goCommand); err != nil {
		return err
	}
	t := &tree{dir: dir, data: filepath.Join(dir, "data")}
	ways, err := t.build(helper, plugin, goCommand)
	if err != nil {
		return err
	}
	for round := range pairs + 3 {
		for i := range ways {
			w := ways[(i+round)%len(ways)]
			took, err := t.call(w.path)
			if err != nil {
				return err
			}
			if round >= 3 {
				w.took = append(w.took, took)
			}
		}
	}
	write(ways)
	return nil
}

// call starts a process with as little around it as there can be.
func (t *tree) call(path string) (time.Duration, error) {
	null, err := os.OpenFile(os.DevNull, os.O_RDWR, 0)
	if err != nil {
		return 0, err
	}
	defer null.Close()
	attr := &os.ProcAttr{Dir: t.project, Env: t.env, Files: []*os.File{null, null, os.Stderr}}
	begin := time.Now()
	p, err := os.StartProcess(path, []string{"go", "version"}, attr)
	if err != nil {
		return 0, err
	}
	state, err := p.Wait()
	took := time.Since(begin)
	if err == nil && !state.Success() {
		err = fmt.Errorf("%s version: %v", path, state)
	}
	return took, err
}

// write gives the median of the ratios of pairs, and not the ratio of medians:
// what else the machine does falls on both calls of a pair.
func write(ways []*way) {
	fmt.Printf("| `go version`, %d calls each | median (10th to 90th percentile), ms | ratio to direct (10th to 90th) | aim |\n| --- | --- | --- | --- |\n", len(ways[0].took))
	for _, w := range ways {
		var ms, ratios []float64
		for i, took := range w.took {
			ms = append(ms, float64(took.Microseconds())/1000)
			ratios = append(ratios, float64(took)/float64(ways[0].took[i]))
		}
		fmt.Printf("| %s | %s | %s | %s |\n", w.name, spread(ms), spread(ratios), w.aim)
	}
}

func spread(list []float64) string {
	slices.Sort(list)
	at := func(percent int) float64 { return list[(len(list)-1)*percent/100] }
	return fmt.Sprintf("%.2f (%.2f to %.2f)", at(50), at(10), at(90))
}

// A tree is a data directory with one version, which a project asks for.
type tree struct {
	dir, data, project string
	env                []string
}

func (t *tree) build(helper, plugin, goCommand string) ([]*way, error) {
	bin := filepath.Join(t.data, "golang-wsl", "bin")
	root := filepath.Join(t.data, "installs", "golang-wsl", "bench")
	t.project = filepath.Join(t.dir, "home", "project", "a", "b", "c", "d")
	for _, dir := range []string{bin, filepath.Join(root, "bin"), t.project} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return nil, err
		}
	}
	suffix, ok := strings.CutPrefix(filepath.Base(helper), "golang-wsl")
	if !ok {
		return nil, fmt.Errorf("-helper %q is no golang-wsl", helper)
	}
	for from, to := range map[string]string{helper: "golang-wsl", filepath.Join(filepath.Dir(helper), "golang-wsl-shim"+suffix): "golang-wsl-shim"} {
		data, err := os.ReadFile(from)
		if err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(bin, to), data, 0o755); err != nil {
			return nil, err
		}
	}
	for name, text := range map[string]string{
		filepath.Join(t.dir, "home", "project", ".tool-versions"): "golang-wsl bench\n",
		filepath.Join(t.data, "golang-wsl", "plugin"):             "golang-wsl\n",
		filepath.Join(t.data, "golang-wsl", "env.sh"):             "[ -n \"${GOBIN:-}\" ] || export GOBIN='" + bin + "'\n",
		filepath.Join(root, ".golang-wsl.env"):                    "if [ -n \"${GOROOT:-}\" ]; then export GOROOT=; fi\n",
	} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			return nil, err
		}
	}
	for link, target := range map[string]string{
		filepath.Join(bin, "go"):         "golang-wsl-shim",
		filepath.Join(root, "go"):        filepath.Dir(filepath.Dir(goCommand)),
		filepath.Join(root, "bin", "go"): "../go/bin/go",
	} {
		if err := os.Symlink(target, link); err != nil {
			return nil, err
		}
	}
	t.env = append(os.Environ(), "HOME="+filepath.Join(t.dir, "home"), "ASDF_DATA_DIR="+t.data, "GOTOOLCHAIN=local")
	ways := []*way{
		{name: "the go itself", path: goCommand},
		{name: "`$ASDF_DATA_DIR/golang-wsl/bin/go`", path: filepath.Join(bin, "go"), aim: "1.5"},
	}
	asdf, err := t.asdf(plugin)
	if asdf != nil {
		ways = append(ways, asdf)
	}
	return ways, err
}

// asdf has its shim made, with this plugin as asdf would have cloned it.
func (t *tree) asdf(plugin string) (*way, error) {
	path, err := exec.LookPath("asdf")
	if err != nil {
		return nil, nil
	}
	version, err := exec.Command(path, "--version").CombinedOutput()
	if err != nil {
		return nil, err
	}
	for _, part := range []string{"bin", "lib"} {
		if err := os.CopyFS(filepath.Join(t.data, "plugins", "golang-wsl", part), os.DirFS(filepath.Join(plugin, part))); err != nil {
			return nil, err
		}
	}
	cmd := exec.Command(path, "reshim", "golang-wsl", "bench")
	cmd.Env = t.env
	if out, err := cmd.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("asdf reshim: %w\n%s", err, out)
	}
	name := "asdf's shim, " + string(bytes.TrimSpace(bytes.TrimPrefix(version, []byte("asdf version "))))
	return &way{name: name, path: filepath.Join(t.data, "shims", "go")}, nil
}
