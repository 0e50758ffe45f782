package plugin

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/release"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/toolchain"
	"github.com/stretchr/testify/require"
)

// fixed is a source that only lists.
type fixed []string

func (fixed) Name() string { return "fixed" }
func (f fixed) List(context.Context, release.Platform) ([]goversion.Version, error) {
	var versions []goversion.Version
	for _, s := range f {
		v, err := goversion.Parse(s)
		if err != nil {
			return nil, err
		}
		versions = append(versions, v)
	}
	return versions, nil
}
func (fixed) Find(_ context.Context, v goversion.Version, p release.Platform) (*release.Artifact, error) {
	return nil, &release.NotFoundError{Version: v, Platform: p, Source: "fixed"}
}

func newPlugin(t *testing.T, env map[string]string) (*Plugin, *bytes.Buffer) {
	t.Helper()
	var out bytes.Buffer
	return &Plugin{
		Env: func(name string) string { return env[name] }, Stdout: &out,
		Store:  toolchain.Store{DataDir: t.TempDir(), Plugin: "golang"},
		Source: fixed{"1.20", "1.20.14", "1.21rc2", "1.21.0", "1.22.4", "1.22.5", "1.23rc1"},
		// Installed or not, a legacy file is resolved without asking anybody.
		Offline: fixed{"1.20", "1.22.4", "1.22.5"},
	}, &out
}

// What each caller writes, and what it must get back to the byte.
func TestAnswers(t *testing.T) {
	tests := map[string]struct {
		args []string
		want string
	}{
		"asdf 0.14 and later, list-all":            {[]string{"list-all"}, "1.20 1.20.14 1.21rc2 1.21.0 1.22.4 1.22.5 1.23rc1"},
		"mise gives no argument":                   {[]string{"latest-stable"}, "1.22.5\n"},
		"asdf 0.16 gives an empty one":             {[]string{"latest-stable", ""}, "1.22.5\n"},
		"asdf 0.14 gives a pattern":                {[]string{"latest-stable", "[0-9]"}, "1.22.5\n"},
		"a minor line":                             {[]string{"latest-stable", "1.20"}, "1.20.14\n"},
		"an exact one":                             {[]string{"latest-stable", "1.22.4"}, "1.22.4\n"},
		"a line that has only a candidate":         {[]string{"latest-stable", "1.21"}, "1.21.0\n"},
		"the files of others":                      {[]string{"list-legacy-filenames"}, ".go-version go.work go.mod\n"},
		"help names the plugin as the user did":    {[]string{"help.overview"}, ""},
		"help for asdf 0.16, which prints no more": {[]string{"help.deps"}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p, out := newPlugin(t, nil)
			require.NoError(t, p.Run(t.Context(), test.args[0], test.args[1:]))
			if test.want == "" {
				require.NotEmpty(t, out.String())
				require.NotContains(t, out.String(), "PLUGIN")
				return
			}
			require.Equal(t, test.want, out.String())
		})
	}
}

func TestRefusals(t *testing.T) {
	install := func(kind, word, path string) map[string]string {
		return map[string]string{"ASDF_INSTALL_TYPE": kind, "ASDF_INSTALL_VERSION": word, "ASDF_INSTALL_PATH": path}
	}
	tests := map[string]struct {
		env  map[string]string
		args []string
		want any
	}{
		"unknown callback":    {nil, []string{"list-al"}, new(*UsageError)},
		"unknown help":        {nil, []string{"help.../../go.mod"}, new(*UsageError)},
		"not called by asdf":  {nil, []string{"install"}, new(*UsageError)},
		"a git ref":           {install("ref", "abc", "/d/installs/golang/ref-abc"), []string{"download"}, new(*UsageError)},
		"a relative path":     {install("version", "1.22.5", "installs/golang/1.22.5"), []string{"download"}, new(*UsageError)},
		"another layout":      {install("version", "1.22.5", "/d/golang/1.22.5"), []string{"install"}, new(*UsageError)},
		"no version":          {install("version", "../../etc", "/d/installs/golang/x"), []string{"download"}, new(*goversion.ParseError)},
		"a shell's expansion": {install("version", "$(id)", "/d/installs/golang/x"), []string{"download"}, new(*goversion.ParseError)},
		"no such line":        {install("version", "1.99", "/d/installs/golang/1.99"), []string{"download"}, new(*goversion.NoMatchError)},
		"no such latest":      {nil, []string{"latest-stable", "1.23"}, new(*goversion.NoMatchError)},
		"legacy, no path":     {nil, []string{"parse-legacy-file"}, new(*UsageError)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			p, out := newPlugin(t, test.env)
			err := p.Run(t.Context(), test.args[0], test.args[1:])
			require.ErrorAs(t, err, test.want)
			require.Empty(t, out.String())
		})
	}
}

