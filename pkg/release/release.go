// Package release knows which Go toolchains exist, where each can be had, and
// which sha256 its archive must have.
//
// # Sources
//
// A [Source] lists versions and finds one of them. There are three kinds:
//
//   - [Official] reads the Go project's JSON list and finds the release archive
//     on a mirror. The sum comes from the list, never from the mirror.
//   - [Proxy] finds the module golang.org/toolchain on the proxies of GOPROXY,
//     and at last on go.dev/dl/mod, which speaks the same protocol.
//   - a bundle (package bundle) is a directory or an archive on disk.
//
// A [Chooser] makes one source of several: in order, or all at once.
//
//	known, err := release.LoadKnown()
//	official := &release.Official{
//		ListURL:  "https://go.dev/dl/",
//		Mirrors:  []string{"https://dl.google.com/go"},
//		Download: client, CacheDir: cache, Known: known,
//	}
//	proxy := &release.Proxy{Proxies: list, Download: client, CacheDir: cache, Known: known}
//	all := &release.Chooser{Sources: []release.Source{official, proxy}, Parallel: true, Known: known}
//	artifact, err := all.Find(ctx, version, release.Platform{OS: "linux", Arch: "amd64"})
//
// # Offline
//
// [Known] is a table of releases and sums inside the program. A list that was
// fetched is kept for six hours, asked for with its ETag after that, and used
// longer where the network fails; without one the table stands in. Whoever gets
// an old list is told so in one line through the Log function of the source,
// which must be safe to call from several goroutines.
//
// # What it does not do
//
// It downloads no toolchain and verifies nothing: an [Artifact] is a claim. It
// detects no platform and reads no setting.
package release
