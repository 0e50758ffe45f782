package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"golang.org/x/term"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench/syscalls"
)

const syscallsChild = "syscalls-child"

// syscallsProbe has answers, and nothing to repeat: in "all" they become keys of the
// environment.
func syscallsProbe() probe {
	return probe{
		name: "syscalls", use: "syscalls", args: wantArgs(0, 1), deadline: 10 * time.Minute,
		short:   "What this kernel really answers to the system calls that Go programs use",
		command: (*app).syscallsCommand, once: true,
		inAll: func(dirs []string) []string { return dirs[:1] },
		flags: func(*pflag.FlagSet) func(choice) (bench.Probe, error) {
			return func(c choice) (bench.Probe, error) {
				exe, err := os.Executable()
				return syscalls.New(syscalls.Options{Start: startAgain(exe), Dir: c.args[0]}), err
			}
		},
	}
}

func (a *app) syscallsCommand() *cobra.Command {
	var o syscalls.Options
	var asJSON bool
	c := &cobra.Command{
		Use:   "syscalls",
		Short: "What this kernel really answers to the system calls that Go programs use",
		Long: `Does the real thing with each system call, in a process of its own, and says what came
of it: works, the error (ENOSYS, EPERM, EOPNOTSUPP ...), wrong, hangs, killed, crashed
or unsure. Files are tried in --dir: ask for /mnt/c and for your home, they differ.`,
		Example: "  " + calledAs + " syscalls --dir /mnt/c/tmp\n  " + calledAs + " syscalls --only epoll_pwait2,pidfd_open",
		Args:    wantArgs(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := checkWords(cmd.Flags(), map[string][]string{"only": syscalls.Names()}); err != nil {
				return err
			}
			exe, err := os.Executable()
			if err != nil {
				return err
			}
			o.Start = startAgain(exe)
			o.Progress = progressOn(a.std.err)
			report, err := syscalls.New(o).Report(cmd.Context())
			if err != nil && len(report.Rows) == 0 {
				return err
			}
			if asJSON {
				enc := json.NewEncoder(cmd.OutOrStdout())
				enc.SetIndent("", "  ")
				return errors.Join(enc.Encode(report), err)
			}
			_, werr := io.WriteString(cmd.OutOrStdout(), syscallTable(report))
			return errors.Join(werr, err)
		},
	}
	c.Flags().StringVar(&o.Dir, "dir", ".", "where files are tried; nothing of it stays")
	c.Flags().StringSliceVar(&o.Only, "only", nil, "the names to try, as the table has them")
	c.Flags().DurationVar(&o.Deadline, "deadline", 2*time.Second, "how long one may take before it hangs")
	c.Flags().BoolVar(&asJSON, "json", false, "all rows as JSON")
	_ = c.RegisterFlagCompletionFunc("only", fixed(syscalls.Names()))
	return c
}

func syscallsChildCommand() *cobra.Command {
	return &cobra.Command{
		Use:    syscallsChild + " NAME DIR",
		Hidden: true,
		Args:   cobra.ExactArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return json.NewEncoder(cmd.OutOrStdout()).Encode(syscalls.Child(args[0], args[1]))
		},
	}
}

// startAgain runs this program again in a process group of its own, which is killed
// as a whole.
func startAgain(exe string) syscalls.Start {
	return func(ctx context.Context, name, dir string) (syscalls.Exit, error) {
		var out bytes.Buffer
		cmd := exec.CommandContext(ctx, exe, syscallsChild, name, dir)
		cmd.Stdout = &out
		cmd.Env = withoutGoDebug(os.Environ())
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
		cmd.WaitDelay = time.Second // a fork that is left holds the output
		err := cmd.Run()
		if cmd.ProcessState == nil {
			return syscalls.Exit{}, err
		}
		end := syscalls.Exit{Output: out.Bytes(), Code: cmd.ProcessState.ExitCode()}
		if status, ok := cmd.ProcessState.Sys().(syscall.WaitStatus); ok && status.Signaled() {
			end.Signal = status.Signal()
		}
		return end, nil
	}
}

func withoutGoDebug(environ []string) (rest []string) {
	for _, v := range environ {
		if !strings.HasPrefix(v, "GODEBUG=") {
			rest = append(rest, v)
		}
	}
	return rest
}

// progressOn counts on a terminal, and says nothing elsewhere.
func progressOn(w io.Writer) func(done, all int) {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return nil
	}
	return func(done, all int) {
		fmt.Fprintf(w, "\r%d of %d", done, all)
		if done == all {
			fmt.Fprint(w, "\r\x1b[K")
		}
	}
}

// syscallTable is a report for people: a line for each row that does not work, in
// its group, and the names of the others.
func syscallTable(r syscalls.Report) string {
	var b strings.Builder
	var works []string
	name, group := 0, ""
	for _, row := range r.Rows {
		if row.Verdict == syscalls.Works {
			works = append(works, row.Name)
		} else {
			name = max(name, len(row.Name))
		}
	}
	for _, row := range r.Rows {
		if row.Verdict == syscalls.Works {
			continue
		}
		if row.Group != group {
			group = row.Group
			fmt.Fprintf(&b, "%s\n", group)
		}
		fmt.Fprintf(&b, "  %-*s  %-10s  lost: %s\n", name, row.Name, row.Verdict, row.Loses)
		if row.Detail != "" {
			fmt.Fprintf(&b, "  %-*s  %-10s  seen: %s\n", name, "", "", row.Detail)
		}
	}
	if b.Len() > 0 {
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "%d of %d work in %s:\n", len(works), len(r.Rows), r.Dir)
	b.WriteString(wrap(works, 100))
	if r.Partial {
		b.WriteString("\nIt was ended early: other rows were not tried.\n")
	}
	return b.String()
}

// wrap sets words in lines of a width, indented by two.
func wrap(words []string, width int) string {
	var b strings.Builder
	line := 0
	for _, w := range words {
		if line > 0 && line+1+len(w) > width {
			b.WriteString("\n")
			line = 0
		}
		if line == 0 {
			b.WriteString("  ")
			line = 2
		} else {
			b.WriteString(" ")
			line++
		}
		b.WriteString(w)
		line += len(w)
	}
	if line > 0 {
		b.WriteString("\n")
	}
	return b.String()
}
