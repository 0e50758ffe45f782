// Package goversion knows the names of Go releases: how they are spelled, how
// they are ordered, what a person means who types "1.22", and which version a
// project file asks for.
//
// It is a leaf. It reads no files, asks no server and keeps no list: callers
// hand in bytes and the releases they know, and get a [Version] back.
//
// # Names
//
// Go's release names are not semantic versions. The first release of a minor
// line has no patch number up to 1.20 ("1.20") and has one from 1.21 on
// ("1.21.0"); a prerelease is glued on ("1.20rc1"); one was made of a patch
// release ("1.9.2rc2", which go/version calls invalid and sorts first,
// golang/go#68634); the oldest is just "1". [Parse] takes them all and
// [Version.String] gives upstream's spelling back. That string is built from
// numbers, never copied from the input, so it is safe as part of a path.
//
// # Queries
//
// What people type is a [Query]. It is resolved over a list, to the newest
// release that matches:
//
//	latest, stable       the newest stable release
//	oldstable            the newest stable release of the minor line before that
//	1, 1.22, 1.22.x      the newest stable release of that line ("1.2" is not 1.20)
//	1.22.5, 1.21rc2      exactly this release; 1.20.0 is Go 1.20
//	~1.22.3              1.22.3 or a later patch of 1.22
//	^1.21                1.21.0 or anything later below 2
//	>=1.21 <1.24         a range; also 1.21 - 1.23 and 1.20.x || 1.22.x
//	latest:QUERY         the same as QUERY; asdf's spelling
//	go1.22.5             "go" is allowed before any version
//
// A prerelease matches only where the query names a prerelease of the same
// release: ">=1.21rc2 <1.24" may give 1.21rc3, and never 1.24rc1.
//
// A word of a .tool-versions file, or an argument from asdf, is a name before
// it is a query: "1.20" there is Go 1.20 itself if the list has it. Use
// [ParseName] for those and [ParseQuery] for what a person types.
//
// # Files
//
// [ParseToolVersions], [ParseGoVersionFile] and [ParseMod] read the files that
// name a version. The go line of a go.mod is a floor, not a pin, so
// [Mod.Query] should be resolved twice: first over the installed versions,
// and over the available ones only if none of those will do.
package goversion
