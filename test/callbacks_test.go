package test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCallbackListAll(t *testing.T) {
	withClients(t, func(t *testing.T, c client) {
		s := newSetup(t, c, "golang-wsl", "1.22.5", "1.9.7", "1.21rc2", "1.21.0")
		got := s.call(t, "list-all", nil, nil)
		got.requireOK(t)
		require.NotContains(t, got.stdout, "\n", "asdf 0.16 and later split at spaces only")
		words := strings.Split(got.stdout, " ")
		at := func(word string) int {
			for i, w := range words {
				if w == word {
					return i
				}
			}
			t.Fatalf("%s is not in the list", word)
			return 0
		}
		require.Less(t, at("1.9.7"), at("1.21rc2"))
		require.Less(t, at("1.21rc2"), at("1.21.0"))
		require.Less(t, at("1.21.0"), at("1.22.5"))
		for _, word := range words {
			require.Regexp(t, `^1(\.\d+)*(rc\d+|beta\d+)?$`, word)
		}
	})
}

func TestCallbackLatestStable(t *testing.T) {
	withClients(t, func(t *testing.T, c client) {
		s := newSetup(t, c, "golang-wsl", "1.98.2", "1.99rc1", "1.22.99")
		for _, q := range []struct {
			args []string
			want string
		}{
			{c.latest, "1.98.2"},
			{nil, "1.98.2"}, // mise
			{[]string{""}, "1.98.2"},
			{[]string{"[0-9]"}, "1.98.2"},
			{[]string{"1.22"}, "1.22.99"},
		} {
			got := s.call(t, "latest-stable", q.args, nil)
			got.requireOK(t)
			require.Equal(t, q.want, strings.TrimSpace(got.stdout), "%q", q.args)
		}
		got := s.call(t, "latest-stable", []string{"7.7"}, nil)
		require.NotZero(t, got.code)
		require.Empty(t, got.stdout)
		require.Contains(t, got.stderr, "golang-wsl: error: ")
	})
}

func TestCallbackInstallAndUninstall(t *testing.T) {
	withClients(t, func(t *testing.T, c client) {
		for _, name := range []string{"golang-wsl", "golang"} {
			t.Run(name, func(t *testing.T) {
				s := newSetup(t, c, name, "1.98.2", "1.97.1")
				s.install(t, "1.98.2").requireOK(t)
				s.install(t, "1.97.1").requireOK(t)

				// What asdf makes shims of by default.
				link, err := os.Readlink(filepath.Join(s.installPath("1.98.2"), "bin", "go"))
				require.NoError(t, err)
				require.Equal(t, "../go/bin/go", link)
				require.FileExists(t, filepath.Join(s.installPath("1.98.2"), "bin", "gofmt"))

				got := s.exec(t, "1.98.2", "", "go", "version")
				got.requireOK(t)
				require.Contains(t, got.stdout, "go version go1.98.2 linux/")
				got = s.exec(t, "1.97.1", "all of it\nis for go\n", "go", "stdin")
				require.Equal(t, "all of it\nis for go\n", got.stdout)
				got = s.exec(t, "1.98.2", "", "bash", "-c", `echo "<${GOROOT-unset}>"`)
				require.NotContains(t, got.stdout, "/stale")

				s.uninstall(t, "1.98.2").requireOK(t)
				require.NoDirExists(t, s.installPath("1.98.2"))
				s.exec(t, "1.97.1", "", "go", "version").requireOK(t)
				require.NoDirExists(t, s.downloadPath("1.97.1"))
				s.requireNoStaging(t)
			})
		}
	})
}

// requireNoStaging fails where an install left something that is no version.
func (s *setup) requireNoStaging(t *testing.T) {
	t.Helper()
	require.Empty(t, ls(t, filepath.Join(s.data, "golang-wsl", "staging")))
	for _, name := range ls(t, filepath.Join(s.data, "installs", filepath.Base(s.plugin))) {
		require.False(t, strings.HasPrefix(name, "."), "asdf 0.20 takes %s for a version", name)
	}
}

// asdf neither empties the download directory nor removes it after a failure.
func TestCallbackDownloadAfterAFailedTry(t *testing.T) {
	withClients(t, func(t *testing.T, c client) {
		s := newSetup(t, c, "golang-wsl", "1.98.2")
		from := s.downloadPath("1.98.2")
		for _, name := range []string{"stage/go/bin/go", "go/VERSION", "go1.98.2.linux-amd64.tar.gz", "staged", ".golang-wsl.json"} {
			path := filepath.Join(from, name)
			require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
			require.NoError(t, os.WriteFile(path, []byte("stale"), 0o755))
		}
		s.install(t, "1.98.2").requireOK(t)
		require.Contains(t, s.exec(t, "1.98.2", "", "go", "version").stdout, "go1.98.2 ")
		data, err := os.ReadFile(filepath.Join(s.installPath("1.98.2"), "go", "VERSION"))
		require.NoError(t, err)
		require.NotContains(t, string(data), "stale")
	})
}

