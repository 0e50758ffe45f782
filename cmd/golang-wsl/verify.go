package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/checksumdb"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goproxy"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/toolchain"
	"github.com/spf13/cobra"
)

// changedError says that installs are not as they were released.
type changedError struct{ names []string }

func (e *changedError) Error() string {
	return "verify: not as released: " + strings.Join(e.names, ", ")
}

func (a *app) verifyCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "verify [VERSION...]",
		Short: "Hash installed versions again and name what has changed",
		Long: `Verify hashes every file of an installed version and names each that was changed,
is missing or was added since. It holds the hash of all of them against the
checksum database once more. Without a version it verifies all.`,
		Example: `  golang-wsl verify
  golang-wsl verify 1.25.3 --json`,
		ValidArgsFunction: a.completeInstalled,
		RunE: func(cmd *cobra.Command, args []string) error {
			reports, err := a.verify(cmd.Context(), args)
			if err != nil {
				return err
			}
			return a.writeReports(reports, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return cmd
}

func (a *app) verify(ctx context.Context, args []string) ([]*toolchain.Report, error) {
	store, err := a.store()
	if err != nil {
		return nil, err
	}
	if len(args) == 0 {
		versions, err := store.Versions()
		if err != nil {
			return nil, err
		}
		for _, v := range versions {
			args = append(args, v.String())
		}
	}
	cache, err := a.cacheDir()
	if err != nil {
		return nil, err
	}
	db, err := a.log(checksumdb.Options{CacheDir: filepath.Join(cache, "sumdb")})
	if err != nil {
		return nil, err
	}
	var reports []*toolchain.Report
	for _, arg := range args {
		name, err := a.installedName(store, arg)
		if err != nil {
			return nil, err
		}
		report, err := store.Check(ctx, name, nil)
		if err != nil {
			return nil, err
		}
		if err := a.askAgain(ctx, db, report.Marker); err != nil {
			return nil, err
		}
		reports = append(reports, report)
	}
	return reports, nil
}

// askAgain holds the h1 of an install against the checksum database, which has
// most likely been asked before and answers from the cache. An install that the
// database was found not to describe is left in peace.
func (a *app) askAgain(ctx context.Context, db *checksumdb.DB, m *toolchain.Marker) error {
	v, err := goversion.Parse(m.Version)
	if err != nil || m.Log == nil {
		return err
	}
	p := a.platform()
	record, err := db.Lookup(ctx, goproxy.ModulePath, goproxy.ModuleVersion(v.String(), p.OS, p.Arch))
	var forged *checksumdb.SecurityError
	switch {
	case errors.As(err, &forged), ctx.Err() != nil:
		return err
	case err != nil:
		a.say(fmt.Sprintf("%s: not compared with the checksum database: %v", m.Version, err))
		return nil
	case record.H1 != m.H1:
		return &toolchain.MismatchError{Archive: m.Version, What: "h1 of the recorded sums", Authority: record.DB, Want: record.H1, Got: m.H1}
	}
	return nil
}

func (a *app) writeReports(reports []*toolchain.Report, asJSON bool) error {
	var changed []string
	for _, r := range reports {
		if len(r.Changes) > 0 {
			changed = append(changed, r.Marker.Version)
		}
		if asJSON {
			continue
		}
		for _, c := range r.Changes {
			fmt.Fprintf(a.std.out, "%s: %s %s\n", r.Marker.Version, c.Kind, c.Path)
		}
		if len(r.Changes) == 0 {
			fmt.Fprintf(a.std.out, "%s: %d files as released\n", r.Marker.Version, r.Files)
		}
	}
	if asJSON {
		if err := a.writeJSON(orEmpty(reports)); err != nil {
			return err
		}
	}
	if changed != nil {
		return &changedError{changed}
	}
	return nil
}
