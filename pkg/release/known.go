package release

import (
	_ "embed"
	"fmt"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
)

// known.txt says itself where it comes from. TestKnownFile writes it anew.
//
//go:embed known.txt
var knownText string

// Known is the embedded table of releases and their sums. It makes listing and
// verifying work offline, and holds a live list to what was published before:
// every sum in it was found in at least one independent copy.
type Known struct {
	table table
	date  string
}

// LoadKnown opens the embedded table, without parsing its lines.
func LoadKnown() (*Known, error) {
	fields, t, err := parseTable(knownText)
	if err != nil {
		return nil, fmt.Errorf("open the embedded release table: %w", err)
	}
	return &Known{table: t, date: fields["date"]}, nil
}

// Date is the day on which the table was taken from upstream: "2026-08-19".
func (k *Known) Date() string { return k.date }

// Sum returns the sha256 of the release archive of v for p as 64 lower case hex
// digits. It is false where the table has no such archive, and where upstream
// publishes no sum: 1.2.2 to 1.5.2 and 1.6beta1 (use Has to tell them apart).
func (k *Known) Sum(v goversion.Version, p Platform) (string, bool) {
	f, ok := k.table.find(v, p)
	return f.sum, ok && f.sum != ""
}

// Has says whether v was released for p, with or without a published sum.
func (k *Known) Has(v goversion.Version, p Platform) bool {
	_, ok := k.table.find(v, p)
	return ok
}

// Versions returns all releases for p, oldest first.
func (k *Known) Versions(p Platform) []goversion.Version { return k.table.versions(p) }
