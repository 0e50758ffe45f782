package report

import (
	"archive/zip"
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/binary"
	"encoding/pem"
	"fmt"
	"io"
	mathrand "math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ssh"
	"golang.org/x/mod/sumdb/note"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/bench"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/signature"
	"github.com/golang-wsl/asdf-golang-wsl/pkg/zipstore"
)

// keys are a key of SSH and one of a note, and the lines that trust them.
func keys(t *testing.T) (list []*signature.Key, lines []string) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	block, err := ssh.MarshalPrivateKey(private, "")
	require.NoError(t, err)
	sshPublic, err := ssh.NewPublicKey(public)
	require.NoError(t, err)
	secret, verifier, err := note.GenerateKey(rand.Reader, "example.com/ann")
	require.NoError(t, err)
	for _, file := range []string{string(pem.EncodeToMemory(block)), secret} {
		key, err := signature.ParseKey([]byte(file), nil)
		require.NoError(t, err)
		list = append(list, key)
	}
	return list, []string{string(ssh.MarshalAuthorizedKey(sshPublic)), verifier}
}

// where is what a byte of a bundle belongs to.
func where(t *testing.T, data []byte) []zipstore.Part {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	require.NoError(t, err)
	var entries []zipstore.Entry
	for _, f := range in.File {
		entries = append(entries, zipstore.Entry{Name: f.Name, Size: int64(f.UncompressedSize64), CRC: f.CRC32})
	}
	parts, err := zipstore.Layout(entries)
	require.NoError(t, err)
	return parts
}

// Each of 1,000 random changes of one byte is found, at its place, in the file that it
// is in; and what the byte was is known, but for signatures.
func TestTampering(t *testing.T) {
	list, _ := keys(t)
	for name, test := range map[string]struct {
		e      *Evidence
		o      Options
		rounds int
	}{
		"small":  {sides(t, 1), Options{}, 1000},
		"full":   {full(t), Options{}, 50},
		"signed": {sides(t, 1), Options{Key: list[0]}, 100},
		"note":   {sides(t, 1), Options{Key: list[1]}, 100},
	} {
		t.Run(name, func(t *testing.T) {
			data := bundled(t, test.e, test.o)
			parts := where(t, data)
			require.True(t, checked(t, data).Sound)
			rng := mathrand.New(mathrand.NewPCG(7, 7))
			t.Logf("%d bytes, %d parts", len(data), len(parts))
			for range test.rounds {
				tamper(t, data, parts, rng.IntN(len(data)), byte(1+rng.IntN(255)))
			}
			// What is around files is a small part of them, and the first files are short.
			for _, p := range parts {
				if p.Kind == zipstore.Contents && p.File != manifestName && p.File != signatureName {
					continue
				}
				for range 2 {
					tamper(t, data, parts, int(p.Offset+rng.Int64N(p.Size)), byte(1+rng.IntN(255)))
				}
			}
		})
	}
}

// tamper changes one byte, and wants it to be found and named.
func tamper(t *testing.T, data []byte, parts []zipstore.Part, at int, by byte) {
	t.Helper()
	was := data[at]
	data[at] ^= by
	defer func() { data[at] = was }()
	i := slices.IndexFunc(parts, func(p zipstore.Part) bool { return int64(at) < p.Offset+p.Size })
	what := fmt.Sprintf("byte %d, %s of %q, %#x for %#x", at, parts[i].Kind, parts[i].File, data[at], was)
	b, err := Open(bytes.NewReader(data), int64(len(data)))
	require.NoError(t, err, what)
	v := b.Verify(Checks{Tool: tool})
	require.False(t, v.Sound, what)
	f := v.Findings[0]
	require.Equal(t, parts[i].File, f.File, what)
	require.EqualValues(t, at, f.Offset, what)
	if parts[i].Kind == zipstore.Contents && (f.File != signatureName || strings.Contains(f.Text, "was")) {
		require.Contains(t, f.Text, fmt.Sprintf("is %#02x and was %#02x", data[at], was), what)
		require.Len(t, v.Findings, map[bool]int{true: 1, false: len(v.Findings)}[!strings.HasPrefix(f.File, manifestName)], what)
	}
}

