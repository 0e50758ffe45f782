// Package goproxy reads the GOPROXY setting as the go command does and speaks
// the module proxy protocol for one module, golang.org/toolchain, in which the
// Go project publishes its toolchains.
//
// # The setting
//
// GOPROXY is a list. After a comma the next entry is asked only when this one
// answered 404 or 410; after a pipe, when it failed in any way. "direct" and
// "off" end the list: a toolchain has no repository to be fetched from directly,
// so "direct" adds nothing, and "off" forbids what comes after it. An entry is an
// https, http or file URL; "proxy.example/go" means https.
//
//	list, err := goproxy.Parse("https://user:secret@proxy.example/go|file:///srv/bundle,direct")
//	err = list.Each(ctx, func(p goproxy.Proxy) error {
//		doc, err := client.Get(ctx, p.Join("golang.org/toolchain/@v/list"), nil, 1<<20)
//		...
//	})
//
// # What it does not do
//
// It proves nothing about what a proxy sends (see package checksumdb), has no
// default list (the caller takes it from `go env GOPROXY`), and does not know
// GONOPROXY: the go command would look for such modules in a repository, and
// golang.org/toolchain has none.
//
// The rules are those of cmd/go/internal/modfetch/proxy.go and of
// https://go.dev/ref/mod#goproxy-protocol.
package goproxy
