package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// cloneFrom makes a clone whose origin is that of its source, so that an update
// comes from where the source has come from.
func cloneFrom(ctx context.Context, source, to string) error {
	// Git for Windows' usual setting, in a configuration that is shared with it,
	// would put a CR into each line of the shell files.
	if _, err := git(ctx, "clone", "--quiet", "--config", "core.autocrlf=false", "--", source, to); err != nil {
		return err
	}
	if !exists(source) {
		return nil
	}
	origin, err := git(ctx, "-C", source, "config", "--get", "remote.origin.url")
	if err != nil || origin == "" {
		return nil // the source is where it has begun
	}
	if path := filepath.Join(source, origin); !filepath.IsAbs(origin) && exists(path) {
		origin = path
	}
	_, err = git(ctx, "-C", to, "remote", "set-url", "--", "origin", origin)
	return err
}

// foreign are the variables by which a git that has called us would send ours to
// its own repository ("git rev-parse --local-env-vars" lists them).
var foreign = []string{
	"GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_CONFIG", "GIT_DIR", "GIT_GRAFT_FILE", "GIT_IMPLICIT_WORK_TREE",
	"GIT_INDEX_FILE", "GIT_INTERNAL_SUPER_PREFIX", "GIT_NAMESPACE", "GIT_NO_REPLACE_OBJECTS", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX",
	"GIT_QUARANTINE_PATH", "GIT_REPLACE_REF_BASE", "GIT_SHALLOW_FILE", "GIT_WORK_TREE",
}

// git runs git, which asks nobody for a password. What safe.directory forbids it
// forbids here as well: the plugin's code is run.
func git(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Env = slices.DeleteFunc(os.Environ(), func(e string) bool {
		name, _, _ := strings.Cut(e, "=")
		return slices.Contains(foreign, name)
	})
	cmd.Env = append(cmd.Env, "GIT_TERMINAL_PROMPT=0", "GCM_INTERACTIVE=never")
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return "", fmt.Errorf("git: %s", cmp.Or(strings.TrimSpace(stderr.String()), err.Error()))
	}
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, exec.ErrNotFound) {
		return "", errors.New("there is no git on PATH")
	}
	return strings.TrimRight(string(out), "\n"), err
}