// Several bytes at once, in several places.
func TestMoreThanOneByte(t *testing.T) {
	data := bundled(t, full(t), Options{})
	parts := where(t, data)
	rng := mathrand.New(mathrand.NewPCG(8, 8))
	for range 100 {
		bad := bytes.Clone(data)
		for range 2 + rng.IntN(4) {
			bad[rng.IntN(len(bad))] ^= byte(1 + rng.IntN(255))
		}
		if bytes.Equal(bad, data) {
			continue
		}
		if b, err := Open(bytes.NewReader(bad), int64(len(bad))); err == nil {
			require.False(t, b.Verify(Checks{Tool: tool}).Sound)
		}
	}
	p := parts[slices.IndexFunc(parts, func(p zipstore.Part) bool { return p.File == "raw/0001-A.txt" && p.Kind == zipstore.Contents })]
	data[p.Offset+10]++
	data[p.Offset+20]++
	require.Equal(t, []Finding{{"raw/0001-A.txt", p.Offset, "its contents are not those of which the manifest has the SHA-256"}}, checked(t, data).Findings)
}

// repacked is what another program makes of the files.
func repacked(t *testing.T, data []byte, method uint16) []byte {
	t.Helper()
	in, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	require.NoError(t, err)
	var buf bytes.Buffer
	out := zip.NewWriter(&buf)
	for _, f := range in.File {
		w, err := out.CreateHeader(&zip.FileHeader{Name: f.Name, Method: method})
		require.NoError(t, err)
		r, err := f.Open()
		require.NoError(t, err)
		_, err = io.Copy(w, r)
		require.NoError(t, err)
	}
	require.NoError(t, out.Close())
	return buf.Bytes()
}

// The zip as a whole: other bytes around it, less of it, other files in it.
func TestContainer(t *testing.T) {
	data := bundled(t, full(t), Options{})
	for name, bad := range map[string][]byte{
		"a byte behind it": append(bytes.Clone(data), 0), "itself behind it": append(bytes.Clone(data), data...),
		"without its last byte": data[:len(data)-1], "half": data[:len(data)/2], "one byte less inside": slices.Delete(bytes.Clone(data), 70_000, 70_001),
		"one byte more inside": slices.Insert(bytes.Clone(data), 70_000, 'x'), "packed again, stored": repacked(t, data, zip.Store),
	} {
		b, err := Open(bytes.NewReader(bad), int64(len(bad)))
		if err == nil {
			v := b.Verify(Checks{Tool: tool})
			require.False(t, v.Sound, name)
			require.NotEmpty(t, v.Findings[len(v.Findings)-1].Text)
		}
	}
	require.Contains(t, checked(t, append(bytes.Clone(data), 0)).Findings[0].Text, "1 bytes after its end")
	require.Contains(t, checked(t, data[:len(data)-1]).Findings[0].Text, "the end is missing: 1 bytes")
	for want, bad := range map[error][]byte{
		ErrForeign: []byte("hello"), ErrNotOurZip: repacked(t, data, zip.Deflate), ErrTruncated: data[:2000],
	} {
		_, err := Open(bytes.NewReader(bad), int64(len(bad)))
		require.ErrorIs(t, err, want)
	}
	_, err := Open(bytes.NewReader(append([]byte("#!/bin/sh\n"), data...)), int64(len(data)+10))
	require.ErrorContains(t, err, "there are 10 bytes in front")
	_, err = Open(bytes.NewReader(nil), 0)
	require.ErrorIs(t, err, ErrForeign)
	_, err = Open(bytes.NewReader(nil), Most+1)
	require.ErrorIs(t, err, ErrTooLarge)
}