func TestCallbackInstallThatFails(t *testing.T) {
	withClients(t, func(t *testing.T, c client) {
		s := newSetup(t, c, "golang-wsl", "1.98.2")
		got := s.install(t, "9.9.9")
		require.Equal(t, 3, got.code, got.stderr)
		require.Empty(t, got.stdout)
		require.Contains(t, got.stderr, "golang-wsl: error: ")
		require.NoDirExists(t, s.installPath("9.9.9"))
		s.requireNoStaging(t)
	})
}

// A commit is no release, and nothing here can build one.
func TestCallbackInstallOfARef(t *testing.T) {
	withClients(t, func(t *testing.T, c client) {
		s := newSetup(t, c, "golang-wsl", "1.98.2")
		got := s.call(t, "download", nil, append(s.versionVars("master"), "ASDF_INSTALL_TYPE=ref"))
		require.NotZero(t, got.code)
		require.Contains(t, got.stderr, "golang-wsl: error: ")
	})
}

// asdf 0.16 to 0.20 hand on the word in .tool-versions as it is, and make a
// directory of that name.
func TestCallbackInstallOfWords(t *testing.T) {
	s := newSetup(t, clients[1], "golang-wsl", "1.98.2", "1.97.7", "1.97.1")
	for word, version := range map[string]string{"latest": "1.98.2", "latest:1.97": "1.97.7", "1.97": "1.97.7"} {
		s.install(t, word).requireOK(t)
		// By its path, as asdf does: a word with a colon is no part of a PATH.
		got := s.exec(t, word, "", filepath.Join(s.installPath(word), "bin", "go"), "version")
		got.requireOK(t)
		require.Contains(t, got.stdout, "go version go"+version+" ", word)

		info, err := os.Lstat(s.installPath(word))
		require.NoError(t, err)
		require.True(t, info.IsDir(), "asdf 0.20 does not see a link as a version")
	}
	s.requireNoStaging(t)
}

func TestCallbackLegacyFiles(t *testing.T) {
	withClients(t, func(t *testing.T, c client) {
		s := newSetup(t, c, "golang-wsl", "1.98.2", "1.22.5")
		got := s.call(t, "list-legacy-filenames", nil, nil)
		got.requireOK(t)
		names := strings.Split(strings.TrimSuffix(got.stdout, "\n"), " ")
		require.ElementsMatch(t, []string{".go-version", "go.mod", "go.work"}, names)

		for _, file := range []struct{ name, text, want string }{
			{".go-version", "1.22.5\r\n", "1.22.5"},
			{"go.mod", "module m\n\ngo 1.21\n\ntoolchain go1.22.5\n", "1.22.5"},
			{"go.work", "go 1.22.1\n\ntoolchain go1.22.5\n", "1.22.5"},
			{"go.mod", "module m\n", ""},
			{".go-version", "# nothing\n", ""},
		} {
			path := filepath.Join(s.wd, "a project", file.name)
			require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
			require.NoError(t, os.WriteFile(path, []byte(file.text), 0o644))
			got := s.call(t, "parse-legacy-file", []string{path}, nil)
			got.requireOK(t)
			require.Equal(t, file.want, strings.TrimSpace(got.stdout), "%s: %q", file.name, file.text)
		}
	})
}

func TestCallbackHelp(t *testing.T) {
	withClients(t, func(t *testing.T, c client) {
		s := newSetup(t, c, "golang", "1.98.2")
		for _, topic := range []string{"overview", "deps", "config", "links"} {
			got := s.call(t, "help."+topic, nil, nil)
			got.requireOK(t)
			require.NotEmpty(t, strings.TrimSpace(got.stdout), topic)
			require.NotContains(t, got.stdout, "PLUGIN")
		}
	})
}

func TestCallbackPluginLifecycle(t *testing.T) {
	withClients(t, func(t *testing.T, c client) {
		s := newSetup(t, c, "golang-wsl", "1.98.2")
		for name, vars := range map[string][]string{
			"post-plugin-add":    {"ASDF_PLUGIN_PATH=" + s.plugin, "ASDF_PLUGIN_SOURCE_URL=/src"},
			"post-plugin-update": {"ASDF_PLUGIN_PATH=" + s.plugin, "ASDF_PLUGIN_PREV_REF=a1b2", "ASDF_PLUGIN_POST_REF=c3d4"},
			"pre-plugin-remove":  {"ASDF_PLUGIN_PATH=" + s.plugin, "ASDF_PLUGIN_SOURCE_URL="},
		} {
			got := s.call(t, name, nil, vars)
			got.requireOK(t)
			require.Empty(t, got.stdout)
		}
		require.Zero(t, s.server.Asked("/"), "nothing of this asks a server")
	})
}
