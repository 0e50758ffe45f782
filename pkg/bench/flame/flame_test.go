package flame

import (
	"bytes"
	"compress/gzip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/pprof"
	"strconv"
	"strings"
	"testing"

	"github.com/google/pprof/profile"
	"github.com/stretchr/testify/require"
)

// heap is a real profile of this process.
func heap(t *testing.T) []byte {
	t.Helper()
	var buf bytes.Buffer
	require.NoError(t, pprof.Lookup("allocs").WriteTo(&buf, 0))
	return buf.Bytes()
}

// small is a profile of two stacks, of which each number is known.
func small() *profile.Profile {
	fn := func(id uint64, name string) *profile.Function {
		return &profile.Function{ID: id, Name: name, SystemName: name, Filename: "/src/" + name + ".go"}
	}
	functions := []*profile.Function{fn(1, "main.main"), fn(2, "main.encode"), fn(3, "main.sort<int>")}
	mapping := &profile.Mapping{ID: 1, Start: 0x1000, Limit: 0x9000, File: "/home/me/json.test", HasFunctions: true}
	var locations []*profile.Location
	for _, f := range functions {
		locations = append(locations, &profile.Location{
			ID: f.ID, Mapping: mapping, Address: 0x1000 + f.ID, Line: []profile.Line{{Function: f, Line: 3}},
		})
	}
	return &profile.Profile{
		SampleType: []*profile.ValueType{{Type: "samples", Unit: "count"}, {Type: "cpu", Unit: "nanoseconds"}},
		Sample: []*profile.Sample{
			{Location: []*profile.Location{locations[1], locations[0]}, Value: []int64{70, 700_000_000}},
			{Location: []*profile.Location{locations[2], locations[0]}, Value: []int64{30, 300_000_000}},
		},
		Location: locations, Function: functions, Mapping: []*profile.Mapping{mapping},
		TimeNanos: 1_800_000_000_000_000_000, DurationNanos: 2_000_000_000, DocURL: "https://example.com/doc",
		PeriodType: &profile.ValueType{Type: "cpu", Unit: "nanoseconds"}, Period: 10_000_000,
	}
}

func TestPageHasTheProfile(t *testing.T) {
	p := small()
	page, err := Page(p)
	require.NoError(t, err)
	for _, want := range []string{"main.encode", `main.sort\u003cint\u003e`, "700000000", "json.test cpu", "Total samples = 1s"} {
		require.Contains(t, string(page), want)
	}
	require.NotZero(t, p.TimeNanos, "the profile stays as it was")
	require.NotContains(t, string(page), "2027-01-15", "a time that depends on the time zone")
}

var reference = regexp.MustCompile(`(?i)(https?:)?//[a-z0-9.-]+\.[a-z]+|src=|@import|<link`)

// Nothing is fetched, and the only address is the name of a namespace.
func TestPageNeedsNoNetwork(t *testing.T) {
	for _, p := range []*profile.Profile{small(), parsed(t, heap(t))} {
		page, err := Page(p)
		require.NoError(t, err)
		for _, found := range reference.FindAllString(string(page), -1) {
			require.Equal(t, "http://www.w3.org", found)
		}
	}
}

func parsed(t *testing.T, data []byte) *profile.Profile {
	t.Helper()
	p, err := Parse(data)
	require.NoError(t, err)
	return p
}

// Neither the time zone, nor what this user has saved for pprof, nor a binary that
// pprof would find change a byte.
func TestPageIsTheSameEverywhere(t *testing.T) {
	p := parsed(t, heap(t))
	first, err := Page(p)
	require.NoError(t, err)

	dir := t.TempDir()
	t.Setenv("TZ", "Pacific/Auckland")
	t.Setenv("XDG_CONFIG_HOME", dir)
	t.Setenv("PPROF_BINARY_PATH", dir)
	t.Setenv("PPROF_TOOLS", "/nowhere")
	require.NoError(t, os.Mkdir(filepath.Join(dir, "pprof"), 0o700))
	settings := `{"configs":[{"name":"SecretName","focus":"x"}]}`
	require.NoError(t, os.WriteFile(filepath.Join(dir, "pprof", "settings.json"), []byte(settings), 0o600))
	exe, err := os.Executable()
	require.NoError(t, err)
	require.NoError(t, os.Symlink(exe, filepath.Join(dir, filepath.Base(p.Mapping[0].File))))
	again, err := Page(p)
	require.NoError(t, err)
	require.Equal(t, string(first), string(again))
	require.NotContains(t, string(again), "SecretName")
}

// What another version of pprof may call otherwise is an error, not a leak.
func TestStandaloneKnowsItsPage(t *testing.T) {
	html, err := render(small())
	require.NoError(t, err)
	_, err = standalone(bytes.Replace(html, []byte(`<div id="config"`), []byte(`<div id="configuration"`), 1))
	require.ErrorContains(t, err, "another than expected")
}

func TestParseRefuses(t *testing.T) {
	pack := func(data []byte) []byte {
		var buf bytes.Buffer
		w, err := gzip.NewWriterLevel(&buf, gzip.BestSpeed)
		require.NoError(t, err)
		_, err = w.Write(data)
		require.NoError(t, err)
		require.NoError(t, w.Close())
		return buf.Bytes()
	}
	for name, data := range map[string][]byte{
		"nothing": nil, "text": []byte("no profile at all"), "half": heap(t)[:100], "gzip of text": pack([]byte("text")),
	} {
		_, err := Parse(data)
		require.Error(t, err, name)
		require.NotContains(t, err.Error(), "\n", name)
	}
	_, err := Parse(pack(make([]byte, Most+1)))
	require.ErrorIs(t, err, ErrTooLarge)
	_, err = Parse([]byte(strings.Repeat("\n", Most+1)))
	require.ErrorIs(t, err, ErrTooLarge)
}

// The numbers are those of go tool pprof -top.
func TestHottest(t *testing.T) {
	list, unit := Hottest(small(), 2)
	require.Equal(t, "nanoseconds", unit)
	require.Equal(t, []Hot{{"main.encode", 700_000_000, 700_000_000}, {"main.sort<int>", 300_000_000, 300_000_000}}, list)
	list, _ = Hottest(small(), 9)
	require.Equal(t, Hot{"main.main", 0, 1_000_000_000}, list[2])
	list, _ = Hottest(&profile.Profile{}, 9)
	require.Empty(t, list)

	data := heap(t)
	path := filepath.Join(t.TempDir(), "heap.pprof")
	require.NoError(t, os.WriteFile(path, data, 0o600))
	out, err := exec.Command("go", "tool", "pprof", "-top", "-nodecount=5", "-unit=B", path).Output()
	require.NoError(t, err)
	list, unit = Hottest(parsed(t, data), 5)
	require.Equal(t, "bytes", unit)
	row := regexp.MustCompile(`^ *(\d+)B? +[0-9.%]+ +[0-9.%]+ +(\d+)B? +[0-9.%]+  (.*)$`)
	found := 0
	for line := range strings.Lines(string(out)) {
		if m := row.FindStringSubmatch(strings.TrimRight(line, "\n")); m != nil {
			name := strings.TrimSuffix(m[3], " (inline)")
			require.Contains(t, list, Hot{name, atoi(t, m[1]), atoi(t, m[2])})
			found++
		}
	}
	require.NotZero(t, found, "%s", out)
}

func atoi(t *testing.T, text string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(text, 10, 64)
	require.NoError(t, err)
	return n
}
