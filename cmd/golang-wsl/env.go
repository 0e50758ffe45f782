package main

import (
	"cmp"
	"fmt"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/profile"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/toolchain"
	"github.com/spf13/cobra"
)

func (a *app) envCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "env [VARIABLE]",
		Short: "Show the Go environment of this kind of Linux and where each value comes from",
		Long: `Show the Go environment of this kind of Linux and where each value comes from: this
shell's environment, else env.sh of the data directory, which is applied before each
go, else the file that "go env -w" writes, else the default of the go command.`,
		Example: `  golang-wsl env
  golang-wsl env GOPROXY          only the value
  golang-wsl env profile china    other proxies, for this kind alone
  golang-wsl env tune             which proxies are best from here`,
		Args: wantArgs(0, 1),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return goVariables(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			store, err := a.store()
			if err != nil {
				return err
			}
			if len(args) > 0 {
				return a.showGoVariable(store, args[0], asJSON)
			}
			return a.showGoVariables(store, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	cmd.AddCommand(a.envProfileCommand(), a.envTuneCommand(), a.envUnsetCommand())
	return cmd
}

func goVariables() []string { return append([]string{"GOBIN", "GOTOOLCHAIN"}, profile.Variables()...) }

// goVariable is a variable as "env --json" shows it.
type goVariable struct {
	Variable string `json:"variable"`
	Value    string `json:"value"`             // what holds; "" where nothing does
	Origin   string `json:"origin"`            // "environment", "env.sh", "go env", "GOPRIVATE" or "default"
	Profile  string `json:"profile,omitempty"` // that has put it into env.sh
	File     string `json:"file,omitempty"`    // of origin "env.sh" and "go env"
}

// from tells people where a value is from.
func (v goVariable) from() string {
	if v.Profile != "" {
		return fmt.Sprintf("%s (profile %s)", v.File, v.Profile)
	}
	return cmp.Or(v.File, v.Origin)
}

func (a *app) goVariable(store toolchain.Store, name string) goVariable {
	v := goVariable{Variable: name}
	v.Value, v.Origin = a.findGo(name)
	switch {
	case v.Origin == fromKind:
		v.File = environmentFile(store)
		if p, err := a.activeProfile(store); err == nil && p.Get(name) == v.Value {
			v.Profile = p.Name
		}
	case v.Origin == fromGoEnv:
		v.File = a.goEnvFile()
	case v.Origin != "":
	case name == "GONOPROXY" || name == "GONOSUMDB":
		v.Value, v.Origin = a.goSetting("GOPRIVATE", ""), "GOPRIVATE"
	}
	if v.Value == "" {
		v.Value, v.Origin = a.goDefault(store, name), "default"
	}
	return v
}

// goDefault is what the active go says without being told: since 1.21 it has a
// file for that. An older one was not asked; then it is what the helper knows.
func (a *app) goDefault(store toolchain.Store, name string) string {
	if active, err := a.activeGo(store); err == nil && active.Path != "" {
		if path, err := filepath.EvalSymlinks(active.Path); err == nil {
			if v := goEnvLine(filepath.Join(filepath.Dir(filepath.Dir(path)), "go.env"), name); v != "" {
				return v
			}
		}
	}
	return map[string]string{"GOPROXY": defaultGOPROXY, "GOSUMDB": "sum.golang.org"}[name]
}

func (a *app) showGoVariable(store toolchain.Store, name string, asJSON bool) error {
	for _, known := range goVariables() {
		if known != name {
			continue
		}
		v := a.goVariable(store, name)
		if asJSON {
			return a.writeJSON(v)
		}
		_, err := fmt.Fprintln(a.std.out, v.Value)
		return err
	}
	return &usageError{fmt.Sprintf("unknown variable %q", name), "there are " + strings.Join(goVariables(), ", ") + "; \"go env\" shows the others"}
}

func (a *app) showGoVariables(store toolchain.Store, asJSON bool) error {
	var shown []goVariable
	for _, name := range goVariables() {
		shown = append(shown, a.goVariable(store, name))
	}
	if asJSON {
		return a.writeJSON(shown)
	}
	w := tabwriter.NewWriter(a.std.out, 0, 0, 2, ' ', 0)
	for _, v := range shown {
		// A table is what people paste into reports.
		value := profile.Redacted(v.Value)
		fmt.Fprintf(w, "%s\t%s\t%s\n", v.Variable, cmp.Or(printable(value), "-"), v.from())
	}
	return w.Flush()
}
