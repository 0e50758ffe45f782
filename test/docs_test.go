package test

import (
	"go/ast"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/mod/modfile"

	"github.com/golang-wsl/asdf-golang-wsl/pkg/config"
)

// document reads a file of the repository.
func document(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(repository(t), filepath.FromSlash(name)))
	require.NoError(t, err)
	return string(text)
}

// section is what stands below a heading of the README.
func section(t *testing.T, heading string) string {
	t.Helper()
	_, after, ok := strings.Cut(readme(t), "\n## "+heading+"\n")
	require.True(t, ok, "no section %q", heading)
	text, _, _ := strings.Cut(after, "\n## ")
	return text
}

// rows are the cells of the tables in a text, without headings.
func rows(text string) (list [][]string) {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); strings.HasPrefix(line, "| ") && !strings.HasPrefix(line, "| ---") {
			cells := strings.Split(strings.Trim(line, "| "), " | ")
			list = append(list, cells)
		}
	}
	return list[1:]
}

// walk calls fn for the files below the directories, each by its slash path from
// the repository's root.
func walk(t *testing.T, fn func(name string), dirs ...string) {
	t.Helper()
	root := repository(t)
	for _, dir := range dirs {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || !d.Type().IsRegular() {
				return err
			}
			rel, err := filepath.Rel(root, path)
			fn(filepath.ToSlash(rel))
			return err
		})
		require.NoError(t, err)
	}
}

var setting = regexp.MustCompile(`\bGOLANG_WSL_[A-Z0-9_]+\b`)

// settingOfKind is a setting that each kind of Linux has of its own. Documents
// say KIND for all of them.
var settingOfKind = regexp.MustCompile(`\bGOLANG_WSL_(WSL1|WSL2|NATIVE)_`)

func settings(text string) []string {
	return setting.FindAllString(settingOfKind.ReplaceAllString(text, "GOLANG_WSL_KIND_"), -1)
}

// Each setting that the code reads is in the README, and the other way round.
func TestReadmeHasEverySetting(t *testing.T) {
	read := make(map[string]bool)
	walk(t, func(name string) {
		if strings.HasSuffix(name, "_test.go") || strings.Contains(name, "testdata/") {
			return
		}
		for _, s := range settings(document(t, name)) {
			read[s] = true
		}
	}, "bin", "lib", "cmd", "pkg")
	for _, key := range config.Keys() {
		read[settings(key.Env)[0]] = true
	}
	text := section(t, "Configuration")
	for name := range read {
		require.Contains(t, text, "`"+name+"`", "the code reads it")
	}
	for _, name := range settings(readme(t)) {
		require.True(t, read[name], "%s is in the README, but nobody reads it", name)
	}
	help := document(t, "pkg/plugin/help/config.txt")
	for _, row := range rows(text) {
		if name := strings.Trim(row[0], "`"); strings.HasPrefix(name, "GOLANG_WSL_") {
			require.Contains(t, help, name+" ", "asdf help knows what the README knows")
		}
	}
}

// The constants in exit.go and the README's table are one table.
func TestReadmeHasEveryExitCode(t *testing.T) {
	codes := make(map[string]string)
	for _, p := range packages(t) {
		if p.rel() != "cmd/golang-wsl" {
			continue
		}
		_, files := p.parse(t)
		for _, f := range files {
			ast.Inspect(f, func(n ast.Node) bool {
				if spec, ok := n.(*ast.ValueSpec); ok && strings.HasPrefix(spec.Names[0].Name, "exit") && len(spec.Values) == 1 {
					if value, ok := spec.Values[0].(*ast.BasicLit); ok {
						codes[value.Value] = strings.TrimSpace(spec.Comment.Text())
					}
				}
				return true
			})
		}
	}
	table := rows(section(t, "Exit codes"))
	require.Len(t, table, len(codes))
	for i, row := range table {
		require.Equal(t, strconv.Itoa(i), row[0])
		comment, ok := codes[row[0]]
		require.True(t, ok, "no exit code %s in exit.go", row[0])
		if row[0] != "0" {
			require.Equal(t, comment, row[1])
		}
	}
}

