package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
)

// benchName is the program that measures. The helper does without what only that
// needs, so that it starts fast.
const benchName = "golang-wsl-bench"

// builtFrom is where the sources were that this program was built from;
// lib/build.bash stamps it.
var builtFrom string

func (a *app) benchCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "bench [COMMAND]",
		Short: "Measure how Go runs on this machine, and compare",
		Long: `Measure how Go runs on this machine, and say how sure that is. The program that does
so, golang-wsl-bench, is built on first use. "golang-wsl bench --help" lists what it
measures.`,
		Example: `  golang-wsl bench sched --quick
  golang-wsl bench all -o run.txt
  golang-wsl bench compare before.txt after.txt
  golang-wsl bench trace trace.out`,
		DisableFlagParsing: true, // they are for the other program
		ValidArgsFunction: func(_ *cobra.Command, args []string, word string) ([]string, cobra.ShellCompDirective) {
			_ = a.bench(append(append([]string{os.Args[1]}, args...), word)) // __complete, or its like; answers by itself
			return nil, cobra.ShellCompDirectiveError
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.bench(args) },
	}
}

// bench becomes golang-wsl-bench: the one that was built with this program, else the
// script that finds it or builds it.
func (a *app) bench(args []string) error {
	exe, err := os.Executable()
	if err != nil {
		return err
	}
	if beside := besideProgram(exe, benchName); beside != "" {
		return becomeProgram(beside, args)
	}
	script, err := a.benchScript(exe)
	if err != nil {
		return err
	}
	bash, err := exec.LookPath("bash")
	if err != nil {
		return fmt.Errorf("build %s: %w", benchName, err)
	}
	return becomeProgram(bash, append([]string{script}, args...))
}

// benchScript is in the sources: those of the plugin that calls, those that this
// program is from, those of the plugin in the data directory.
func (a *app) benchScript(exe string) (string, error) {
	places := []string{a.env("GOLANG_WSL_PLUGIN_DIR"), builtFrom}
	if store, err := a.store(); err == nil {
		places = append(places, filepath.Join(store.DataDir, "plugins", store.Plugin))
	}
	for _, dir := range places {
		script := filepath.Join(dir, "lib", "bench.bash")
		if info, err := os.Stat(script); err == nil && filepath.IsAbs(dir) && info.Mode().IsRegular() {
			return script, nil
		}
	}
	return "", &noBenchError{exe}
}

// noBenchError is a copy of this program far from its sources.
type noBenchError struct{ exe string }

func (e *noBenchError) Error() string {
	return fmt.Sprintf("%s is not beside %s, and the sources to build it from are not on this machine", benchName, e.exe)
}

// besideProgram is a program that was built with this one: it lies beside it, and its
// name has the same end. "" is none.
func besideProgram(exe, name string) string {
	dir, own := filepath.Split(exe)
	rest, ok := strings.CutPrefix(own, "golang-wsl")
	path := filepath.Join(dir, name+rest)
	if info, err := os.Stat(path); ok && err == nil && info.Mode().IsRegular() && info.Size() > 0 {
		return path
	}
	return ""
}

func becomeProgram(path string, args []string) error {
	return fmt.Errorf("exec %s: %w", path, syscall.Exec(path, append([]string{path}, args...), os.Environ()))
}
