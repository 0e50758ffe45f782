// Package checksumdb asks a Go checksum database, normally sum.golang.org, for the
// hash of a module version, and believes the answer only with proof.
//
// The database is a transparency log: an append-only Merkle tree whose head is
// signed with a key that is known in advance. For each answer the package checks,
// through golang.org/x/mod/sumdb, that the head is signed, that the record is in
// the tree under that head, and that the tree is a continuation of the one that
// this machine saw last. A server that shows different trees to different people
// must therefore keep them apart for ever, and its signature is the evidence.
//
//	proxies, err := goproxy.Parse("https://proxy.example")
//	db, err := checksumdb.Open(checksumdb.Options{Proxies: proxies, CacheDir: dir, Download: client})
//	rec, err := db.Lookup(ctx, "golang.org/toolchain", "v0.0.1-go1.25.3.linux-amd64")
//	// rec.H1 is "h1:OsvRiFtt0A9JsTaoQsnFK4wKOOAY2UtJvkOT+Djl7tQ=", rec.ID its place in the log
//
// # Where it asks
//
// As the go command does: the proxies of GOPROXY first, by the rules of that list,
// each with a request for sumdb/<name>/supported. The first that says yes gets all
// further requests; if none does, the database itself gets them. A URL in GOSUMDB
// goes before all of this. https://go.dev/design/25530-sumdb has the reasons.
//
// # What it keeps
//
// Below CacheDir, in a directory per database: the latest head, the proven tiles and
// the proven answers. What was looked up once is looked up again without a network.
// Many processes may share the directory. Damage in it is repaired from the network
// when it concerns tiles and answers; a damaged head is an error, because to forget
// it would be to forget what the server is bound to.
//
// # What it does not do
//
// It computes no hashes of modules (golang.org/x/mod/sumdb/dirhash does), and cannot
// be switched off: like the go command, it lets GOSUMDB=off and GONOSUMDB pass for
// toolchains, which have no go.sum to be listed in.
package checksumdb
