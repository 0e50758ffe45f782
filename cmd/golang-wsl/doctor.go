package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/doctor"
	"github.com/spf13/cobra"
)

// doctorDeadline is how long one check may take. wsl.exe needs a second or two
// where Windows is busy.
const doctorDeadline = 5 * time.Second

func (a *app) doctorCommand() *cobra.Command {
	var only []string
	v := &visit{app: a}
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say what is wrong with Go on this machine, and the cure",
		Long: `Doctor looks at this machine, at WSL, PATH, the data directories, the network and the
project here, and says what is wrong, why that matters to Go, and what cures it. It
changes nothing, unless --fix is there: then it says what it is going to change,
changes that and nothing else, and looks again. What may lose something, asks for a
password or is for you to decide it leaves to you. docs/doctor.md lists the checks.

It exits with 1 if there are warnings and with 2 if there are errors.`,
		Example: `  golang-wsl doctor
  golang-wsl doctor --only wsl-kind,goroot
  golang-wsl doctor --fix                   after this no "fix:" is left
  golang-wsl doctor --offline --json`,
		Args: wantArgs(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			if v.checks, err = chooseChecks(only); err != nil {
				return err
			}
			return v.run(cmd.Context())
		},
	}
	cmd.Flags().StringSliceVar(&only, "only", nil, "only the checks `ID,ID`")
	cmd.Flags().BoolVar(&v.fix, "fix", false, "do the cures that are safe, after saying what they change")
	cmd.Flags().BoolVar(&v.offline, "offline", false, "ask no server")
	cmd.Flags().BoolVar(&v.asJSON, "json", false, "write JSON")
	if err := cmd.RegisterFlagCompletionFunc("only", completeChecks); err != nil {
		panic(err) // the flag is the one above
	}
	return cmd
}

// A visit is one run of "golang-wsl doctor".
type visit struct {
	*app
	checks               []doctor.Check
	fix, offline, asJSON bool

	fixed []fixedCheck
}

func (v *visit) run(ctx context.Context) error {
	m, results, err := v.look(ctx)
	if err == nil && v.fix {
		m, results, err = v.cure(ctx, m, results)
	}
	if err != nil {
		return err
	}
	if v.asJSON {
		report := newDoctorReport(m, results)
		report.Fixed = v.fixed
		err = v.writeJSON(report)
	} else {
		err = v.writeResults(results)
	}
	if code := doctorCode(results); err == nil && code != exitOK {
		return &verdict{code}
	}
	return err
}

func (v *visit) look(ctx context.Context) (*doctor.Machine, []doctor.Result, error) {
	m := v.doctorMachine()
	if v.offline {
		m.Net = nil
	}
	results, err := doctor.Run(ctx, m, v.checks, doctorDeadline)
	return m, results, err
}

// A verdict is an exit code for which everything has been said.
type verdict struct{ code int }

func (v *verdict) Error() string { return fmt.Sprintf("exit code %d", v.code) }

// doctorCode is the exit code of doctor alone; the README says so.
func doctorCode(results []doctor.Result) int {
	switch doctor.Worst(results) {
	case doctor.Error:
		return 2
	case doctor.Warning:
		return 1
	}
	return exitOK
}

func chooseChecks(only []string) ([]doctor.Check, error) {
	checks := doctor.Checks()
	if len(only) == 0 {
		return checks, nil
	}
	chosen, err := doctor.Choose(checks, only)
	if unknown := (*doctor.UnknownError)(nil); errors.As(err, &unknown) {
		hint := "the IDs: " + strings.Join(checkIDs(), " ")
		if unknown.Near != "" {
			hint = fmt.Sprintf("did you mean %q?", unknown.Near)
		}
		return nil, &usageError{"--only: " + unknown.Error(), hint}
	}
	return chosen, err
}

func checkIDs() (ids []string) {
	for _, c := range doctor.Checks() {
		ids = append(ids, c.ID)
	}
	return ids
}

// completeChecks completes the last of the IDs, and none twice.
func completeChecks(_ *cobra.Command, _ []string, typed string) (list []string, _ cobra.ShellCompDirective) {
	before := typed[:strings.LastIndexByte(typed, ',')+1]
	for _, c := range doctor.Checks() {
		if !slices.Contains(strings.Split(before, ","), c.ID) {
			list = append(list, before+c.ID+"\t"+c.Title)
		}
	}
	return list, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveKeepOrder
}
