package test

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const module = "github.com/golang-wsl/asdf-golang-wsl"

// arrows are the packages below pkg and what of ours each may import. They point
// one way, from what a user asks for to what a byte is. Whoever adds a package
// says here where it stands.
var arrows = map[string]string{
	"pkg/wsl":        "",
	"pkg/goenv":      "",
	"pkg/spell":      "",
	"pkg/scratch":    "",
	"pkg/profile":    "pkg/checksumdb pkg/goenv pkg/goproxy",
	"pkg/config":     "pkg/goenv pkg/goversion pkg/profile pkg/spell",
	"pkg/shell":      "pkg/goenv",
	"pkg/shim":       "pkg/goenv",
	"pkg/goversion":  "",
	"pkg/download":   "",
	"pkg/readahead":  "",
	"pkg/archive":    "pkg/readahead",
	"pkg/goproxy":    "pkg/download",
	"pkg/checksumdb": "pkg/download pkg/goproxy",
	"pkg/release":    "pkg/download pkg/goproxy pkg/goversion",
	"pkg/bundle":     "pkg/goproxy pkg/goversion pkg/release",
	"pkg/toolchain":  "pkg/archive pkg/checksumdb pkg/download pkg/goproxy pkg/goversion pkg/readahead pkg/release pkg/scratch",
	"pkg/network":    "pkg/download",
	"pkg/bench":      "pkg/wsl",
	"pkg/bench/gc":   "pkg/bench",
	"pkg/doctor":     "pkg/checksumdb pkg/goenv pkg/goproxy pkg/goversion pkg/network pkg/profile pkg/shell pkg/spell pkg/wsl",
	"pkg/tune":       "pkg/checksumdb pkg/download pkg/goproxy pkg/network pkg/profile",
	"pkg/bench/fsio": "pkg/bench pkg/wsl",
	"pkg/plugin":     "pkg/goversion pkg/release pkg/toolchain",

	"pkg/bench/sched":    "pkg/bench",
	"pkg/bench/syscalls": "pkg/bench",
	"pkg/bench/httploop": "pkg/bench",
	"pkg/bench/snapshot": "pkg/bench pkg/wsl",
	"pkg/bench/prepare":  "pkg/bench pkg/bench/snapshot",
	"pkg/bench/perf":     "",
	"pkg/bench/gotest":   "pkg/bench",
	"pkg/bench/program":  "pkg/bench",
	"pkg/bench/sandbox":  "pkg/bench/perf",
	"pkg/bench/flame":    "",
	"pkg/bench/trace":    "",
	"pkg/bench/page":     "pkg/bench pkg/bench/gc pkg/bench/prepare pkg/bench/sandbox pkg/bench/snapshot pkg/bench/trace pkg/shell",
	"pkg/bench/report":   "pkg/bench pkg/bench/flame pkg/bench/gc pkg/bench/gotest pkg/bench/page pkg/bench/prepare pkg/bench/sandbox pkg/bench/snapshot pkg/bench/trace pkg/shell pkg/signature pkg/zipstore",
	"pkg/zipstore":       "",
	"pkg/signature":      "",
}

// notInPkg are packages for programs. What is below pkg is handed what it needs.
var notInPkg = []string{
	"flag", "log", "log/slog", "os/exec", "os/signal", "net/http/httptest", "testing",
	"github.com/spf13/cobra", "github.com/schollz/progressbar/v3", "golang.org/x/term",
}

// globals are what a package that another program imports must not touch: the
// process belongs to that program.
var globals = map[string]string{
	"os":       "Args Chdir Environ Exit ExpandEnv Getenv Getwd LookupEnv Setenv Stderr Stdin Stdout Unsetenv UserCacheDir UserConfigDir UserHomeDir",
	"fmt":      "Print Printf Println Scan Scanf Scanln",
	"net/http": "DefaultClient DefaultTransport Get Head Post PostForm ProxyFromEnvironment",
	"time":     "Sleep Local",
}

// goPackage is what go list says of one package.
type goPackage struct {
	Dir, ImportPath, Name string
	GoFiles, Imports      []string
}

// rel is the directory below the repository's root.
func (p *goPackage) rel() string { return strings.TrimPrefix(p.ImportPath, module+"/") }

func packages(t *testing.T) (list []*goPackage) {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=Dir,ImportPath,Name,GoFiles,Imports", "./...")
	cmd.Dir = repository(t)
	result := run(t, cmd)
	result.requireOK(t)
	for dec := json.NewDecoder(strings.NewReader(result.stdout)); ; {
		p := new(goPackage)
		if err := dec.Decode(p); errors.Is(err, io.EOF) {
			require.NotEmpty(t, list)
			return list
		} else {
			require.NoError(t, err)
		}
		list = append(list, p)
	}
}