func TestLegacyFiles(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{".go-version", "1.22.5\r\n", "1.22.5\n"},
		{".go-version", "go1.20.0\n", "1.20\n"},
		{".go-version", "1.22\n", "1.22.5\n"},
		{".go-version", "system\n", "system\n"},
		{".go-version", "\n# nothing\n", ""},
		{".go-version", "", ""},
		{".go-version", "graalvm-17\n", "graalvm-17\n"},
		{".go-version", "$(id)\n", ""},
		{".go-version", "../../etc\n", ""},
		{"go.mod", "module \"a\ngo 1.22\n", ""},
		{".go-version", "1.99\n", "1.99\n"}, // asdf then says that it is not installed
		{"go.mod", "module a\n\ngo 1.22.1\n", "1.22.5\n"},
		{"go.mod", "module a\n\ngo 1.22\n\ntoolchain go1.22.4\n", "1.22.4\n"},
		{"go.mod", "module a\n", ""},
		{"go.work", "go 1.22\nuse ./a\n", "1.22.5\n"},
	}
	for _, test := range tests {
		p, out := newPlugin(t, nil)
		path := filepath.Join(t.TempDir(), test.name)
		require.NoError(t, os.WriteFile(path, []byte(test.text), 0o644))
		require.NoError(t, p.Run(t.Context(), "parse-legacy-file", []string{path}), test.text)
		require.Equal(t, test.want, out.String(), "%s %q", test.name, test.text)
	}
}

// A go line is a floor: what is installed and good enough is taken before
// something newer that would have to be fetched.
func TestLegacyPrefersInstalled(t *testing.T) {
	p, out := newPlugin(t, nil)
	dir := p.Store.Dir("1.22.4")
	require.NoError(t, os.MkdirAll(dir, 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(dir, ".golang-wsl.json"), []byte(`{"version":"1.22.4"}`), 0o644))
	path := filepath.Join(t.TempDir(), "go.mod")
	require.NoError(t, os.WriteFile(path, []byte("module a\ngo 1.22.1\n"), 0o644))
	require.NoError(t, p.Run(t.Context(), "parse-legacy-file", []string{path}))
	require.Equal(t, "1.22.4\n", out.String())
}

func TestUninstallOfNothing(t *testing.T) {
	data := t.TempDir()
	p, _ := newPlugin(t, map[string]string{"ASDF_INSTALL_VERSION": "1.22.5", "ASDF_INSTALL_PATH": filepath.Join(data, "installs", "golang", "1.22.5")})
	require.NoError(t, p.Run(t.Context(), "uninstall", nil))
}

// Another plugin of the same name has left an install: asdf 0.14 deletes nothing
// itself.
func TestUninstallOfAnothers(t *testing.T) {
	path := filepath.Join(t.TempDir(), "installs", "golang", "1.22.5")
	require.NoError(t, os.MkdirAll(filepath.Join(path, "go", "bin"), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(path, "go", "bin", "go"), []byte("x"), 0o755))
	p, _ := newPlugin(t, map[string]string{"ASDF_INSTALL_VERSION": "1.22.5", "ASDF_INSTALL_PATH": path})
	require.NoError(t, p.Run(t.Context(), "uninstall", nil))
	require.NoDirExists(t, path)

	// asdf 0.14 makes such a directory of "path:/opt/go".
	path = filepath.Join(filepath.Dir(path), "path")
	require.NoError(t, os.MkdirAll(filepath.Join(path, "x"), 0o755))
	p, _ = newPlugin(t, map[string]string{"ASDF_INSTALL_TYPE": "version", "ASDF_INSTALL_VERSION": "path", "ASDF_INSTALL_PATH": path})
	require.NoError(t, p.Run(t.Context(), "uninstall", nil))
	require.NoDirExists(t, path)
}
