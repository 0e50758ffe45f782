package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/profile"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/toolchain"
	"github.com/spf13/cobra"
)

func (a *app) envProfileCommand() *cobra.Command {
	var c choice
	var goEnv bool
	cmd := &cobra.Command{
		Use:   "profile [NAME]",
		Short: "List the network profiles, or choose one for this kind of Linux",
		Long: `A profile says which proxy the go command asks and who vouches for what it gets. It
is written to env.sh of this kind's data directory; the other kinds keep theirs, and a
variable of the shell outranks it. Built in are

  default  nothing: the go command's own
  china    proxy and checksum database that can be reached from there
  private  no proxy and no checksum database: modules are not verified
  mixed    the default, but for the modules that --private names

More can stand in config.toml, with goproxy, gosumdb, goprivate, gonoproxy, gonosumdb:

  [profiles.work]
  goproxy = ["https://proxy.corp.example", "direct"]
  goprivate = ["corp.example", "*.corp.example"]

  [wsl2]
  profile = "work"

What "golang-wsl env tune --apply" has measured is the profile tuned, which keeps all
else of the one before it. Toolchains are verified whatever a profile says.`,
		Example: `  golang-wsl env profile
  golang-wsl env profile china --go-env
  golang-wsl env profile mixed --private 'corp.example,*.corp.example'`,
		Args: wantArgs(0, 1),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) (names []string, _ cobra.ShellCompDirective) {
			values, _ := a.file()
			for _, p := range append(profile.Builtin(), values.Profiles()...) {
				if len(args) == 0 {
					names = append(names, p.Name)
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			store, err := a.store()
			if err != nil {
				return err
			}
			if len(args) > 0 {
				c = c.named(args[0], readChoice(store))
				return a.chooseProfile(cmd.Context(), store, c, goEnv)
			}
			if cmd.Flags().NFlag() > 0 {
				return &usageError{"env profile: no profile is named", "usage: " + cmd.UseLine()}
			}
			return a.listProfiles(store)
		},
	}
	cmd.Flags().StringVar(&c.private, "private", "", "PATTERNS of modules that are fetched directly and unverified, as in GOPRIVATE")
	cmd.Flags().BoolVar(&c.unverified, "yes-unverified", false, "agree to a profile that takes all modules unverified")
	cmd.Flags().BoolVar(&goEnv, "go-env", false, "write it with \"go env -w\" as well, for a go that nobody here starts")
	return cmd
}

func (a *app) envUnsetCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "unset",
		Short: "Take the network profile of this kind of Linux back",
		Long: `Unset takes the profile out of env.sh, and takes back what --go-env has written, where
that still has the same value: what was there before comes back.`,
		Example: "  golang-wsl env unset",
		Args:    wantArgs(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			store, err := a.store()
			if err != nil {
				return err
			}
			return a.unsetProfile(cmd.Context(), store)
		},
	}
}

func (a *app) listProfiles(store toolchain.Store) error {
	active, err := a.activeProfile(store)
	if err != nil {
		a.say(err.Error()) // the list is what helps to choose another
	}
	values, _ := a.file()
	w := tabwriter.NewWriter(a.std.out, 0, 0, 2, ' ', 0)
	list := append(profile.Builtin(), values.Profiles()...)
	if active.Name == profile.Tuned {
		list = append(list, active)
	}
	for _, p := range list {
		mark := " "
		if p.Name == active.Name {
			mark, p = "*", active
		}
		var vars []string
		for _, v := range p.Vars {
			vars = append(vars, v.Name+"="+profile.Redacted(v.Value))
		}
		if p.Name == profile.Mixed && p.Get("GOPRIVATE") == "" {
			vars = []string{"GOPRIVATE=PATTERNS"}
		}
		fmt.Fprintf(w, "%s %s\t%s\n", mark, p.Name, cmp.Or(strings.Join(vars, " "), "-"))
	}
	return w.Flush()
}

// named is the choice of a name with what the flags say. What was measured stays
// where the tuned profile is chosen once more.
func (c choice) named(name string, before choice) choice {
	if name == profile.Tuned && before.name == name {
		before.private = cmp.Or(c.private, before.private)
		before.unverified = before.unverified || c.unverified
		return before
	}
	c.name = name
	return c
}

// chooseProfile refuses before it writes anything.
func (a *app) chooseProfile(ctx context.Context, store toolchain.Store, c choice, goEnv bool) error {
	values, err := a.file()
	if err != nil {
		return err
	}
	p, err := c.profile(values)
	if err != nil {
		return err
	}
	c.unverified = c.unverified && p.Unverified() // no consent in advance
	name, where := a.configured(store)
	if name != "" && (name != c.name || c.private != "") {
		return &usageError{fmt.Sprintf("env profile %s: %s chooses %s, which outranks it", c.name, where, name), "change it there"}
	}
	if goEnv {
		if _, err := a.anyGo(store); err != nil {
			return err
		}
	}
	if name == "" {
		err = c.write(store)
	}
	if err == nil {
		err = a.applyProfile(store, c.name)
	}
	if err == nil {
		err = a.takeBackGo(ctx, store)
	}
	if err == nil && goEnv {
		err = a.writeGo(ctx, store, p.Vars)
	}
	return err
}

func (a *app) unsetProfile(ctx context.Context, store toolchain.Store) error {
	if err := (choice{}).write(store); err != nil {
		return err
	}
	name, where := a.configured(store)
	if name != "" {
		a.say(fmt.Sprintf("%s still chooses %s", where, name))
	}
	if exists(environmentFile(store)) {
		if err := a.applyProfile(store, cmp.Or(name, profile.Default)); err != nil {
			return err
		}
	}
	return a.takeBackGo(ctx, store)
}

// applyProfile writes env.sh with what else is in it, and says so if that changed
// it.
func (a *app) applyProfile(store toolchain.Store, name string) error {
	file := environmentFile(store)
	before, _ := os.ReadFile(file)
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	if err := a.writeEnvironment(store, a.gobin(store)); err != nil {
		return err
	}
	after, err := os.ReadFile(file)
	if err == nil && !bytes.Equal(before, after) {
		a.say(fmt.Sprintf("%s: profile %s, in %s", a.kindOf(store), name, file))
	}
	return err
}