// replace is a change of one file, which wants the old text to be there.
func replace(t *testing.T, name, old, text string) func(map[string][]byte) {
	return func(files map[string][]byte) {
		require.Contains(t, string(files[name]), old)
		files[name] = []byte(strings.Replace(string(files[name]), old, text, 1))
	}
}

// Who changes a file and computes the hashes again is found where the file follows
// from others, or others from it: by name, row and values.
func TestForgedHashes(t *testing.T) {
	data := bundled(t, full(t), Options{})
	require.True(t, checked(t, forged(t, data, func(map[string][]byte) {})).Sound, "nothing was changed")
	row := open(t, data).files[tablesName]
	at := bytes.Index(row, []byte(`"center": `)) + len(`"center": `)
	center := string(row[at : at+bytes.IndexByte(row[at:], ',')])
	for name, test := range map[string]struct {
		change func(map[string][]byte)
		want   []string
	}{
		"a table": {replace(t, tablesText, "±", "+-"), []string{"tables.txt: line 2 is"}},
		"a number of a table": {replace(t, tablesName, `"center": `+center, `"center": 1.5`), []string{
			`tables.json: row "Encode/size=1k-2 ns/op of go-test encoding/json A" has 1.5 [`, ", and from the samples follows " + center}},
		"a verdict":      {replace(t, verdictName, `"comparable": false`, `"comparable": true`), []string{`verdict.json: line 3 is " \"comparable\": true,"`}},
		"a sample":       {replace(t, "raw/0001-A.txt", " ns/op", "9 ns/op"), []string{"runs.json: run 0 (go-test encoding/json): Encode/size=1k-2 is", "(raw/0001-A.txt)"}},
		"no sample":      {replace(t, "raw/0001-A.txt", "Benchmark", "Xenchmark"), []string{"Encode/size=1k-2 ns/op is not in what the process wrote"}},
		"one run's mark": {replace(t, runsName, `"cause":"steal"`, `"cause":"psi"`), []string{"tables.txt: line"}},
		"benchfmt":       {replace(t, benchName, "Decode/size=1k-2", "Decode/size=2k-2"), []string{"bench.txt: "}},
		"a machine":      {replace(t, afterName, "always", "never"), []string{"snapshot-diff.json: line", "verdict.json: line"}},
		"a flame graph":  {replace(t, "flame/cpu-A-encoding-json.html", "main.encode", "main.nothing"), []string{"flame/cpu-A-encoding-json.html: line"}},
		"one file more":  {func(f map[string][]byte) { f["zzz"] = []byte("x") }, []string{"zzz: nothing that was measured has it follow"}},
		"one file less":  {func(f map[string][]byte) { delete(f, verdictName) }, []string{"verdict.json: it is missing"}},
		"no raw file":    {replace(t, rawIndex, `"run": 0`, `"run": -1`), []string{"runs.json: run 0 (go-test encoding/json): there is no file"}},
	} {
		v := checked(t, forged(t, data, test.change))
		require.False(t, v.Sound, name)
		for _, want := range test.want {
			require.True(t, slices.ContainsFunc(v.Findings, func(f Finding) bool { return strings.Contains(f.String(), want) }), "%s: %q in %v", name, want, v.Findings)
		}
	}
}

