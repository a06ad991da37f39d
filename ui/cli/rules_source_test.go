package cli_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// How rules_test.go reads the repository.

// goFile is a parsed Go file.
type goFile struct {
	name    string // slashed, from the root
	dir     string
	test    bool
	fset    *token.FileSet
	ast     *ast.File
	imports map[string]string // import path -> the name it has in the file
}

func (f goFile) at(n ast.Node) string {
	return fmt.Sprintf("%s:%d", f.name, f.fset.Position(n.Pos()).Line)
}

var root = sync.OnceValue(func() string {
	dir, err := os.Getwd()
	for ; err == nil; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			break
		}
	}
	panic("no go.mod above the tests")
})

// listed runs git ls-files; outside of a checkout it lists what is there.
func listed(t *testing.T, args ...string) []string {
	t.Helper()
	cmd := exec.Command("git", append([]string{"ls-files", "-z"}, args...)...)
	cmd.Dir = root()
	var names []string
	if out, err := cmd.Output(); err == nil {
		names = strings.Split(strings.TrimRight(string(out), "\x00"), "\x00")
	} else {
		err := filepath.WalkDir(root(), func(p string, d os.DirEntry, err error) error {
			if rel, relErr := filepath.Rel(root(), p); err == nil && relErr == nil && !d.IsDir() {
				names = append(names, filepath.ToSlash(rel))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return slices.DeleteFunc(names, func(name string) bool {
		_, err := os.Stat(filepath.Join(root(), name))
		return name == "" || err != nil
	})
}

// goFiles parses the Go files of the repository, except testdata.
func goFiles(t *testing.T) []goFile {
	t.Helper()
	var files []goFile
	for _, name := range listed(t, "--cached", "--others", "--exclude-standard", "*.go") {
		if !strings.HasSuffix(name, ".go") || strings.Contains(name, "testdata/") || strings.HasPrefix(name, ".") {
			continue // what is under a dot-folder is no part of the program's module
		}
		f := goFile{name: name, dir: path.Dir(name), test: strings.HasSuffix(name, "_test.go"), fset: token.NewFileSet(), imports: map[string]string{}}
		var err error
		if f.ast, err = parser.ParseFile(f.fset, filepath.Join(root(), name), nil, parser.ParseComments|parser.SkipObjectResolution); err != nil {
			t.Fatal(err)
		}
		for _, spec := range f.ast.Imports {
			p, _ := strconv.Unquote(spec.Path.Value)
			f.imports[p] = strings.TrimSuffix(path.Base(strings.TrimSuffix(p, "/v2")), ".go")
			if spec.Name != nil {
				f.imports[p] = spec.Name.Name
			}
		}
		files = append(files, f)
	}
	if len(files) == 0 {
		t.Fatal("no Go files found")
	}
	return files
}

// uses calls found for each use of pkg.name in the file.
func (f goFile) uses(pkg, name string, found func(ast.Node)) {
	local, ok := f.imports[pkg]
	if !ok {
		return
	}
	ast.Inspect(f.ast, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok && sel.Sel.Name == name {
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == local {
				found(sel)
			}
		}
		return true
	})
}

// isPackage reports whether x is the name of an imported package.
func (f goFile) isPackage(x ast.Expr) bool {
	id, ok := x.(*ast.Ident)
	if !ok {
		return false
	}
	for _, name := range f.imports {
		if name == id.Name {
			return true
		}
	}
	return false
}

// text returns a literal as it is written; anything else has some text.
func (f goFile) text(x ast.Expr) string {
	if lit, ok := x.(*ast.BasicLit); ok {
		return lit.Value
	}
	return "an expression"
}
