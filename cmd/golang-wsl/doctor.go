package main

import (
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
	var asJSON bool
	var only []string
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say what is wrong with Go on this machine, and the cure",
		Long: `Doctor looks at this machine, at WSL, PATH, the data directories and the project
here, and says what is wrong, why that matters to Go, and what cures it. It changes
nothing and asks no server. docs/doctor.md lists the checks.

It exits with 1 if there are warnings and with 2 if there are errors.`,
		Example: `  golang-wsl doctor
  golang-wsl doctor --only wsl-kind,goroot
  golang-wsl doctor --json`,
		Args: wantArgs(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			checks, err := chooseChecks(only)
			if err != nil {
				return err
			}
			m, err := a.doctorMachine()
			if err != nil {
				return err
			}
			results, err := doctor.Run(cmd.Context(), m, checks, doctorDeadline)
			if err != nil {
				return err
			}
			if asJSON {
				err = a.writeJSON(newDoctorReport(m, results))
			} else {
				err = a.writeResults(results)
			}
			if code := doctorCode(results); err == nil && code != exitOK {
				return &verdict{code}
			}
			return err
		},
	}
	cmd.Flags().StringSliceVar(&only, "only", nil, "only the checks `ID,ID`")
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	if err := cmd.RegisterFlagCompletionFunc("only", completeChecks); err != nil {
		panic(err) // the flag is the one above
	}
	return cmd
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
