package main

import (
	"encoding/json"
	"errors"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
)

func (a *app) compareCommand() *cobra.Command {
	var o bench.Options
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "compare BEFORE AFTER",
		Short: "Whether two files of runs can be compared, and what differs",
		Long: `Say what differs between two files that -o has written. Runs are compared, and not
samples. A row differs only if chance is ruled out (Mann and Whitney, corrected for
all rows), if the medians are 5 % apart, and if that is more than two halves of one
file are. It refuses what is not alike where it must be: the version of Go,
GOMAXPROCS for each CPU, timer slack, the clock. --force compares all the same.`,
		Example: "  " + calledAs + " compare before.txt after.txt",
		Args:    wantArgs(2, 2),
		RunE:    func(_ *cobra.Command, args []string) error { return a.compare(args[0], args[1], o, asJSON) },
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveDefault
		},
	}
	cmd.Flags().BoolVar(&o.Force, "force", false, "compare what is not comparable, and say so in the result")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print the comparison as JSON")
	return cmd
}

func (a *app) compare(before, after string, o bench.Options, asJSON bool) error {
	first, err := readSet(before)
	if err != nil {
		return err
	}
	second, err := readSet(after)
	if err != nil {
		return err
	}
	c, err := bench.Compare(first, second, o)
	refused := (*bench.IncomparableError)(nil)
	if asJSON && (err == nil || errors.As(err, &refused)) {
		return errors.Join(err, a.writeComparison(c, refused))
	}
	if err != nil {
		return err
	}
	_, err = io.WriteString(a.std.out, c.Table(a.style()))
	return err
}

func readSet(name string) (*bench.Set, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return bench.Read(f, name)
}

// writeComparison writes schema 1. Of what is refused it has the reasons only.
func (a *app) writeComparison(c *bench.Comparison, refused *bench.IncomparableError) error {
	if refused != nil {
		c = &bench.Comparison{Reasons: refused.Reasons}
	}
	return json.NewEncoder(a.std.out).Encode(struct {
		Schema  int  `json:"schema"`
		Refused bool `json:"refused"`
		*bench.Comparison
	}{bench.Schema, refused != nil, c})
}
