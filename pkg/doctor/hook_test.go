package doctor

import (
	"errors"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
)

// The fixes of the hook's checks touch what they say, and leave nothing to do.
// Where a file is longer than what is read there is none.
func TestHookFixes(t *testing.T) {
	setup := []string{"run golang-wsl setup, which changes /home/me/.bashrc, /home/me/.config/golang-wsl"}
	for name, test := range map[string]struct {
		id    string
		lines []string
	}{
		"no-hook":            {"hook", setup},
		"hook-unsourced":     {"hook", nil},
		"hook-gone":          {"hook", setup},
		"hook-other-shell":   {"hook", setup},
		"hook-old":           {"hook-old", []string{"edit /home/me/dotfiles/hook.bash: write the hook for bash anew"}},
		"hook-old-long":      {"hook-old", nil},
		"hook-twice":         {"hook-twice", []string{"edit /home/me/.bashrc: leave one block of golang-wsl setup"}},
		"hook-twice-by-hand": {"hook-twice", []string{"edit /home/me/.bashrc: leave one block of golang-wsl setup"}},
		"hook-by-hand":       {"hook-twice", nil},
		"hook-twice-long":    {"hook-twice", nil},
	} {
		t.Run(name, func(t *testing.T) {
			d := readMachine(t, name)
			fix := ask(t, d, test.id).Fix
			if test.lines == nil {
				require.Nil(t, fix)
				return
			}
			require.NotNil(t, fix)
			require.Equal(t, test.lines, fix.Lines())
			for _, e := range fix.Edits {
				require.Equal(t, string(d.fs[rel(e.File)].Data), string(e.Old))
				d.fs[rel(e.File)] = &fstest.MapFile{Data: e.New, Mode: 0o644}
			}
			if fix.Commands == nil {
				require.Nil(t, ask(t, d, test.id).Fix, "there is nothing left to do")
			}
		})
	}
}

// ask puts one question to a machine.
func ask(t *testing.T, d *described, id string) Result {
	t.Helper()
	checks, err := Choose(Checks(), []string{id})
	require.NoError(t, err)
	results, err := Run(t.Context(), d.machine(), checks, time.Minute)
	require.NoError(t, err)
	return results[0]
}

// A configuration that cannot be read says nothing of the hook, and keeps setup
// from working.
func TestHookWithoutConfiguration(t *testing.T) {
	m := readMachine(t, "hook-old").machine()
	for i := range m.Hooks {
		m.Hooks[i].Text = nil
	}
	require.Equal(t, Skipped, lookHookOld(t.Context(), m).Status)
	m = readMachine(t, "no-hook").machine()
	m.Trouble = errors.New("config.toml: line 1")
	require.Nil(t, lookHook(t.Context(), m).Fix)
}

func TestOwnLine(t *testing.T) {
	for line, want := range map[string]bool{
		`. "$HOME/.config/golang-wsl/hook.bash"`:                                true,
		`if [ -r /x/golang-wsl/hook.bash ]; then . /x/golang-wsl/hook.bash; fi`: true,
		`source <(golang-wsl hook bash)`:                                        true,
		`eval "$(~/bin/golang-wsl hook bash)"`:                                  true,
		`golang-wsl hook bash | source`:                                         true,
		`golang-wsl hook bash > ~/.config/golang-wsl/hook.bash`:                 false,
		`. ~/.config/golang-wsl/hook.zsh`:                                       false,
		`echo see ~/.config/golang-wsl/hook.bash`:                               false,
		`. ~/.config/other/hook.bash`:                                           false,
	} {
		require.Equal(t, want, ownLine("bash").MatchString(line), line)
	}
}
