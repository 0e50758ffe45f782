package page

import (
	"archive/zip"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// The page of a real report, as somebody has it who unpacks it: made by the program,
// of a package that is built and run, with profiles and a trace.
func TestReportInChromium(t *testing.T) {
	if os.Getenv("GOLANG_WSL_TEST_LONG") == "" {
		t.Skip("GOLANG_WSL_TEST_LONG is not set")
	}
	b := newBrowser(t)
	html := reportPage(t)
	for _, width := range []int64{390, 1440} {
		v := b.open(t, html, width, "light")
		v.shoot(map[int64]string{390: "report-390", 1440: "report-1440"}[width])
		v.quiet()
		v.alone()
		require.LessOrEqual(t, evaluate[float64](v, "document.scrollingElement.scrollWidth"), float64(width), evaluate[[]string](v, tooWide))
		require.Empty(t, evaluate[[]string](v, outside))
		require.Empty(t, evaluate[[]string](v, faint))
		require.NotEmpty(t, v.frames(), "no flame graph")
		for _, id := range []string{"answer", "belief", "numbers", "flames", "traces", "limits", "machine", "runs", "check"} {
			require.Equal(t, 1, evaluate[int](v, `document.querySelectorAll("#`+id+`").length`), id)
		}
	}
}

// reportPage is index.html of a report of a benchmark, made in a first look.
func reportPage(t *testing.T) string {
	dir := t.TempDir()
	program := filepath.Join(dir, "golang-wsl-bench")
	output(t, "", "go", "build", "-o", program, "../../../cmd/golang-wsl-bench")
	for name, text := range map[string]string{
		"go.mod":    "module example.com/sorted\n\ngo 1.24\n",
		"s_test.go": "package sorted\n\nimport (\n\t\"sort\"\n\t\"testing\"\n)\n\nfunc BenchmarkSort(b *testing.B) {\n\tfor b.Loop() {\n\t\tx := make([]int, 5000)\n\t\tfor i := range x {\n\t\t\tx[i] = i * 7919 % 5003\n\t\t}\n\t\tsort.Ints(x)\n\t}\n}\n",
	} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	output(t, dir, program, "report", "--quick", "-o", "audit.zip", "--", "go", "test", "-bench=.", ".")
	bundle, err := zip.OpenReader(filepath.Join(dir, "audit.zip"))
	require.NoError(t, err)
	defer bundle.Close()
	f, err := bundle.Open("index.html")
	require.NoError(t, err)
	defer f.Close()
	html, err := io.ReadAll(f)
	require.NoError(t, err)
	return string(html)
}

func output(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	text, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", text)
}
