package toolchain

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/release"
	"github.com/stretchr/testify/require"
)

func TestCheck(t *testing.T) {
	for _, format := range []release.Format{release.TarGz, release.Zip} {
		t.Run(format.String(), func(t *testing.T) {
			w := newWorld(t, format)
			i := w.installer(t)
			_, _, err := i.Install(t.Context(), w.artifact.Version)
			require.NoError(t, err)
			s, root := i.Store, i.Store.GOROOT("1.99.0")
			report, err := s.Check(t.Context(), "1.99.0", nil)
			require.NoError(t, err)
			require.Empty(t, report.Changes)

			// The sums file is in a format that needs no tool of ours.
			sha256sum := exec.Command("sha256sum", "--quiet", "-c", sumsFile)
			sha256sum.Dir = s.Dir("1.99.0")
			out, err := sha256sum.CombinedOutput()
			require.NoError(t, err, "%s", out)

			require.NoError(t, os.WriteFile(filepath.Join(root, "VERSION"), []byte("go1.99.1"), 0o644))
			require.NoError(t, os.Remove(filepath.Join(root, "src", "go.mod")))
			require.NoError(t, os.WriteFile(filepath.Join(root, "src", "new.go"), nil, 0o644))
			require.NoError(t, os.Symlink("/etc", filepath.Join(root, "etc")))
			report, err = s.Check(t.Context(), "1.99.0", nil)
			require.NoError(t, err)
			require.Equal(t, []Change{
				{"changed", "go/VERSION"}, {"added", "go/etc"}, {"missing", "go/src/go.mod"}, {"added", "go/src/new.go"},
			}, report.Changes)

			// Whoever edits a file and its sum is found by the hash of the sums.
			sums, err := readSums(filepath.Join(s.Dir("1.99.0"), sumsFile))
			require.NoError(t, err)
			sums[0].sha256[0] ^= 1
			require.NoError(t, writeSums(filepath.Join(s.Dir("1.99.0"), sumsFile), sums))
			_, err = s.Check(t.Context(), "1.99.0", nil)
			require.ErrorAs(t, err, new(*MismatchError))
		})
	}
}

func TestAliasAndRemove(t *testing.T) {
	w := newWorld(t, release.Zip)
	i := w.installer(t)
	s, v := i.Store, w.artifact.Version
	_, _, err := i.Install(t.Context(), v)
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(s.Dir("1.99"), 0o755), "asdf has made the directory")
	require.NoError(t, s.Alias(t.Context(), "1.99", v, time.Now()))
	require.NoError(t, s.Alias(t.Context(), "1.99", v, time.Now()), "once more is no fault")
	out, err := exec.Command(filepath.Join(s.Dir("1.99"), "bin", "go")).CombinedOutput()
	require.NoError(t, err)
	require.Equal(t, "go1.99.0\n", string(out))
	info, err := os.Lstat(s.Dir("1.99"))
	require.NoError(t, err)
	require.True(t, info.IsDir(), "asdf 0.16 and later overlook links")
	versions, err := s.Versions()
	require.NoError(t, err)
	require.Len(t, versions, 1, "an alias is no version")

	require.ErrorIs(t, s.Alias(t.Context(), "1.99.0", v, time.Now()), ErrNoAlias)

	gone, err := s.Remove(t.Context(), "1.99.0")
	require.NoError(t, err)
	require.Equal(t, []string{"1.99", "1.99.0"}, gone)
	require.Empty(t, leftovers(t, s))
	_, err = s.Remove(t.Context(), "1.99.0")
	require.ErrorIs(t, err, fs.ErrNotExist)
}

