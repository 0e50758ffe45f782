package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bundle"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/checksumdb"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/release"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/toolchain"
	"github.com/spf13/cobra"
)

func (a *app) bundleCommand() *cobra.Command {
	var output, platform string
	cmd := &cobra.Command{
		Use:   "bundle VERSION... -o FILE",
		Short: "Pack versions for machines that have no network",
		Long: `Bundle writes versions to one file, with what it takes to verify them offline. The
file is a GOPROXY tree; its name says how it is packed: .tar, .tar.gz or .tar.xz.
On the other machine: GOLANG_WSL_BUNDLE=go.tar.xz golang-wsl install 1.22.5`,
		Example: `  golang-wsl bundle 1.22.5 1.20.14 -o go.tar.xz
  golang-wsl bundle latest --platform linux/arm64 -o go-arm64.tar`,
		Args:              wantArgs(1, -1),
		ValidArgsFunction: a.completeAvailable,
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := a.parsePlatform(platform)
			if err != nil {
				return err
			}
			if output == "" {
				return &usageError{"golang-wsl bundle: no output file", "usage: " + cmd.UseLine()}
			}
			if err := bundle.CheckPath(output); err != nil {
				return &usageError{err.Error(), "end the name with .tar, .tar.gz or .tar.xz"}
			}
			return a.writeBundle(cmd.Context(), args, output, p)
		},
	}
	cmd.Flags().StringVarP(&output, "output", "o", "", "the `file` to write")
	_ = cmd.MarkFlagFilename("output", "tar", "gz", "xz") // fails only for a flag that does not exist
	cmd.Flags().StringVar(&platform, "platform", "", "for another `machine`, such as linux/arm64")
	return cmd
}

func (a *app) parsePlatform(text string) (release.Platform, error) {
	if text == "" {
		return a.platform(), nil
	}
	goos, arch, ok := strings.Cut(text, "/")
	if !ok || goos != "linux" || arch == "" {
		return release.Platform{}, &usageError{fmt.Sprintf("--platform %q is not a platform that this plugin serves", text), "write it like linux/arm64"}
	}
	return release.Platform{OS: goos, Arch: arch}, nil
}

func (a *app) writeBundle(ctx context.Context, args []string, output string, p release.Platform) error {
	cache, err := a.cacheDir()
	if err != nil {
		return err
	}
	known, err := release.LoadKnown()
	if err != nil {
		return err
	}
	client, err := a.client()
	if err != nil {
		return err
	}
	source, err := a.sourceCalled(ctx, "goproxy", known, reach{client: client, say: a.say})
	if err != nil {
		return err
	}
	answers := map[string][]byte{} // of the checksum database, to be packed
	db, err := a.log(checksumdb.Options{Record: func(path string, data []byte) { answers[path] = data }})
	if err != nil {
		return err
	}
	fetcher := &toolchain.Installer{
		Platform: p, Source: source, Log: db, Download: client, Progress: a.progress(), Say: a.say,
		Cache: toolchain.Cache{Dir: filepath.Join(cache, "archives")},
	}
	var items []bundle.Item
	for _, arg := range args {
		query, err := goversion.ParseQuery(arg)
		if err != nil {
			return err
		}
		v, err := release.Resolve(ctx, source, p, query)
		if err != nil {
			return err
		}
		zip, err := fetcher.Module(ctx, v)
		if err != nil {
			return err
		}
		items = append(items, bundle.Item{Version: v, Platform: p, Zip: zip})
	}
	return bundle.Write(ctx, output, items, answers)
}
