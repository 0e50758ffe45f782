// Server serves one real Go release over loopback, in a process of its own, for
// scripts/bench-install:
//
//	/dl/                 the official list, as long as the real one
//	/go/NAME.tar.gz      the tarball, and beside it NAME.tar.gz.sha256 for mise
//	/proxy/...           the module golang.org/toolchain, as a GOPROXY
//	/proxy/sumdb/...     the real checksum database, relayed once and then remembered
//
// The module zip is the real one, so that the real checksum database vouches for
// it. The tarball is made from it, unless one is given: see [makeTarball].
//
// The server says on its first line of output, in JSON, what it serves and where
// ([facts]). It ends when its standard input does.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
)

// facts are what a client has to know.
type facts struct {
	URL           string `json:"url"`
	Version       string `json:"version"` // "1.27.4"
	Tarball       string `json:"tarball"` // its name
	SHA256        string `json:"sha256"`  // of the tarball
	TarballMade   bool   `json:"tarball_made"`
	TarballBytes  int64  `json:"tarball_bytes"`
	TarballFiles  int    `json:"tarball_files"`
	UnpackedBytes int64  `json:"unpacked_bytes"` // of the tarball
	Zip           string `json:"zip"`            // its path, for what is measured without a network
	TarballPath   string `json:"tarball_path"`
	ZipBytes      int64  `json:"zip_bytes"`
	ZipFiles      int    `json:"zip_files"`
}

func main() {
	if err := run(context.Background(), os.Args[1:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintf(os.Stderr, "bench server: error: %v\n", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, stdin io.Reader, stdout io.Writer) error {
	var opts options
	flags := flag.NewFlagSet("server", flag.ContinueOnError)
	flags.StringVar(&opts.version, "version", "", "the version to serve (default: the newest that the helper's table does not know)")
	flags.StringVar(&opts.proxies, "goproxy", "", "where the real module and the real checksum database come from, as in GOPROXY")
	flags.StringVar(&opts.dir, "dir", "", "where archives are kept from one run to the next")
	flags.StringVar(&opts.tarball, "tarball", "", "serve this tarball, and do not make one")
	flags.StringVar(&opts.goroot, "goroot", "", "a GOROOT to take api, doc, misc and test from, which modules lack")
	if err := flags.Parse(args); err != nil {
		return err
	}
	r, err := prepare(ctx, opts)
	if err != nil {
		return err
	}
	handler, err := r.handler()
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	r.facts.URL = "http://" + l.Addr().String()
	if err := json.NewEncoder(stdout).Encode(r.facts); err != nil {
		return err
	}
	go func() {
		_, _ = io.Copy(io.Discard, stdin)
		_ = l.Close()
	}()
	_ = http.Serve(l, handler)
	return nil
}
