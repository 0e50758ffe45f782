package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// A checkout is a revision beside the tree of the user, which is not touched.
type checkout struct {
	app  *app
	repo string // where the user's tree is
	tree string // where the revision is
	meta string // what git keeps of it in the repository of the user
	sub  string // the directory in it that stands for the current one
	rev  string // the commit
}

// checkout has git make a work tree of a revision in a scratch directory. announce is
// told of what is to be removed before it is there.
func (a *app) checkout(ctx context.Context, rev, cwd, scratch string, announce func(dir string) error) (*checkout, error) {
	git := func(args ...string) (string, error) {
		text, err := a.runAside(ctx, cwd, append([]string{"git", "-c", "core.hooksPath=/dev/null"}, args...))
		text = strings.TrimRight(text, "\n")
		if err != nil && ctx.Err() == nil {
			err = fmt.Errorf("git %s: %w: %s", strings.Join(args, " "), err, text)
		}
		return text, err
	}
	where, err := git("rev-parse", "--show-toplevel", "--git-common-dir", "--show-prefix")
	if err != nil {
		return nil, fmt.Errorf("--vs-rev: %w", err)
	}
	lines := strings.SplitN(where, "\n", 3)
	if len(lines) < 2 {
		return nil, fmt.Errorf("--vs-rev: %s is no work tree of git", cwd)
	}
	commit, err := git("rev-parse", "--verify", "--quiet", "--end-of-options", rev+"^{commit}")
	if err != nil {
		if ctx.Err() == nil {
			err = &usageError{fmt.Sprintf("--vs-rev %s: git knows no such revision here", rev), ""}
		}
		return nil, err
	}
	common := lines[1]
	if !filepath.IsAbs(common) {
		common = filepath.Join(cwd, common)
	}
	// git names what it keeps after the last part of the path, which is one of its own.
	name := fmt.Sprintf("golang-wsl-bench-%d-%d", os.Getpid(), time.Now().UnixNano())
	c := &checkout{app: a, repo: lines[0], tree: filepath.Join(scratch, name), meta: filepath.Join(common, "worktrees", name), rev: commit}
	if len(lines) == 3 {
		c.sub = lines[2]
	}
	if err := errors.Join(announce(c.meta), announce(c.tree)); err != nil {
		return nil, err
	}
	if _, err := git("worktree", "add", "--quiet", "--detach", c.tree, commit); err != nil {
		return nil, errors.Join(err, c.remove())
	}
	if info, err := os.Stat(c.dir()); err != nil || !info.IsDir() {
		return nil, errors.Join(fmt.Errorf("--vs-rev %s: there was no directory %s then", rev, c.sub), c.remove())
	}
	return c, nil
}

// dir is where the current directory is in the revision.
func (c *checkout) dir() string { return filepath.Join(c.tree, c.sub) }

// remove has git forget the work tree, and removes it. It is done also where nobody
// waits any more.
func (c *checkout) remove() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	_, _ = c.app.runAside(ctx, c.repo, []string{"git", "worktree", "remove", "--force", "--force", c.tree})
	return errors.Join(os.RemoveAll(c.tree), os.RemoveAll(c.meta))
}

// treeNote says what the tree of the user is, where it is compared with a revision.
func (a *app) treeNote(ctx context.Context, cwd string) string {
	text, err := a.runAside(ctx, cwd, []string{"git", "status", "--porcelain"})
	switch {
	case err != nil:
		return "the work tree"
	case strings.TrimSpace(text) == "":
		return "the work tree, nothing changed in it since its commit"
	}
	return fmt.Sprintf("the work tree as it is, with %d files that are not as committed", len(strings.Split(strings.TrimSpace(text), "\n")))
}