// parse reads the files of the package that are part of a program: no tests.
func (p *goPackage) parse(t *testing.T) (*token.FileSet, []*ast.File) {
	t.Helper()
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range p.GoFiles {
		f, err := parser.ParseFile(fset, filepath.Join(p.Dir, name), nil, parser.ParseComments|parser.SkipObjectResolution)
		require.NoError(t, err)
		files = append(files, f)
	}
	return fset, files
}

func TestArrowsPointOneWay(t *testing.T) {
	seen := make(map[string]bool)
	for _, p := range packages(t) {
		if !strings.HasPrefix(p.rel(), "pkg/") {
			continue
		}
		allowed, ok := arrows[p.rel()]
		require.True(t, ok, "%s has no place in the map of arrows", p.rel())
		seen[p.rel()] = true
		for _, imported := range p.Imports {
			if ours, ok := strings.CutPrefix(imported, module+"/"); ok {
				require.Contains(t, strings.Fields(allowed), ours, "%s must not import it", p.rel())
			}
			require.NotContains(t, notInPkg, imported, "%s must not import it", p.rel())
		}
	}
	for name := range arrows {
		require.True(t, seen[name], "%s is in the map of arrows, but is no package", name)
	}
}

// The helper starts in milliseconds, without what only benchmarks need.
func TestHelperDoesNotMeasure(t *testing.T) {
	for _, name := range []string{"./cmd/golang-wsl", "./cmd/golang-wsl-shim"} {
		cmd := exec.Command("go", "list", "-deps", name)
		cmd.Dir = repository(t)
		result := run(t, cmd)
		result.requireOK(t)
		require.NotContains(t, result.stdout, module+"/pkg/bench", name)
	}
}

// The map itself has no circle: who follows the arrows comes to a leaf.
func TestArrowsEndAtLeaves(t *testing.T) {
	var follow func(name string, path []string)
	follow = func(name string, path []string) {
		require.NotContains(t, path, name)
		for next := range strings.FieldsSeq(arrows[name]) {
			require.Contains(t, arrows, next)
			follow(next, append(path, name))
		}
	}
	for name := range arrows {
		follow(name, nil)
	}
}

func TestPackagesLeaveTheProcessAlone(t *testing.T) {
	for _, p := range packages(t) {
		if !strings.HasPrefix(p.rel(), "pkg/") {
			continue
		}
		fset, files := p.parse(t)
		for _, f := range files {
			for _, use := range uses(f) {
				forbidden := strings.Fields(globals[use.pkg])
				require.NotContains(t, forbidden, use.name, "%s: %s.%s", fset.Position(use.pos), use.pkg, use.name)
			}
		}
	}
}

// A use is a name of another package in a file.
type use struct {
	pkg, name string
	pos       token.Pos
}

func uses(f *ast.File) (list []use) {
	imported := make(map[string]string) // path by the name in this file
	for _, spec := range f.Imports {
		importPath, _ := strconv.Unquote(spec.Path.Value)
		name := path.Base(importPath)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		imported[name] = importPath
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok && imported[x.Name] != "" {
				list = append(list, use{imported[x.Name], sel.Sel.Name, sel.Pos()})
			}
		}
		return true
	})
	return list
}

// The reader of the sources must find what it forbids, by any name.
func TestUsesFindsRenamedImports(t *testing.T) {
	f, err := parser.ParseFile(token.NewFileSet(), "", "package p\nimport sys \"os\"\nvar v = sys.Getenv(\"X\")\n", 0)
	require.NoError(t, err)
	found := uses(f)
	require.Len(t, found, 1)
	require.Equal(t, "os.Getenv", found[0].pkg+"."+found[0].name)
}

// A variable of a package is a sentinel, a compiled expression, a table or an
// embedded file, and nobody assigns to it.
func TestPackagesKeepNoState(t *testing.T) {
	for _, p := range packages(t) {
		if !strings.HasPrefix(p.rel(), "pkg/") {
			continue
		}
		fset, files := p.parse(t)
		vars := make(map[string]bool)
		for _, f := range files {
			for _, spec := range packageVars(f) {
				for _, name := range spec.Names {
					vars[name.Name] = name.Name != "_"
				}
			}
		}
		for _, f := range files {
			ast.Inspect(f, func(n ast.Node) bool {
				if assign, ok := n.(*ast.AssignStmt); ok && assign.Tok != token.DEFINE {
					for _, left := range assign.Lhs {
						require.False(t, vars[root(left)], "%s: assigns to %s", fset.Position(left.Pos()), root(left))
					}
				}
				return true
			})
		}
	}
}

func packageVars(f *ast.File) (specs []*ast.ValueSpec) {
	for _, decl := range f.Decls {
		if d, ok := decl.(*ast.GenDecl); ok && d.Tok == token.VAR {
			for _, spec := range d.Specs {
				specs = append(specs, spec.(*ast.ValueSpec))
			}
		}
	}
	return specs
}

// root is the variable that an expression on the left of "=" is part of.
func root(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.IndexExpr:
		return root(e.X)
	case *ast.SelectorExpr:
		return root(e.X)
	case *ast.StarExpr:
		return root(e.X)
	}
	return ""
}
