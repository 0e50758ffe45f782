package report

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/shell"
)

func TestWrittenIsSound(t *testing.T) {
	data := bundled(t, full(t), Options{})
	v := checked(t, data)
	require.True(t, v.Sound, v.Findings)
	require.Empty(t, v.Doubts)
	require.Equal(t, unsigned, v.Signed)
	require.Equal(t, 24, v.Runs)
	require.Equal(t, tool, v.Tool)
	require.Equal(t, sum(open(t, data).text), v.Root)
}

// The same evidence gives the same bytes, wherever and how often, also when it was
// read from a bundle.
func TestSameBytes(t *testing.T) {
	same := full(t)
	first := bundled(t, same, Options{})
	t.Setenv("TZ", "Pacific/Auckland")
	require.Equal(t, first, bundled(t, same, Options{}))
	e, err := open(t, first).Evidence()
	require.NoError(t, err)
	require.Equal(t, first, bundled(t, e, Options{}))
}

// What a bundle must have is there, and other programs read it.
func TestContents(t *testing.T) {
	data := bundled(t, full(t), Options{})
	in, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	require.NoError(t, err)
	files := make(map[string]string)
	for _, f := range in.File {
		r, err := f.Open()
		require.NoError(t, err)
		text, err := io.ReadAll(r)
		require.NoError(t, err)
		files[f.Name] = string(text)
	}
	require.Equal(t, manifestName, in.File[0].Name)
	for name, want := range map[string]string{
		"command.json":                             `"go-test encoding/json A"`,
		"runs.json":                                `"cause":"steal"`,
		"raw/0001-A.txt":                           "BenchmarkEncode/size=1k-2",
		"raw/index.json":                           `"file": "raw/0024-B.txt"`,
		"raw/0003-A.stderr.txt":                    "hello",
		"bench.txt":                                "BenchmarkEncode/size=1k-2",
		"tables.txt":                               "steal 12 % (limit 0.5)",
		"tables.json":                              `"a_a"`,
		"verdict.json":                             "thp was madvise before, and always after",
		"sandbox.json":                             `"memory_peak": 1048576`,
		"prepare.json":                             "others need the CPUs",
		"snapshot-before.json":                     "madvise",
		"snapshot-after.json":                      "always",
		"snapshot-diff.json":                       `"delta": "+100"`,
		"profiles/index.json":                      `"flame": "flame/cpu-B-encoding-json.html"`,
		"flame/cpu-A-encoding-json.html":           "main.encode",
		"trace/traces.json":                        `"syscalls"`,
		"trace/A-encoding-json-trace.txt":          "system call",
		"flame/syscall-A-encoding-json-trace.html": "os.ReadFile",
		"gc.json":                                  `"num_gc": 1`,
		"index.html":                               "main.encode",
		"REPRODUCE.md":                             "golang-wsl bench report -o again.zip --vs-rev main -- go test -bench=. encoding/json",
	} {
		require.Contains(t, files[name], want, name)
	}
	require.Contains(t, files["tables.txt"], "differs: worse")
	var tables Tables
	require.NoError(t, json.Unmarshal([]byte(files["tables.json"]), &tables))
	require.Len(t, tables.Rejected, 2)
	require.Equal(t, Rejected{4, "go-test encoding/json", "A", "raw/0005-A.txt", "steal 12 % (limit 0.5)"}, tables.Rejected[0])
	require.Equal(t, "ended early", tables.Rejected[1].Why)
	for _, f := range []string{"REPRODUCE.md", "tables.txt"} {
		for line := range strings.Lines(files[f]) {
			require.NotContains(t, line, "%!", "%s: a verb without its value", f)
		}
	}
}

// A measurement of which little is known makes a bundle as well, and says what is
// missing.
func TestLittleEvidence(t *testing.T) {
	values := []bench.Value{{Name: "Wall", Unit: "ns", Role: bench.Headline, Number: 1e9}}
	text, err := json.Marshal(values)
	require.NoError(t, err)
	e := &Evidence{
		Tool: tool,
		Set:  &bench.Set{Schema: bench.Schema, Runs: []*bench.Run{{Probe: "command", Values: values}}, Partial: true},
		Raw:  []Raw{{"0001.json", 0, text}, {"0001.txt", 0, []byte("BenchmarkWall 1 2 ns/op\n")}},
	}
	data := bundled(t, e, Options{})
	v := checked(t, data)
	require.True(t, v.Sound, v.Findings)
	verdict := string(open(t, data).files[verdictName])
	for _, want := range []string{"it was ended early", "command has 1 clean runs", "nobody has looked", "there was none"} {
		require.Contains(t, verdict, want)
	}
	require.Contains(t, verdict, `"comparable": false`)
}

// Where A and B could not be compared the page and the tables say why.
func TestNotCompared(t *testing.T) {
	e := sides(t, 1)
	for _, r := range e.Set.Runs {
		if r.Config == "B" {
			r.Marks = []bench.Mark{{Cause: bench.Steal, Value: 12, Limit: 0.5, Unit: "%"}}
		}
	}
	b := open(t, bundled(t, e, Options{}))
	require.True(t, b.Verify(Checks{Tool: tool}).Sound)
	var tables Tables
	require.NoError(t, json.Unmarshal(b.files[tablesName], &tables))
	require.Nil(t, tables.Comparison)
	require.Contains(t, tables.Refused, "has no clean run")
	require.Contains(t, string(b.files[tablesText]), "A and B are not compared: "+tables.Refused)
	require.Contains(t, string(b.files[pageName]), "A and B were not compared.")
	require.Contains(t, string(b.files[pageName]), "has no clean run")
}

func TestAgain(t *testing.T) {
	for line, want := range map[string]string{
		"golang-wsl bench report -o a.zip -- go test -o x":                       "golang-wsl bench report -o again.zip -- go test -o x",
		"golang-wsl bench report --output=a.zip --sign=k true":                   "golang-wsl bench report --output=again.zip true",
		"golang-wsl bench report --sign ~/.ssh/id --output a.zip -- $x --sign y": "golang-wsl bench report --output again.zip -- '$x' --sign y",
	} {
		require.Equal(t, want, again(strings.Fields(line)))
	}
	require.Equal(t, `'it'\''s' ''`, shell.Line([]string{"it's", ""}))
}

func TestWriteRefuses(t *testing.T) {
	e := full(t)
	e.Raw[0].Run = 99
	require.ErrorContains(t, Write(io.Discard, e, Options{}), "raw/0001-A.txt: there is no run 99")
	e = full(t)
	e.Raw[0].Name = "../../x.txt"
	require.ErrorContains(t, Write(io.Discard, e, Options{}), "no name for a file")
	e = full(t)
	e.Profiles[0].Data = []byte("no profile")
	require.ErrorContains(t, Write(io.Discard, e, Options{}), "flame/cpu-A-encoding-json.html")
	e = full(t)
	e.Raw[0].Data = make([]byte, Most)
	require.ErrorIs(t, Write(io.Discard, e, Options{}), ErrTooLarge)
}
