// Hook measures what the hook, and what others do instead, add to the start of a
// shell.
//
//	go run ./test/bench/hook              on this machine as it is
//	go run ./test/bench/hook -kind wsl2   as WSL2, in a mount namespace, which needs root
//
// Each round starts every shell without and with each addition, beginning with
// another one each time, so that whatever else the machine does meets all. What is
// reported, as rows of a table, is the difference within the rounds: the median,
// and between which values half of them are.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/shell"
)

// windowsPath is what WSL appends to PATH, long as it usually is.
var windowsPath = strings.Repeat(":/mnt/c/Program Files/Some Vendor/Some Product/bin", 40)

func main() {
	log.SetFlags(0)
	rounds := flag.Int("rounds", 200, "how many rounds")
	kind := flag.String("kind", "", "wsl1 or wsl2: pretend to be that")
	flag.Parse()
	if *kind != "" {
		log.Fatal(pretend(*kind, *rounds))
	}
	if err := measure(*rounds); err != nil {
		log.Fatal(err)
	}
}

// An addition is a file that a shell sources when it starts.
type addition struct{ name, text, aim string }

func measure(rounds int) error {
	dir, err := os.MkdirTemp("", "hook-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	fmt.Printf("| start of | with | adds, ms: median of %d (quartiles) | at most |\n| --- | --- | --- | --- |\n", rounds)
	for _, words := range [][]string{
		{"bash", "bash", "--norc", "--noprofile"}, {"bash", "dash"}, {"zsh", "zsh", "-f"}, {"fish", "fish", "--no-config"},
	} {
		if _, err := exec.LookPath(words[1]); err != nil {
			continue
		}
		text, err := shell.Hook(words[0], nil)
		if err != nil {
			return err
		}
		list := []addition{{"the hook", string(text), ""}}
		if words[1] == "bash" {
			list[0].aim = "0.5"
			list = append(list, peers()...)
		}
		if err := compare(words[1:], list, dir, rounds); err != nil {
			return err
		}
	}
	return nil
}

// peers are what else a ~/.bashrc may have for the same: the line of shell that
// articles recommend, and mise.
func peers() []addition {
	list := []addition{{"`grep` in `/proc/version`", "if grep -q 'Microsoft.*WSL1' /proc/version; then export ASDF_DATA_DIR=~/.asdf-wsl1; fi\n", ""}}
	if path, err := exec.LookPath("mise"); err == nil {
		list = append(list, addition{"`mise activate`", "eval \"$(" + path + " activate bash)\"\n", ""})
	}
	return list
}

// compare prints a row for each addition to one shell.
func compare(shell []string, list []addition, home string, rounds int) error {
	list = append([]addition{{"nothing", "", ""}}, list...)
	files := make([]string, len(list))
	for i, a := range list {
		files[i] = filepath.Join(home, fmt.Sprintf("%s-%d", shell[0], i))
		if err := os.WriteFile(files[i], []byte(a.text), 0o644); err != nil {
			return err
		}
	}
	more := make([][]float64, len(list))
	for round := range rounds + 10 {
		times := make([]float64, len(list))
		for n := range list {
			i := (n + round) % len(list)
			took, err := start(shell, files[i], home)
			if err != nil {
				return err
			}
			times[i] = took
		}
		if round < 10 { // the first ones warm up
			continue
		}
		for i := range list {
			more[i] = append(more[i], times[i]-times[0])
		}
	}
	for i, a := range list[1:] {
		m := more[i+1]
		fmt.Printf("| %s | %s | %+.2f (%+.2f to %+.2f) | %s |\n", shell[0], a.name, at(m, 2), at(m, 1), at(m, 3), a.aim)
	}
	return nil
}

// start runs the shell once and returns how many milliseconds that took.
func start(shell []string, file, home string) (float64, error) {
	cmd := exec.Command(shell[0], append(slices.Clone(shell[1:]), "-c", `. "$HOOK"`)...)
	cmd.Env = []string{"HOME=" + home, "HOOK=" + file, "PATH=/usr/local/bin:/usr/bin:/bin" + windowsPath, "MISE_OFFLINE=1"}
	cmd.Stderr = os.Stderr
	began := time.Now()
	err := cmd.Run()
	return float64(time.Since(began)) / float64(time.Millisecond), err
}

// at is a quartile.
func at(values []float64, quarter int) float64 {
	values = slices.Sorted(slices.Values(values))
	return values[(len(values)-1)*quarter/4]
}

// pretend runs the program again where /proc says that this is WSL.
func pretend(kind string, rounds int) error {
	kernels := map[string][2]string{
		"wsl1": {"4.4.0-19041-Microsoft", "BOOT_IMAGE=/kernel init=/init"},
		"wsl2": {"6.6.87.2-microsoft-standard-WSL2", `initrd=\initrd.img WSL_ROOT_INIT=1 panic=-1 nr_cpus=20 hv_utils.timesync_implicit=1 earlycon=uart8250,io,0x3f8,115200 console=hvc0 debug pty.legacy_count=0`},
	}
	kernel, ok := kernels[kind]
	if !ok {
		return fmt.Errorf("unknown kind %q", kind)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	const script = `mount --make-rprivate /proc && d=$(mktemp -d) && echo "$0" >"$d/r" && echo "$1" >"$d/c" && shift && mount --bind "$d/r" /proc/sys/kernel/osrelease &&
		mount --bind "$d/c" /proc/cmdline && "$@"; s=$?; umount /proc/cmdline /proc/sys/kernel/osrelease; rm -r "$d"; exit "$s"`
	cmd := exec.Command("unshare", "-m", "--propagation", "unchanged", "sh", "-c", script, kernel[0], kernel[1],
		self, "-rounds", fmt.Sprint(rounds))
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("pretend to be %s: %w", kind, err)
	}
	os.Exit(0)
	return nil
}
