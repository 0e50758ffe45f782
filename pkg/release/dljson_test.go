package release

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
)

// testdata/dl.json has real entries of go.dev/dl/?mode=json&include=all as of
// 2026-08-19: the releases that are odd in some way, without the files for
// systems that show nothing more.
func readDL(t testing.TB) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/dl.json")
	require.NoError(t, err)
	return data
}

func TestParseDL(t *testing.T) {
	table, err := parseDL(readDL(t), "linux")
	require.NoError(t, err)
	// "go1" is a file for the system "4", arch "bootstrap". All else is there,
	// prereleases too; 1.9.2rc2 comes after 1.9.1 and before 1.9.2, although
	// go/version calls it invalid and would put it first (golang/go#68634).
	require.Equal(t, strings.Fields("1.2.2 1.4.2 1.4.3 1.5.2 1.5.3 1.6beta1 1.9.2rc2 1.9.2 1.10beta1 "+
		"1.20rc1 1.20 1.21rc2 1.21.0 1.22.5 1.27.0"), names(table.versions(amd64)))
	require.Equal(t, strings.Fields("1.9.2rc2 1.9.2 1.10beta1 1.20rc1 1.20 1.21rc2 1.21.0 1.22.5 1.27.0"),
		names(table.versions(Platform{"linux", "arm"})))
	require.ElementsMatch(t, strings.Fields("linux-386 linux-amd64 linux-arm6 linux-arm64 linux-armv6l"), table.columns)

	known := loadKnown(t)
	for _, arch := range knownPlatforms {
		p := Platform{"linux", arch}
		for _, v := range table.versions(p) {
			f, ok := table.find(v, p)
			require.True(t, ok)
			sum, _ := known.Sum(v, p)
			require.Equal(t, sum, f.sum, "%s %s", v, p)
		}
	}
}

func TestParseDLQuirks(t *testing.T) {
	data := readDL(t)
	for _, tt := range []struct {
		why, version, os, arch string
		ok                     bool
		sum                    string // beginning
		size                   int64
	}{
		{"an archive beside an .msi and a .zip", "1.27.0", "linux", "amd64", true, "675c26c4", 70523269},
		{".0 is spelled from 1.21 on", "1.21.0", "linux", "amd64", true, "d0398903", 66479500},
		{"and not before", "1.20", "linux", "amd64", true, "5a9ebcc6", 99869470},
		{"two archives of one platform, one by the wrong name", "1.21rc2", "linux", "arm", true, "0f82199e", 65029033},
		{"armv6l in the list, arm in the name", "1.22.5", "freebsd", "arm", true, "", 0},
		{"arm6 is no platform", "1.6beta1", "linux", "arm", false, "", 0},
		{"no sum, but a size", "1.6beta1", "linux", "amd64", true, "", 85403735},
		{"no sum, but a size", "1.5.2", "linux", "amd64", true, "", 76350075},
		{"a sum before there were .sha256 files", "1.5.3", "linux", "amd64", true, "43afe0c5", 80147269},
		{"size 0", "1.4.2", "linux", "386", true, "", -1},
		{"size 0", "1.2.2", "linux", "amd64", true, "", -1},
		{"no sum, but a size", "1.4.3", "linux", "386", true, "", 50117362},
		{"the largest", "1.10beta1", "linux", "amd64", true, "ec7a10b5", 208138206},
		{"only darwin-amd64-osx10.6 and osx10.8", "1.4.2", "darwin", "amd64", false, "", 0},
		{"windows has no .tar.gz", "1.22.5", "windows", "amd64", false, "", 0},
		{"a bootstrap archive", "1", "4", "bootstrap", false, "", 0},
	} {
		t.Run(tt.version+" "+tt.why, func(t *testing.T) {
			table, err := parseDL(data, tt.os)
			if err != nil {
				require.ErrorContains(t, err, "no release for "+tt.os)
			}
			f, ok := table.find(version(t, tt.version), Platform{tt.os, tt.arch})
			require.Equal(t, tt.ok, ok)
			if tt.sum != "" {
				require.True(t, isSum(f.sum))
			}
			require.True(t, strings.HasPrefix(f.sum, tt.sum), f.sum)
			if tt.size != 0 {
				require.Equal(t, tt.size, f.size)
				require.Equal(t, tt.sum, f.sum[:min(8, len(f.sum))])
			}
		})
	}
}

