package main

import (
	"fmt"
	"path/filepath"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/toolchain"
	"github.com/spf13/cobra"
)

func (a *app) cacheCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "cache",
		Short: "Show or empty the archives that installs have left",
		Args:  wantCommand,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var asJSON bool
	list := &cobra.Command{
		Use:   "list",
		Short: "List the archives",
		Args:  wantArgs(0, 0),
		RunE:  func(*cobra.Command, []string) error { return a.cacheList(asJSON) },
	}
	list.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	cmd.AddCommand(list, &cobra.Command{
		Use:   "dir",
		Short: "Print where they are",
		Args:  wantArgs(0, 0),
		RunE: func(*cobra.Command, []string) error {
			c, err := a.archives()
			if err == nil {
				_, err = fmt.Fprintln(a.std.out, c.Dir)
			}
			return err
		},
	}, &cobra.Command{
		Use:   "clean",
		Short: "Remove all archives and unfinished downloads",
		Args:  wantArgs(0, 0),
		RunE: func(*cobra.Command, []string) error {
			c, err := a.archives()
			if err != nil {
				return err
			}
			freed, err := c.Clean()
			if err == nil {
				a.say(fmt.Sprintf("freed %.1f MB", float64(freed)/1e6))
			}
			return err
		},
	})
	return cmd
}

func (a *app) archives() (toolchain.Cache, error) {
	dir, err := a.cacheDir()
	return toolchain.Cache{Dir: filepath.Join(dir, "archives")}, err
}

func (a *app) cacheList(asJSON bool) error {
	c, err := a.archives()
	if err != nil {
		return err
	}
	archives, err := c.List()
	if err != nil {
		return err
	}
	if asJSON {
		return a.writeJSON(orEmpty(archives))
	}
	for _, f := range archives {
		fmt.Fprintf(a.std.out, "%8.1f MB  %s  %s\n", float64(f.Size)/1e6, f.Time.Format("2006-01-02"), f.Name)
	}
	return nil
}