// Who changes samples and all that follows from them is found by a signature only, and
// verify says so.
func TestForgedSamples(t *testing.T) {
	lie := full(t)
	lie.Raw[0].Data = bytes.ReplaceAll(lie.Raw[0].Data, []byte(" ns/op"), []byte("9 ns/op"))
	for i, v := range lie.Set.Runs[0].Values {
		values, err := lie.Raw[0].values()
		require.NoError(t, err)
		if !v.Watched() {
			lie.Set.Runs[0].Values[i] = values[i]
		}
	}
	v := checked(t, bundled(t, lie, Options{}))
	require.True(t, v.Sound, v.Findings)
	require.Equal(t, "not signed: hashes show damage, not who made it", v.Signed)

	list, lines := keys(t)
	for i, key := range list {
		trusted, err := signature.ParseTrusted([]byte(lines[i]))
		require.NoError(t, err)
		other, err := signature.ParseTrusted([]byte(lines[1-i]))
		require.NoError(t, err)
		honest := bundled(t, full(t), Options{Key: key})
		v := open(t, honest).Verify(Checks{Tool: tool, Trusted: trusted})
		require.True(t, v.Sound, v.Findings)
		require.True(t, v.Signer.Trusted)
		require.Contains(t, v.Signed, "a key that you trust")
		v = open(t, honest).Verify(Checks{Tool: tool, Trusted: other})
		require.False(t, v.Sound)
		require.Contains(t, v.Findings[0].Text, "signed by another key")
		v = open(t, honest).Verify(Checks{Tool: tool})
		require.True(t, v.Sound, v.Findings)
		require.Contains(t, v.Signed, "--key")

		v = open(t, bundled(t, lie, Options{})).Verify(Checks{Tool: tool, Trusted: trusted})
		require.Contains(t, v.Findings[0].Text, "it is not signed")
		lied := forged(t, honest, replace(t, "raw/0001-A.txt", "PASS", "PA55"))
		v = open(t, lied).Verify(Checks{Tool: tool, Trusted: trusted})
		require.Contains(t, v.Findings[0].Text, signature.ErrInvalid.Error())
		require.Equal(t, signatureName, v.Findings[0].File)
	}
}

// Of what a process wrote too much to keep the middle is missing: numbers that are not
// there are no finding, those that are there must be the same.
func TestCutOutput(t *testing.T) {
	e := sides(t, 1)
	text := string(e.Raw[0].Data)
	half := strings.Index(text, "BenchmarkDecode")
	e.Raw[0].Data = []byte(text[:half] + "\n[golang-wsl: 123 bytes are left out here]\nPASS\n")
	v := checked(t, bundled(t, e, Options{}))
	require.True(t, v.Sound, v.Findings)
	require.Len(t, v.Doubts, 1)
	require.Contains(t, v.Doubts[0].String(), "raw/0001-A.txt: the process wrote more than was kept")
	e.Raw[0].Data = bytes.Replace(e.Raw[0].Data, []byte(" ns/op"), []byte("9 ns/op"), 1)
	require.False(t, checked(t, bundled(t, e, Options{})).Sound)
}

// What another build has made otherwise is a doubt, unless it is a number.
func TestAnotherBuild(t *testing.T) {
	data := bundled(t, full(t), Options{})
	other := Checks{Tool: Tool{Name: "golang-wsl-bench", Version: "(devel)", SHA256: "00"}}
	v := open(t, data).Verify(other)
	require.True(t, v.Sound)
	require.Empty(t, v.Doubts, "it is made in the same way")
	v = open(t, forged(t, data, replace(t, tablesText, "±", "+-"))).Verify(other)
	require.True(t, v.Sound)
	require.Len(t, v.Doubts, 1)
	require.Contains(t, v.Doubts[0].String(), "made by another build")
	v = open(t, forged(t, data, replace(t, tablesName, `"per_run": [`, `"per_run": [1,`))).Verify(other)
	require.False(t, v.Sound)

	release := Tool{Name: "golang-wsl-bench", Version: "v1.2.3", Go: "go1.26.8", SHA256: "11"}
	require.True(t, sameTool(release, Tool{Version: "v1.2.3", Go: "go1.26.8"}))
	require.False(t, sameTool(release, Tool{Version: "v1.2.4", Go: "go1.26.8"}))
}

