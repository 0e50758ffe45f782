package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
	"unicode"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/wsl"
	"github.com/spf13/cobra"
)

func (a *app) detectCommand() *cobra.Command {
	var root string
	var asJSON, onlyKind bool
	cmd := &cobra.Command{
		Use:   "detect",
		Short: "Say whether this is WSL1, WSL2 or other Linux, and why",
		Long: `Say whether this is WSL1, WSL2 or other Linux, what decided it, and what else was
found: the container, the VM, the distribution, the mounts from Windows. Where the
evidence is thin the answer is native with low confidence.`,
		Example: `  golang-wsl detect
  golang-wsl detect --kind           one word: wsl1, wsl2 or native
  golang-wsl detect --root /mnt/old  another system's files`,
		Args: wantArgs(0, 0),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if asJSON && onlyKind {
				return &usageError{"--json and --kind exclude each other", `the JSON has a field "kind"`}
			}
			m := thisMachine(a.env)
			if cmd.Flags().Changed("root") {
				dir, err := openRoot(root)
				if err != nil {
					return err
				}
				defer dir.Close()
				m = wsl.Machine{Root: dir.FS()}
			}
			if onlyKind {
				_, err := fmt.Fprintln(a.std.out, wsl.KindOf(m))
				return err
			}
			if asJSON {
				return a.writeJSON(wsl.Detect(m))
			}
			return a.writeReport(wsl.Detect(m))
		},
	}
	cmd.Flags().StringVar(&root, "root", "", "look at `DIR`, laid out like /, and at nothing of this machine")
	cmd.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	cmd.Flags().BoolVar(&onlyKind, "kind", false, "write only the kind")
	return cmd
}

// thisMachine is the one that the program runs on.
func thisMachine(env func(string) string) wsl.Machine {
	var st syscall.Statfs_t
	if err := syscall.Statfs("/", &st); err != nil {
		st.Type = 0
	}
	// The type is unsigned or has 32 bits on some platforms.
	return wsl.Machine{Root: os.DirFS("/"), RootType: int64(st.Type), Env: env}
}

// openRoot opens a directory that links inside it cannot leave.
func openRoot(dir string) (*os.Root, error) {
	info, err := os.Stat(dir)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) || err == nil && !info.IsDir() {
		return nil, &usageError{fmt.Sprintf("--root %q is not a directory", dir), "name one that has proc and etc in it, as / has"}
	}
	if err != nil {
		return nil, fmt.Errorf("open the root: %w", err)
	}
	return os.OpenRoot(dir)
}

// writeReport writes one fact a line, what matters first.
func (a *app) writeReport(r *wsl.Report) error {
	var b strings.Builder
	line := func(name, text string) {
		if text != "" {
			fmt.Fprintf(&b, "%s: %s\n", name, printable(text))
		}
	}
	line("kind", fmt.Sprintf("%s (%s)", r.Kind, r.Confidence))
	line("because", fmt.Sprintf("%s (step %d)", r.Because, r.Step))
	line("missing", strings.Join(r.Missing, ", "))
	line("container", string(r.Container))
	line("host", string(r.Host))
	line("distribution", distributionName(r.Distribution))
	line("kernel", r.Kernel)
	for _, m := range r.Mounts {
		if m.Windows {
			line("mount", fmt.Sprintf("%s is %s of Windows, by %s", m.Point, m.Source, m.Type))
		}
	}
	for _, e := range r.Evidence {
		if !e.Decided {
			line("evidence", e.String())
		}
	}
	_, err := fmt.Fprint(a.std.out, b.String())
	return err
}

func distributionName(d wsl.Distribution) string {
	if d.PrettyName != "" {
		return d.PrettyName
	}
	return strings.TrimSpace(d.Name + " " + d.VersionID)
}

// printable keeps the text of files that anyone may have written from steering the
// terminal, and from looking like a line of ours.
func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return '?'
	}, text)
}
