// Command hook measures what the hook adds to the start of a shell.
//
//	go run ./test/bench/hook              on this machine as it is
//	go run ./test/bench/hook -kind wsl2   as WSL2, in a mount namespace, which needs root
//
// Each round starts a shell that sources an empty file and one that sources the
// hook, one right after the other and in turns first, so that whatever else the
// machine does meets both. What is reported is the difference within the rounds,
// in milliseconds: the median, and between which values half of them are.
package main

import (
	"errors"
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
	dir, err := os.MkdirTemp("", "hook-")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	fmt.Println("shell    without  with the hook  difference  half of them between")
	for _, words := range [][]string{
		{"bash", "bash", "--norc", "--noprofile"}, {"bash", "dash"}, {"zsh", "zsh", "-f"}, {"fish", "fish", "--no-config"},
	} {
		if _, err := exec.LookPath(words[1]); err != nil {
			continue
		}
		text, err := shell.Hook(words[0], nil)
		if err != nil {
			log.Fatal(err)
		}
		if err := compare(words[1:], text, dir, *rounds); err != nil {
			log.Fatal(err)
		}
	}
}

// compare prints a line about one shell.
func compare(shell []string, text []byte, home string, rounds int) error {
	empty, hook := filepath.Join(home, "empty"), filepath.Join(home, "hook")
	if err := errors.Join(os.WriteFile(empty, nil, 0o644), os.WriteFile(hook, text, 0o644)); err != nil {
		return err
	}
	var without, with, more []float64
	for i := range rounds + 10 {
		files, times := []string{empty, hook}, make([]float64, 2)
		for n := range 2 {
			which := (n + i) % 2
			d, err := start(shell, files[which], home)
			if err != nil {
				return err
			}
			times[which] = d
		}
		if i >= 10 { // the first ones warm up
			without, with, more = append(without, times[0]), append(with, times[1]), append(more, times[1]-times[0])
		}
	}
	fmt.Printf("%-8s %7.2f  %13.2f  %+10.2f  %+.2f and %+.2f\n", shell[0], at(without, 2), at(with, 2), at(more, 2), at(more, 1), at(more, 3))
	return nil
}

// start runs the shell once and returns how many milliseconds that took.
func start(shell []string, file, home string) (float64, error) {
	cmd := exec.Command(shell[0], append(slices.Clone(shell[1:]), "-c", `. "$HOOK"`)...)
	cmd.Env = []string{"HOME=" + home, "HOOK=" + file, "PATH=/usr/local/bin:/usr/bin:/bin" + windowsPath}
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
	const script = `d=$(mktemp -d) && echo "$0" >"$d/r" && echo "$1" >"$d/c" && shift && mount --bind "$d/r" /proc/sys/kernel/osrelease &&
		mount --bind "$d/c" /proc/cmdline && "$@"; s=$?; umount /proc/cmdline /proc/sys/kernel/osrelease; rm -r "$d"; exit "$s"`
	cmd := exec.Command("unshare", "-m", "--propagation", "private", "sh", "-c", script, kernel[0], kernel[1],
		self, "-rounds", fmt.Sprint(rounds))
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("pretend to be %s: %w", kind, err)
	}
	os.Exit(0)
	return nil
}
