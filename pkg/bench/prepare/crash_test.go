package prepare_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/prepare"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/sandbox"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/snapshot"
)

// This test binary is also the tool that is killed, and its guardian.
const (
	asTool     = "PREPARE_TEST_TOOL" // the root of its tree
	asGuardian = "PREPARE_TEST_GUARDIAN"
)

func TestMain(m *testing.M) {
	switch root := os.Getenv(asTool); {
	case os.Getenv(asGuardian) != "":
		if err := sandbox.Guard(context.Background(), os.Stdin, sandbox.Machine{}); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	case root != "":
		if err := tool(root); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// tool changes the governor and has it back, again and again, until it is killed.
func tool(root string) error {
	if err := os.Setenv(asGuardian, "1"); err != nil {
		return err
	}
	journal, err := sandbox.StartGuard([]string{"/proc/self/exe"}, os.Stderr)
	if err != nil {
		return err
	}
	for {
		_, undo, err := prepare.Prepare(context.Background(), prepare.Options{
			Facts: prepare.Facts{Snapshot: new(snapshot.Snapshot)}, Files: prepare.Files{Root: root},
			Governor: "performance", Journal: absolute{root, journal},
		})
		if err != nil {
			return err
		}
		fmt.Println("changed")
		if err := undo(); err != nil {
			return err
		}
	}
}

// absolute tells the guardian where the files of the tree really are.
type absolute struct {
	root    string
	journal *sandbox.Journal
}

func (a absolute) File(name, old string) (func(), error) {
	return a.journal.File(filepath.Join(a.root, name), old)
}

// A tool that is killed at any moment leaves each file as it was.
func TestKilledToolLeavesNothing(t *testing.T) {
	for round := range 20 {
		root := t.TempDir()
		files := map[string]string{"policy0": "powersave", "policy4": "schedutil"}
		for policy, governor := range files {
			dir := filepath.Join(root, "sys/devices/system/cpu/cpufreq", policy)
			require.NoError(t, os.MkdirAll(dir, 0o755))
			require.NoError(t, os.WriteFile(filepath.Join(dir, "scaling_governor"), []byte(governor), 0o644))
		}
		cmd := exec.Command("/proc/self/exe")
		cmd.Env = append(os.Environ(), asTool+"="+root)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		require.True(t, bufio.NewScanner(out).Scan(), "it has changed something once")
		time.Sleep(time.Duration(round) * 137 * time.Microsecond)
		require.NoError(t, cmd.Process.Kill())
		_ = cmd.Wait()
		for policy, governor := range files {
			name := filepath.Join(root, "sys/devices/system/cpu/cpufreq", policy, "scaling_governor")
			require.Eventually(t, func() bool {
				text, err := os.ReadFile(name)
				return err == nil && string(text) == governor
			}, 10*time.Second, 5*time.Millisecond, "round %d: %s", round, policy)
		}
	}
}
