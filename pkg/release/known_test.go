package release

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/goversion"
)

var (
	knownFrom = flag.String("known-from", "", "JSON `file` of go.dev to write known.txt from")
	knownDate = flag.String("known-date", "", "`day` on which that file was fetched (default: its modification time)")
)

// The platforms that the helper itself is built for.
var knownPlatforms = []string{"386", "amd64", "arm", "arm64", "loong64", "ppc64le", "riscv64", "s390x"}

const knownHead = `# Go releases for Linux, oldest first, and the sha256 of their archives
# (go<version>.<column>.tar.gz): "-" is one without a published sum, "." is none.
#
# Origin: https://go.dev/dl/?mode=json&include=all of %[1]s, %[2]d releases, %[3]d sums.
# Up to 1.27.0 every sum was found again in at least one copy that others keep
# (golang/website dl.gob, docker-library/golang, heroku, rules_go, goenv).
#
# To renew it, fetch that address into dl.json and run
#   go test ./pkg/release -run TestKnownFile -known-from "$PWD/dl.json"
date %[1]s
`

// TestKnownFile writes known.txt if it is told to, and refuses to change a sum.
// It always checks each line of it.
func TestKnownFile(t *testing.T) {
	if *knownFrom != "" {
		writeKnown(t, *knownFrom)
		return
	}
	k := loadKnown(t)
	require.Regexp(t, `^20\d\d-\d\d-\d\d$`, k.Date())
	shape := regexp.MustCompile(`^[0-9.]+((beta|rc)[0-9]+)?( (\.|-|[0-9a-f]{64})){8}$`)
	var names []string
	for line := range strings.Lines(k.table.body) {
		require.Regexp(t, shape, strings.TrimSuffix(line, "\n"))
		name, _, _ := strings.Cut(line, " ")
		names = append(names, name)
	}
	require.True(t, slices.IsSortedFunc(names, func(a, b string) int {
		return version(t, a).Compare(version(t, b))
	}))
	require.Len(t, names, 362)
	require.Equal(t, "1.2.2", names[0])
	require.Equal(t, "1.27.0", names[361])
}

func writeKnown(t *testing.T, from string) {
	data, err := os.ReadFile(from)
	require.NoError(t, err)
	date := *knownDate
	if date == "" {
		info, err := os.Stat(from)
		require.NoError(t, err)
		date = info.ModTime().UTC().Format(time.DateOnly)
	}
	all, err := parseDL(data, "linux")
	require.NoError(t, err)
	old := loadKnown(t)
	d := make(draft)
	sums := 0
	for _, arch := range knownPlatforms {
		p := Platform{"linux", arch}
		for _, v := range all.versions(p) {
			f, _ := all.find(v, p)
			if sum, ok := old.Sum(v, p); ok {
				require.Equal(t, sum, f.sum, "%s for %s", v, p)
			}
			if f.sum != "" {
				sums++
			}
			d.add(v, p.Archive(), file{sum: f.sum})
		}
		for _, v := range old.Versions(p) {
			_, ok := all.find(v, p)
			require.True(t, ok, "%s for %s is gone", v, p)
		}
	}
	var b bytes.Buffer
	fmt.Fprintf(&b, knownHead, date, len(d), sums)
	b.WriteString(d.table().text())
	require.NoError(t, os.WriteFile("known.txt", b.Bytes(), 0o644))
}

func TestKnown(t *testing.T) {
	k := loadKnown(t)
	for _, tt := range []struct {
		version, arch string
		has           bool
		sum           string
	}{
		{"1.27.0", "amd64", true, "675c26c449cbb18fc24b74650de1eabbae6e16f64326fd85a283fb3b58280685"},
		{"1.22.5", "amd64", true, "904b924d435eaea086515bc63235b192ea441bd8c9b198c507e85009e6e4c7f0"},
		{"1.21rc2", "arm", true, "0f82199e49978db858a8ed2c6b8d842b9674fd577c4ab91cc4b6b11672375993"},
		{"1.2.2", "386", true, ""},
		{"1.5.2", "amd64", true, ""},
		{"1.6beta1", "amd64", true, ""},
		{"1.6beta1", "arm", false, ""}, // the list calls it arm6
		{"1.2.2", "arm64", false, ""},
		{"1.7.2", "amd64", false, ""},
		{"1.21rc1", "amd64", false, ""},
		{"1.20.0", "amd64", true, "5a9ebcc65c1cce56e0d2dc616aff4c4cedcfbda8cc6f0288cc08cda3b18dcbf1"},
		{"1.27.0", "mips", false, ""},
		{"1", "amd64", false, ""},
	} {
		v, p := version(t, tt.version), Platform{"linux", tt.arch}
		require.Equal(t, tt.has, k.Has(v, p), "%s %s", v, p)
		sum, ok := k.Sum(v, p)
		require.Equal(t, tt.sum, sum, "%s %s", v, p)
		require.Equal(t, tt.sum != "", ok)
	}
	require.False(t, k.Has(goversion.Version{}, amd64))
	require.False(t, k.Has(version(t, "1.22.5"), Platform{"windows", "amd64"}))
}

// The counts are those of the list's own entries.
func TestKnownVersions(t *testing.T) {
	k := loadKnown(t)
	for arch, want := range map[string]int{
		"amd64": 362, "386": 362, "arm": 338, "s390x": 321, "ppc64le": 320, "arm64": 306, "riscv64": 97, "loong64": 97,
		"mips": 0,
	} {
		vs := k.Versions(Platform{"linux", arch})
		require.Len(t, vs, want, arch)
		sorted := slices.Clone(vs)
		goversion.Sort(sorted)
		require.Equal(t, sorted, vs)
		for _, v := range vs {
			require.True(t, k.Has(v, Platform{"linux", arch}))
		}
	}
}

func BenchmarkKnownVersions(b *testing.B) {
	for b.Loop() {
		k, err := LoadKnown()
		require.NoError(b, err)
		require.Len(b, k.Versions(amd64), 362)
	}
}

func BenchmarkKnownSum(b *testing.B) {
	v := version(b, "1.27.0")
	for b.Loop() {
		k, _ := LoadKnown()
		if _, ok := k.Sum(v, amd64); !ok {
			b.Fatal("not found")
		}
	}
}

var amd64 = Platform{"linux", "amd64"}

func loadKnown(t testing.TB) *Known {
	t.Helper()
	k, err := LoadKnown()
	require.NoError(t, err)
	return k
}

func version(t testing.TB, s string) goversion.Version {
	t.Helper()
	v, err := goversion.Parse(s)
	require.NoError(t, err)
	return v
}

func names(vs []goversion.Version) []string {
	var out []string
	for _, v := range vs {
		out = append(out, v.String())
	}
	return out
}
