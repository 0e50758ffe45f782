package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/toolchain"
)

// reshim tells asdf about an install, where there is an asdf that has the plugin:
// its shims know the names that they were told, and no others. Callbacks need
// not, for asdf does it after them. What fails here is said, and is no error: the
// install is there, and the fast shim knows it.
func (a *app) reshim(ctx context.Context, store toolchain.Store, name string) {
	asdf, err := exec.LookPath("asdf")
	if err != nil || !exists(filepath.Join(store.DataDir, "plugins", store.Plugin)) {
		return
	}
	cmd := exec.CommandContext(ctx, asdf, "reshim", store.Plugin, name)
	cmd.Env = append(os.Environ(), "ASDF_DATA_DIR="+store.DataDir)
	if out, err := cmd.CombinedOutput(); err != nil {
		a.say(oneLine(fmt.Sprintf("asdf reshim %s %s: %v: %s", store.Plugin, name, err, strings.TrimSpace(string(out)))))
	}
}