// An alias changes its version in one step, or in two where the file system
// cannot; either way nothing of the old one is left.
func TestAliasIsReplaced(t *testing.T) {
	w := newWorld(t, release.Zip)
	i := w.installer(t)
	s := i.Store
	_, _, err := i.Install(t.Context(), w.artifact.Version)
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(filepath.Join(s.GOROOT("1.98.0"), "bin"), 0o755))
	require.NoError(t, (&Marker{Version: "1.98.0"}).write(s.Dir("1.98.0")))
	for _, v := range []string{"1.98.0", "1.99.0", "1.98.0"} {
		require.NoError(t, s.Alias(t.Context(), "default", version(t, v), time.Now()))
		m, err := s.Installed("default")
		require.NoError(t, err)
		require.Equal(t, v, m.Version)
		link, err := os.Readlink(filepath.Join(s.Dir("default"), "go"))
		require.NoError(t, err)
		require.Equal(t, "../"+v+"/go", link)
		require.ElementsMatch(t, []string{"1.98.0", "1.99.0", "default"}, leftovers(t, s))
	}
}

func TestRemoveLeavesWhatIsNotOurs(t *testing.T) {
	s := Store{DataDir: t.TempDir(), Plugin: "golang"}
	require.NoError(t, os.MkdirAll(filepath.Join(s.Dir("1.22.5"), "go"), 0o755))
	_, err := s.Remove(t.Context(), "1.22.5")
	require.ErrorIs(t, err, ErrForeign)
	require.DirExists(t, s.Dir("1.22.5"))
}

func TestHeal(t *testing.T) {
	s := Store{DataDir: t.TempDir(), Plugin: "golang"}
	require.NoError(t, s.Heal(), "no installs are no fault")
	require.NoError(t, os.MkdirAll(s.Dir("1.22.5"), 0o755))
	require.NoError(t, os.MkdirAll(filepath.Join(s.Dir("1.22.6"), "go"), 0o755))
	require.NoError(t, s.Heal())
	require.NoDirExists(t, s.Dir("1.22.5"))
	require.DirExists(t, s.Dir("1.22.6"))
}

// What killed installs leave in staging goes with the next install; what is
// complete, or being worked on, stays.
func TestSweep(t *testing.T) {
	w := newWorld(t, release.Zip)
	i := w.installer(t)
	s := i.Store
	require.NoError(t, os.MkdirAll(filepath.Join(s.stagingDir("1.98.0"), "go"), 0o755))
	require.NoError(t, os.MkdirAll(filepath.Join(s.stagingDir("1.97.0"), "go"), 0o755))
	require.NoError(t, (&Marker{Version: "1.97.0"}).write(s.stagingDir("1.97.0")))
	require.NoError(t, os.MkdirAll(s.stagingDir("1.96.0"), 0o755))
	unlock, err := i.lock(t.Context(), version(t, "1.96.0"))
	require.NoError(t, err)
	defer unlock()
	_, _, err = i.Install(t.Context(), w.artifact.Version)
	require.NoError(t, err)
	require.ElementsMatch(t, []string{"golang@1.97.0", "golang@1.96.0", "1.99.0"}, leftovers(t, s))
}

// installs may be a link to another disk.
func TestInstallsElsewhere(t *testing.T) {
	other, err := os.MkdirTemp("/dev/shm", "golang-wsl-test-")
	require.NoError(t, err, "a second file system is needed")
	t.Cleanup(func() { _ = os.RemoveAll(other) })
	w := newWorld(t, release.Zip)
	i := w.installer(t)
	require.NotEqual(t, device(other), device(i.Store.DataDir), "a second file system is needed")
	require.NoError(t, os.Symlink(other, filepath.Join(i.Store.DataDir, "installs")))
	_, _, err = i.Install(t.Context(), w.artifact.Version)
	require.NoError(t, err)
	require.FileExists(t, filepath.Join(other, "golang", "1.99.0", markerFile))
}

func FuzzSums(f *testing.F) {
	f.Add([]byte("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  go/VERSION\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := parseSums(data)
		if err != nil {
			return
		}
		again, err := parseSums(formatSums(list))
		require.NoError(t, err)
		require.Equal(t, list, again)
	})
}

func FuzzMarker(f *testing.F) {
	f.Add([]byte(`{"version":"1.25.3","log":{"record":1}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if m, err := parseMarker(data); err == nil {
			require.NotEmpty(t, m.Version)
		}
	})
}