func TestParseDLRefuses(t *testing.T) {
	entry := func(name, sum string) string {
		return fmt.Sprintf(`{"filename": %q, "os": "linux", "arch": "amd64", "sha256": %q, "size": 1, "kind": "archive"}`, name, sum)
	}
	release := func(files ...string) string {
		return `[{"version": "go1.22.5", "stable": true, "files": [` + strings.Join(files, ",") + `]}]`
	}
	const name = "go1.22.5.linux-amd64.tar.gz"
	sum := strings.Repeat("ab", 32)
	for _, tt := range []struct{ name, json, want string }{
		{"empty", "", `not JSON, it begins with ""`},
		{"blank", " \n", `not JSON`},
		{"a login page", "<!DOCTYPE html>\n<html>[]</html>", `not JSON, it begins with "<!DOCTYPE html>\n<htm"`},
		{"an object", `{"version": "go1.22.5"}`, "not JSON"},
		{"cut short", release(entry(name, sum))[:100], "unexpected end of JSON"},
		{"nothing", "[]", "no release for linux"},
		{"a short sum", release(entry(name, sum[2:])), name + `: "abab`},
		{"capitals", release(entry(name, strings.ToUpper(sum))), "is not a sha256"},
		{"a page as a sum", release(entry(name, "<a href=>")), `"<a href=>" is not a sha256`},
		{"two sums", release(entry(name, sum), entry(name, strings.Repeat("cd", 32))), "two sums"},
		{"a file of another version", release(entry("go1.22.4.linux-amd64.tar.gz", sum)), "no release for linux"},
		{"an installer", release(strings.Replace(entry(name, sum), `"archive"`, `"installer"`, 1)), "no release for linux"},
		{"a path", release(entry("../go1.22.5.linux-amd64.tar.gz", sum)), "no release for linux"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := parseDL([]byte(tt.json), "linux")
			require.ErrorContains(t, err, tt.want)
			require.NotContains(t, err.Error(), "\n")
		})
	}
	table, err := parseDL([]byte("\ufeff \n"+release(entry(name, sum), entry(name, sum))), "linux")
	require.NoError(t, err)
	f, ok := table.find(version(t, "1.22.5"), amd64)
	require.True(t, ok)
	require.Equal(t, file{sum, 1}, f)
}

func FuzzParseDL(f *testing.F) {
	f.Add(readDL(f), "linux")
	f.Add([]byte(`[{"version":"go1.5","files":[{"filename":"go1.5.linux-amd64.tar.gz","size":-1,"kind":"archive"}]}]`), "linux")
	f.Add([]byte("<html>"), "darwin")
	f.Fuzz(func(t *testing.T, data []byte, os string) {
		table, err := parseDL(data, os)
		if err != nil {
			require.NotContains(t, err.Error(), "\n")
			return
		}
		checkTable(t, table)
	})
}

// checkTable holds a table that came out of foreign text to what tables promise.
func checkTable(t *testing.T, table table) {
	fields, again, err := parseTable(table.text())
	require.NoError(t, err)
	require.Empty(t, fields)
	require.Equal(t, table.body, again.body)
	for _, column := range table.columns {
		p, ok := parseArchive(column)
		require.True(t, ok, column)
		vs := again.versions(p)
		sorted := append([]goversion.Version(nil), vs...)
		goversion.Sort(sorted)
		require.Equal(t, sorted, vs)
		for _, v := range vs {
			f, ok := again.find(v, p)
			require.True(t, ok, "%s %s", v, p)
			require.True(t, f.sum == "" || isSum(f.sum))
			require.True(t, f.size > 0 || f.size == -1)
		}
	}
}
