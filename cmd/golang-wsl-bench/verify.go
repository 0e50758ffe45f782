package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/report"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/signature"
)

func (a *app) verifyCommand() *cobra.Command {
	var keys []string
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "verify REPORT",
		Short: "Check a report: bytes, signature, what follows from the samples",
		Long: `Check a report that somebody has made with "report". Each byte is held against what it
must be, and each that was changed is named. Then the numbers of the runs are read
again from what the processes wrote, and tables, verdict, flame graphs and page are
made again from those. Nothing is unpacked.

Hashes show damage, and not who made the report: whoever changes the samples can
compute them again. --key says whose signature there must be: the file or the text of
a public key of SSH, a file of allowed signers, or a verifier key of a signed note.`,
		Example: "  " + calledAs + " verify audit.zip\n  " + calledAs + " verify --key ann.pub audit.zip",
		Args:    wantArgs(1, 1),
		RunE:    func(_ *cobra.Command, args []string) error { return a.verify(args[0], keys, asJSON) },
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return []string{"zip"}, cobra.ShellCompDirectiveFilterFileExt
		},
	}
	cmd.Flags().StringArrayVar(&keys, "key", nil, "who must have signed it: a file, or a public key itself")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print what was found as JSON")
	_ = cmd.MarkFlagFilename("key")
	return cmd
}

// An unsoundError is a report that is not what it must be.
type unsoundError struct {
	file  string
	found int
}

func (e *unsoundError) Error() string {
	return fmt.Sprintf("%s is not sound: %s", e.file, several(e.found, "finding"))
}

func several(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func (a *app) verify(file string, keys []string, asJSON bool) error {
	checks := report.Checks{}
	var err error
	if checks.Trusted, err = trusted(keys); err != nil {
		return err
	}
	if checks.Tool, err = thisTool(); err != nil {
		return err
	}
	b, err := openReport(file)
	if err != nil {
		return err
	}
	v := b.Verify(checks)
	if asJSON {
		err = json.NewEncoder(a.std.out).Encode(v)
	} else {
		err = showVerification(a.std.out, file, v)
	}
	if err == nil && !v.Sound {
		err = &unsoundError{file, len(v.Findings)}
	}
	return err
}

// mostFindings are shown. Where one byte is missing, all behind it are in a wrong place.
const mostFindings = 20

func showVerification(w io.Writer, file string, v *report.Verification) (err error) {
	line := func(format string, args ...any) {
		if err == nil {
			_, err = fmt.Fprintf(w, format+"\n", args...)
		}
	}
	for _, f := range v.Findings[:min(len(v.Findings), mostFindings)] {
		line("%s: %s", file, f)
	}
	if left := len(v.Findings) - mostFindings; left > 0 {
		line("%s: and %d more", file, left)
	}
	for _, d := range v.Doubts {
		line("%s: not checked: %s", file, d)
	}
	if v.Sound {
		line("%s: sound: %s, %s, made again from what the processes wrote", file, several(v.Files, "file"), several(v.Runs, "run"))
	}
	line("measured by %s", v.Tool)
	line("%s", v.Signed)
	line("SHA-256 of its manifest: %s", v.Root)
	return err
}

// openReport opens a bundle. What is no bundle is an error with the name of the file.
func openReport(file string) (*report.Bundle, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, &usageError{file + " is no file", "verify and compare read a report that is on the disk"}
	}
	b, err := report.Open(f, info.Size())
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	return b, nil
}

// trusted are the keys that are called by their file or by themselves; nil where none
// are.
func trusted(keys []string) (*signature.Trusted, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	var all []byte
	for _, key := range keys {
		text, err := os.ReadFile(key)
		if os.IsNotExist(err) {
			text, err = []byte(key), nil
		}
		if err != nil {
			return nil, err
		}
		if _, err := signature.ParseTrusted(text); err != nil {
			return nil, &usageError{fmt.Sprintf("--key %s: %v", key, err), "a public key is wanted, such as ~/.ssh/id_ed25519.pub, or a file of them"}
		}
		all = append(append(all, text...), '\n')
	}
	return signature.ParseTrusted(all)
}

// reportHint is the cure of an error with a report.
func reportHint(err error) string {
	unsound := (*unsoundError)(nil)
	switch {
	case errors.As(err, &unsound), errors.Is(err, report.ErrDamaged), errors.Is(err, report.ErrTruncated):
		return "have it sent again; \"" + calledAs + " verify\" names what is wrong with it"
	case errors.Is(err, report.ErrNotOurZip):
		return "have the file that was written: what was unpacked and packed again is another one"
	case errors.Is(err, report.ErrForeign):
		return "verify reads what \"" + calledAs + " report -o FILE\" has written"
	case errors.Is(err, report.ErrNewer):
		return "update golang-wsl"
	}
	return ""
}
