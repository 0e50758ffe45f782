package main

import (
	"cmp"
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/config"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/toolchain"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/wsl"
	"github.com/spf13/cobra"
)

func (a *app) configCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "config [KEY]",
		Short: "Show each setting and where it comes from",
		Long: `Show each setting and where it comes from: its environment variable, else the
configuration file ~/.config/golang-wsl/config.toml, else the default.

` + keyTable() + `
The file is TOML. KIND is a table, wsl1, wsl2 or native, and what is in it is only
for that kind of Linux; the other keys stand above the first table:

  source = ["official", "goproxy"]

  [wsl2]
  data_dir = "~/.asdf-two"

"golang-wsl help env profile" shows what may be below [profiles.NAME].`,
		Example: `  golang-wsl config
  golang-wsl config wsl2.data_dir    only the value`,
		Args:              wantArgs(0, 1),
		ValidArgsFunction: completeKeys,
		RunE: func(_ *cobra.Command, args []string) error {
			shown, err := a.shownSettings()
			if err != nil {
				return err
			}
			if len(args) > 0 {
				return a.showSetting(shown, args[0], asJSON)
			}
			if asJSON {
				return a.writeJSON(shown)
			}
			return a.showSettings(shown)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return cmd
}

// keyTable lists the keys for the help text, those of the three kinds once.
func keyTable() string {
	var b strings.Builder
	for _, key := range config.Keys() {
		name := key.Name
		switch table, rest, ok := strings.Cut(name, "."); {
		case ok && table != string(wsl.WSL1):
			continue
		case ok:
			name = "KIND." + rest
		}
		fmt.Fprintf(&b, "  %-16s  %s\n", name, key.Usage)
	}
	return b.String()
}

func completeKeys(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	var names []string
	for _, key := range config.Keys() {
		if len(args) == 0 {
			names = append(names, cobra.CompletionWithDesc(key.Name, key.Usage))
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveKeepOrder
}

// shownSetting is a setting as "config --json" shows it.
type shownSetting struct {
	Key      string `json:"key"`
	Value    string `json:"value"`          // what holds; "" where nothing does
	Origin   string `json:"origin"`         // "environment", "file" or "default"
	Variable string `json:"variable"`       // "" of what is in a profile
	File     string `json:"file,omitempty"` // of origin "file"
	Line     int    `json:"line,omitempty"` // in it, from 1
}

// from tells people where a value is from.
func (s shownSetting) from() string {
	switch s.Origin {
	case "environment":
		return s.Variable
	case "file":
		return fmt.Sprintf("%s:%d", s.File, s.Line)
	}
	return s.Origin
}

// shownSettings reads the file once more, as only this command asks for lines.
func (a *app) shownSettings() ([]shownSetting, error) {
	file, data, err := a.configText()
	if err != nil {
		return nil, err
	}
	lines, err := config.Lines(data)
	if err != nil {
		return nil, inFile(file, err)
	}
	var shown []shownSetting
	for _, key := range config.Keys() {
		s := shownSetting{Key: key.Name, Value: a.effective(key), Origin: "default", Variable: key.Env}
		if line := lines[key.Name]; a.env(key.Env) != "" {
			s.Origin = "environment"
		} else if line > 0 {
			s.Origin, s.File, s.Line = "file", file, line
		}
		shown = append(shown, s)
	}
	values, err := a.file()
	for _, p := range values.Profiles() {
		for _, v := range p.Vars {
			key := "profiles." + p.Name + "." + strings.ToLower(v.Name)
			shown = append(shown, shownSetting{Key: key, Value: v.Value, Origin: "file", File: file, Line: lines[key]})
		}
	}
	return shown, err
}

// effective is what a setting comes to, its default included, which for
// directories depends on the kind of Linux.
func (a *app) effective(key config.Key) string {
	value := a.setting(key.Env)
	table, name, _ := strings.Cut(key.Name, ".")
	if name != "data_dir" && name != "gobin" {
		return value
	}
	dir, err := a.dataDirOf(wsl.Kind(table))
	if err != nil {
		return value // no home, so no default
	}
	if name == "gobin" {
		dir = toolchain.Store{DataDir: dir}.Bin()
	}
	return cmp.Or(value, dir)
}

func (a *app) showSetting(shown []shownSetting, name string, asJSON bool) error {
	for _, s := range shown {
		if s.Key != name {
			continue
		}
		if asJSON {
			return a.writeJSON(s)
		}
		_, err := fmt.Fprintln(a.std.out, s.Value)
		return err
	}
	hint := `"golang-wsl config" shows them all`
	if near := config.Near(name); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	return &usageError{fmt.Sprintf("unknown key %q", name), hint}
}

func (a *app) showSettings(shown []shownSetting) error {
	w := tabwriter.NewWriter(a.std.out, 0, 0, 2, ' ', 0)
	for _, s := range shown {
		fmt.Fprintf(w, "%s\t%s\t%s\n", s.Key, cmp.Or(s.Value, "-"), s.from())
	}
	return w.Flush()
}