// A bundle may be made to harm whoever opens it.
func TestHostile(t *testing.T) {
	data := bundled(t, full(t), Options{})
	for name, change := range map[string]func(map[string][]byte){
		"no JSON":            func(f map[string][]byte) { f[runsName] = []byte("{") },
		"null":               func(f map[string][]byte) { f[runsName] = []byte("null") },
		"runs of null":       func(f map[string][]byte) { f[runsName] = []byte(`{"schema":1,"runs":[null]}`) },
		"no runs":            func(f map[string][]byte) { f[runsName] = []byte(`{"schema":1,"runs":[]}`) },
		"newer runs":         func(f map[string][]byte) { f[runsName] = []byte(`{"schema":99,"runs":[]}`) },
		"a path in raw":      replace(t, rawIndex, "raw/0001-A.txt", "raw/../../../etc/passwd"),
		"a run that is none": replace(t, rawIndex, `"run": 0`, `"run": 12345678`),
		"profile of zeros":   func(f map[string][]byte) { f["profiles/cpu-A-encoding-json.pprof"] = make([]byte, 1000) },
		"list of nothing":    func(f map[string][]byte) { f[profilesIndex] = []byte(`[{}]`) },
		"gc of null":         func(f map[string][]byte) { f[gcName] = []byte(`[null]`) },
		"deep":               func(f map[string][]byte) { f[sandboxName] = bytes.Repeat([]byte("["), 1<<20) },
		"many objects": func(f map[string][]byte) {
			f[runsName] = []byte(`{"schema":1,"runs":[` + strings.Repeat("{},", mostObjects) + `{}]}`)
		},
	} {
		v := checked(t, forged(t, data, change))
		require.False(t, v.Sound, name)
		for _, f := range v.Findings {
			require.NotContains(t, f.Text, "\n", name)
		}
	}
	newer := bytes.Replace(data, []byte(`"schema": 1`), []byte(`"schema": 2`), 1)
	_, err := Open(bytes.NewReader(fixed(newer)), int64(len(newer)))
	require.ErrorIs(t, err, ErrNewer)
	for _, old := range []string{`"name": "REPRODUCE.md"`, `"name": "raw/0001-A.txt"`} {
		bad := bytes.Replace(data, []byte(old), []byte(old[:9]+"../"+old[12:]), 1)
		_, err = Open(bytes.NewReader(fixed(bad)), int64(len(bad)))
		require.ErrorContains(t, err, "is no name for a file")
	}
}

// fixed is a bundle with the checksum that its manifest has.
func fixed(data []byte) []byte {
	first := zipstore.First(data, manifestName)[0]
	start := zipstore.Start(manifestName)
	crc := zipstore.File{Data: data[start : start+first.Size]}.Entry().CRC
	binary.LittleEndian.PutUint32(data[14:], crc)
	return data
}

// Nothing of a bundle is ever unpacked, so that a link in it leads nowhere; but it is
// found.
func TestLink(t *testing.T) {
	data := bundled(t, full(t), Options{})
	parts := where(t, data)
	line := parts[slices.IndexFunc(parts, func(p zipstore.Part) bool { return p.Kind == zipstore.Directory && p.File == "bench.txt" })]
	binary.LittleEndian.PutUint32(data[line.Offset+38:], uint32(0o120777)<<16)
	v := checked(t, data)
	require.False(t, v.Sound)
	require.Equal(t, "bench.txt", v.Findings[0].File)
	require.Contains(t, v.Findings[0].Text, "(directory of bench.txt)")
}

// What is no bundle is never sound, and nothing panics. The seed is short, so that many
// are tried: it has no page and no tables, and is not sound itself.
func FuzzOpen(f *testing.F) {
	set := &bench.Set{Schema: bench.Schema, Runs: []*bench.Run{{Probe: "command"}}}
	files := new(maker)
	(&Evidence{Tool: tool, Set: set, Raw: []Raw{{"0001.json", 0, []byte("[]")}}}).measured(files)
	all, err := seal(&Evidence{Tool: tool, Set: set}, files.files, Options{})
	require.NoError(f, err)
	var buf bytes.Buffer
	require.NoError(f, zipstore.Write(&buf, all))
	f.Add(buf.Bytes())
	f.Add(buf.Bytes()[:700])
	f.Fuzz(func(t *testing.T, data []byte) {
		b, err := Open(bytes.NewReader(data), int64(len(data)))
		if err == nil {
			require.False(t, b.Verify(Checks{Tool: tool}).Sound)
		}
	})
}
