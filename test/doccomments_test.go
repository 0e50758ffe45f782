package test

import (
	"go/ast"
	"go/token"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEveryPackageSaysWhatItIsFor(t *testing.T) {
	for _, p := range packages(t) {
		if len(p.GoFiles) == 0 {
			continue
		}
		_, files := p.parse(t)
		doc := ""
		for _, f := range files {
			doc += f.Doc.Text()
		}
		require.NotEmpty(t, doc, "%s has no package comment", p.rel())
		if strings.HasPrefix(p.rel(), "pkg/") {
			require.Greater(t, len(strings.Split(doc, "\n")), 3, "the package comment of %s teaches nothing", p.rel())
		}
	}
}

func TestEveryExportedNameIsExplained(t *testing.T) {
	for _, p := range packages(t) {
		if !strings.HasPrefix(p.rel(), "pkg/") {
			continue
		}
		fset, files := p.parse(t)
		for _, f := range files {
			for _, name := range unexplained(f) {
				t.Errorf("%s: %s has no doc comment", fset.Position(name.Pos()), name)
			}
		}
	}
}

// obvious are methods whose interface explains them.
var obvious = []string{"Error", "Unwrap", "String", "Is"}

// unexplained are the exported names of a file without a doc comment. In a group
// the comment of the group will do, or one at the end of the line.
func unexplained(f *ast.File) (names []*ast.Ident) {
	for _, decl := range f.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			method := d.Recv != nil
			if d.Doc == nil && d.Name.IsExported() && !(method && (slices.Contains(obvious, d.Name.Name) || !ofExported(d))) {
				names = append(names, d.Name)
			}
		case *ast.GenDecl:
			if d.Doc == nil && d.Tok != token.IMPORT {
				names = append(names, unexplainedSpecs(d)...)
			}
		}
	}
	return names
}

func unexplainedSpecs(d *ast.GenDecl) (names []*ast.Ident) {
	for _, spec := range d.Specs {
		switch s := spec.(type) {
		case *ast.TypeSpec:
			if s.Doc == nil && s.Name.IsExported() {
				names = append(names, s.Name)
			}
		case *ast.ValueSpec:
			for _, name := range s.Names {
				if s.Doc == nil && s.Comment == nil && name.IsExported() {
					names = append(names, name)
				}
			}
		}
	}
	return names
}

// ofExported reports whether a method's type is exported.
func ofExported(d *ast.FuncDecl) bool {
	typ := d.Recv.List[0].Type
	if star, ok := typ.(*ast.StarExpr); ok {
		typ = star.X
	}
	name, ok := typ.(*ast.Ident)
	return !ok || name.IsExported()
}
