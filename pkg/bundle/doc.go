// Package bundle carries toolchains to machines that have no network.
//
// A bundle is a directory, or an archive of one (.tar, .tar.gz, .tgz, .tar.xz),
// in the layout that the go command calls a file:// GOPROXY, so that the unpacked
// bundle serves the go command too:
//
//	golang-wsl-bundle                      what Write puts first
//	golang.org/toolchain/@v/list
//	golang.org/toolchain/@v/v0.0.1-go1.22.5.linux-amd64.{info,mod,zip}
//	sumdb/sum.golang.org/{supported,latest,lookup/...,tile/...}
//
// The sumdb part is what the checksum database answered when the bundle was
// made. It is signed by the database, so a bundle needs no trust: what comes out
// of it is verified as if it came from the network.
//
//	b, err := bundle.Open(ctx, "go.tar.xz", tmp)
//	artifact, err := b.Find(ctx, version, platform) // a file:// URL, and where sumdb is
//
// # What it does not do
//
// It verifies nothing and downloads nothing. It does not look into the zips.
package bundle
