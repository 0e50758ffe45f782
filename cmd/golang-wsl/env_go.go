package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goenv"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/profile"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/toolchain"
)

// goWrite is a variable that "go env -w" was run for.
type goWrite struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Before string `json:"before,omitempty"` // what the user had there
}

// goWritesFile remembers them. The file of the go command is one for all kinds and
// all programs, so that only what is known to be ours may be taken out of it.
func goWritesFile(store toolchain.Store) string {
	return filepath.Join(store.DataDir, "golang-wsl", "go-env.json")
}

func readGoWrites(store toolchain.Store) (writes []goWrite, err error) {
	data, err := os.ReadFile(goWritesFile(store))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil {
		err = json.Unmarshal(data, &writes)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", goWritesFile(store), err)
	}
	return writes, nil
}

// writeGo has the go command keep the variables. What is to be done is remembered
// first: who is killed in between has left nothing that cannot be taken back.
func (a *app) writeGo(ctx context.Context, store toolchain.Store, vars []goenv.Var) error {
	var writes []goWrite
	for _, v := range vars {
		if before := a.fromGoEnvFile(v.Name); before != v.Value {
			writes = append(writes, goWrite{v.Name, v.Value, before})
		}
	}
	if len(writes) == 0 {
		return nil
	}
	data, err := json.MarshalIndent(writes, "", "  ")
	if err != nil {
		return err
	}
	if err := writeSecret(goWritesFile(store), append(data, '\n')); err != nil {
		return err
	}
	for _, w := range writes {
		if err := a.goEnv(ctx, store, "-w", w.Name+"="+w.Value); err != nil {
			return err
		}
	}
	return nil
}

// takeBackGo undoes writeGo where the value is still the one that it wrote.
func (a *app) takeBackGo(ctx context.Context, store toolchain.Store) error {
	writes, err := readGoWrites(store)
	if err != nil || len(writes) == 0 {
		return err
	}
	for _, w := range writes {
		switch {
		case a.fromGoEnvFile(w.Name) != w.Value:
			continue
		case w.Before == "":
			err = a.goEnv(ctx, store, "-u", w.Name)
		default:
			err = a.goEnv(ctx, store, "-w", w.Name+"="+w.Before)
		}
		if err != nil {
			return err
		}
	}
	return os.Remove(goWritesFile(store))
}

// goEnv runs "go env" with a flag. What it warns of is not asked: a variable of
// this shell outranks what is written, and that is said by "golang-wsl env". No
// go.mod around here may make it another go.
func (a *app) goEnv(ctx context.Context, store toolchain.Store, flag, arg string) error {
	path, err := a.anyGo(store)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, path, "env", flag, arg)
	name, _, _ := strings.Cut(arg, "=")
	for _, pair := range os.Environ() {
		if key, _, _ := strings.Cut(pair, "="); key != name && key != "GOROOT" && key != "GOTOOLCHAIN" {
			cmd.Env = append(cmd.Env, pair)
		}
	}
	cmd.Env = append(cmd.Env, "GOTOOLCHAIN=local")
	cmd.Dir = "/"
	shown := fmt.Sprintf("go env %s %s", flag, profile.Redacted(arg))
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", shown, err, oneLine(profile.Redacted(string(out))))
	}
	a.say(shown)
	return nil
}

// anyGo is the go that this directory asks for, else the newest that is installed:
// they all write the same file.
func (a *app) anyGo(store toolchain.Store) (string, error) {
	if a.goEnvFile() == "off" {
		return "", &usageError{"GOENV=off: the go command keeps no settings", "unset GOENV, or leave --go-env out: env.sh needs no such file"}
	}
	if active, err := a.activeGo(store); err == nil && active.Path != "" {
		return active.Path, nil
	}
	versions, err := store.Versions()
	if err != nil {
		return "", err
	}
	if len(versions) > 0 {
		return filepath.Join(store.GOROOT(versions[len(versions)-1].String()), "bin", "go"), nil
	}
	return "", &usageError{"no go is here to run \"go env\" with", "golang-wsl install latest, or leave --go-env out"}
}
