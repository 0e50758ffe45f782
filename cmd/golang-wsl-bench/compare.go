package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/report"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/snapshot"
)

type compareOptions struct {
	bench.Options
	side string
	json bool
}

func (a *app) compareCommand() *cobra.Command {
	var o compareOptions
	cmd := &cobra.Command{
		Use:   "compare BEFORE AFTER",
		Short: "Whether two files of runs can be compared, and what differs",
		Long: `Say what differs between two files that -o has written, or between two reports. Runs
are compared, and not samples. A row differs only if chance is ruled out (Mann and
Whitney, corrected for all rows), if the medians are 5 % apart, and if that is more
than two halves of one file are. It refuses what is not alike where it must be: the
version of Go, GOMAXPROCS for each CPU, timer slack, the clock. --force compares all
the same.

Of two reports the machines are shown side by side as well. A report with A and B in
it is one side by --side.`,
		Example: "  " + calledAs + " compare before.txt after.txt\n  " + calledAs + " compare mine.zip theirs.zip",
		Args:    wantArgs(2, 2),
		RunE:    func(_ *cobra.Command, args []string) error { return a.compare(args[0], args[1], o) },
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveDefault
		},
	}
	cmd.Flags().BoolVar(&o.Force, "force", false, "compare what is not comparable, and say so in the result")
	cmd.Flags().StringVar(&o.side, "side", "", "of a report that compares: only the runs of A, or of B")
	cmd.Flags().BoolVar(&o.json, "json", false, "print the comparison as JSON")
	return cmd
}

// A compared file is one side of a comparison.
type compared struct {
	set     *bench.Set
	machine *snapshot.Snapshot // nil where the file does not say
}

func (a *app) compare(before, after string, o compareOptions) error {
	first, err := readCompared(before, o.side)
	if err != nil {
		return err
	}
	second, err := readCompared(after, o.side)
	if err != nil {
		return err
	}
	c, err := bench.Compare(first.set, second.set, o.Options)
	refused := (*bench.IncomparableError)(nil)
	if err != nil && !errors.As(err, &refused) {
		return err
	}
	if o.json {
		return errors.Join(err, a.writeComparison(c, refused, machines(first, second)))
	}
	if err == nil {
		_, err = io.WriteString(a.std.out, c.Table(a.style()))
	}
	if first.machine != nil && second.machine != nil {
		_, werr := io.WriteString(a.std.out, report.Machines(first.machine, second.machine))
		err = errors.Join(err, werr)
	}
	return err
}

func machines(a, b compared) []snapshot.Difference {
	if a.machine == nil || b.machine == nil {
		return nil
	}
	return snapshot.Diff(a.machine, b.machine)
}

// readCompared reads a file of runs, or a report.
func readCompared(name, side string) (c compared, err error) {
	if isZip(name) {
		c, err = reported(name)
	} else {
		c.set, err = readSet(name)
	}
	if err == nil && side != "" {
		c.set = report.OfSide(c.set, side)
	}
	return c, err
}

func readSet(name string) (*bench.Set, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return bench.Read(f, name)
}

// isZip reports whether a file begins like a zip. Of a pipe nothing is read.
func isZip(name string) bool {
	info, err := os.Stat(name)
	if err != nil || !info.Mode().IsRegular() {
		return false
	}
	f, err := os.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	begin := make([]byte, 4)
	_, err = io.ReadFull(f, begin)
	return err == nil && string(begin) == "PK\x03\x04"
}

// reported is what a report has to compare. One that is damaged is not compared.
func reported(name string) (c compared, err error) {
	b, err := openReport(name)
	if err != nil {
		return c, err
	}
	if damage := b.Damage(); len(damage) > 0 {
		return c, &unsoundError{name, len(damage)}
	}
	e, err := b.Evidence()
	if err != nil {
		return c, fmt.Errorf("read %s: %w", name, err)
	}
	return compared{e.Set, e.Before}, nil
}

// writeComparison writes schema 1. Of what is refused it has the reasons only.
func (a *app) writeComparison(c *bench.Comparison, refused *bench.IncomparableError, machines []snapshot.Difference) error {
	if refused != nil {
		c = &bench.Comparison{Reasons: refused.Reasons}
	}
	return json.NewEncoder(a.std.out).Encode(struct {
		Schema  int  `json:"schema"`
		Refused bool `json:"refused"`
		*bench.Comparison
		Machines []snapshot.Difference `json:"machines,omitempty"`
	}{bench.Schema, refused != nil, c, machines})
}