// docs/dependencies.md has a row for each direct requirement, and no other.
func TestEveryDependencyIsExplained(t *testing.T) {
	var explained []string
	for _, row := range rows(document(t, "docs/dependencies.md")) {
		explained = append(explained, strings.Trim(row[0], "`"))
		for _, cell := range row {
			require.NotEmpty(t, strings.TrimSpace(cell), row[0])
		}
	}
	var required []string
	for _, name := range []string{"go.mod", "scripts/tools/go.mod"} {
		file, err := modfile.Parse(name, []byte(document(t, name)), nil)
		require.NoError(t, err)
		for _, r := range file.Require {
			if !r.Indirect {
				required = append(required, r.Mod.Path)
			}
		}
		for _, tool := range file.Tool {
			required = append(required, tool.Path)
		}
	}
	require.ElementsMatch(t, required, slices.DeleteFunc(explained, func(s string) bool { return s == "Module" }))
}

// docs/layout.md has a line for each directory with sources, and no other.
func TestLayoutHasEveryDirectory(t *testing.T) {
	text := document(t, "docs/layout.md")
	_, text, _ = strings.Cut(text, "## Directories\n")
	text, _, _ = strings.Cut(text, "\n## ")
	var explained []string
	for _, row := range rows(text) {
		explained = append(explained, strings.Trim(row[0], "`"))
	}
	var there []string
	walk(t, func(name string) {
		dir := path.Dir(name)
		dir, _, _ = strings.Cut(dir, "/testdata")
		if strings.HasPrefix(dir, "test/bench/") {
			dir = "test/bench" // its programs are one thing
		}
		if strings.HasPrefix(dir, "test/vm/") {
			dir = "test/vm" // what it has is one machine's
		}
		if !slices.Contains(there, dir+"/") {
			there = append(there, dir+"/")
		}
	}, ".ci", "bin", "cmd", "docs", "lib", "pkg", "scripts", "test")
	require.ElementsMatch(t, there, explained)
}

var link = regexp.MustCompile(`\]\(([^)#]+)[^)]*\)`)

func TestDocumentsLinkToWhatIsThere(t *testing.T) {
	names := []string{"README.md", "CHANGELOG.md"}
	walk(t, func(name string) { names = append(names, name) }, "docs")
	for _, name := range names {
		text := document(t, name)
		require.NotContains(t, text, "\u2014", "%s: plain punctuation will do", name)
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			if target := m[1]; !strings.Contains(target, "://") {
				require.FileExists(t, filepath.Join(repository(t), filepath.Dir(name), target), "%s links to it", name)
			}
		}
		for _, m := range regexp.MustCompile("`((?:bin|cmd|docs|lib|pkg|scripts|test)/[\\w./-]+\\w)`").FindAllStringSubmatch(text, -1) {
			_, err := os.Stat(filepath.Join(repository(t), m[1]))
			require.NoError(t, err, "%s speaks of it", name)
		}
	}
}

var sourceFile = regexp.MustCompile("`(\\w+(?:/[\\w.-]+)+\\.(?:go|bash))`")

// The walk through the code names files and what is in them. A name is looked for
// in the file that was named last.
func TestLayoutNamesWhatIsThere(t *testing.T) {
	_, text, _ := strings.Cut(document(t, "docs/layout.md"), "## One command, from door to disk\n")
	text, _, _ = strings.Cut(text, "On the disk")
	source, found := "", 0
	for _, m := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(text, -1) {
		switch word := m[1]; {
		case sourceFile.MatchString(m[0]):
			source = document(t, word)
		case regexp.MustCompile(`^[a-zA-Z_]+$`).MatchString(word) && !slices.Contains([]string{"go", "installer"}, word):
			require.True(t, regexp.MustCompile(`(?m)^(func (\([^)]*\) )?)?`+word+`\(`).MatchString(source), word)
			found++
		}
	}
	require.Greater(t, found, 10)
}
