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

// The rules of this repository that no compiler checks. Each test names the
// place that breaks its rule.

const module = "idtop"

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

func (f goFile) lines(n ast.Node) int {
	return f.fset.Position(n.End()).Line - f.fset.Position(n.Pos()).Line + 1
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
		if !strings.HasSuffix(name, ".go") || strings.Contains(name, "testdata/") {
			continue
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

// mayImport says, for each package, which of ours it may import; one that is
// not named follows its parent folder. A /... includes what is below.
var mayImport = map[string][]string{
	"":                   {"ui/cli"},
	"ui":                 {"ui/safe", "model", "keymap", "client/..."},
	"ui/cli":             {"..."},
	"ui/safe":            {},
	"ui/internal":        {},
	"model":              {"keymap", "client/..."},
	"keymap":             {},
	"client":             {},
	"client/emulator":    {"client"},
	"client/query":       {"client"},
	"client/mirror":      {"client", "client/query", "client/mirror/..."},
	"client/ledger":      {"client"},
	"client/plan":        {"client", "client/mirror", "client/ledger", "client/query"},
}

// mayNotImport names packages of others that would break a package's rule.
var mayNotImport = map[string][]string{
	"model":        {"charm.land/lipgloss/...", "os/...", "net/...", "database/...", "io/...", "log/..."},
	"ui":           {"os/...", "net/...", "database/...", "log/..."},
	"ui/cli":       {},
	"ui/internal":  {},
	"ui/safe":      {"os/...", "net/...", "charm.land/..."},
	"keymap":       {"charm.land/lipgloss/...", "os/...", "net/...", "database/..."},
	"client":       {"charm.land/..."},
	"client/query": {"charm.land/...", "os/...", "net/...", "database/...", "io/..."},
}

func within(p string, patterns []string) bool {
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		base, deep := strings.CutSuffix(pattern, "...")
		base = strings.TrimSuffix(base, "/")
		return p == base || deep && (base == "" || strings.HasPrefix(p, base+"/"))
	})
}

// ruleFor finds the entry of a package or of the nearest folder above it.
func ruleFor(rules map[string][]string, p string) []string {
	for ; p != "" && p != "."; p = path.Dir(p) {
		if rule, ok := rules[p]; ok {
			return rule
		}
	}
	return rules[""]
}

// isForTests reports packages that exist for tests, as their names say.
func isForTests(p string) bool { return strings.HasSuffix(p, "test") }

func TestImportsRunOneWay(t *testing.T) {
	for _, f := range goFiles(t) {
		if f.test {
			continue
		}
		from := strings.TrimPrefix(f.dir, ".")
		for imported := range f.imports {
			ours, isOurs := strings.CutPrefix(imported, module+"/")
			switch {
			case !isOurs && within(imported, ruleFor(mayNotImport, from)):
				t.Errorf("%s imports %s", f.name, imported)
			case !isOurs:
			case !within(ours, ruleFor(mayImport, from)):
				t.Errorf("%s imports %s, against main -> ui/cli -> ui -> model -> client, keymap", f.name, imported)
			case ours == "client/emulator" && from != "ui/cli":
				t.Errorf("%s imports the emulator, which only ui/cli and tests may", f.name)
			case isForTests(ours) && !isForTests(from):
				t.Errorf("%s imports %s, which is for tests only", f.name, imported)
			}
		}
	}
}

func TestEveryPackageSaysItsRule(t *testing.T) {
	docs := map[string][]string{} // of each folder
	for _, f := range goFiles(t) {
		if f.test {
			continue
		}
		docs[f.dir] = append(docs[f.dir], "")[:len(docs[f.dir])]
		if f.ast.Doc == nil {
			continue
		}
		docs[f.dir] = append(docs[f.dir], f.name)
		want := "Package " + f.ast.Name.Name + " "
		if f.ast.Name.Name == "main" {
			want = "Command " + module + " "
		}
		if !strings.HasPrefix(f.ast.Doc.Text(), want) {
			t.Errorf("%s: the doc comment does not begin with %q", f.name, want)
		}
	}
	for dir, files := range docs {
		if len(files) != 1 {
			t.Errorf("%s has %d doc comments, in %q", dir, len(files), files)
		}
	}
}

const maxFile, maxFunction = 400, 60

func TestFilesAndFunctionsAreShort(t *testing.T) {
	for _, f := range goFiles(t) {
		if f.test {
			continue
		}
		if n := f.fset.File(f.ast.Pos()).LineCount() - f.tableLines(f.ast); n > maxFile {
			t.Errorf("%s has %d lines, %d are allowed", f.name, n, maxFile)
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			switch n.(type) {
			case *ast.FuncDecl, *ast.FuncLit:
				if lines := f.lines(n) - f.tableLines(n); lines > maxFunction {
					t.Errorf("%s: a function of %d lines, %d are allowed", f.at(n), lines, maxFunction)
				}
			}
			return true
		})
	}
}

// tableLines counts the lines below n that are the inside of a table of data:
// of a composite literal without functions in it.
func (f goFile) tableLines(n ast.Node) int {
	lines := 0
	ast.Inspect(n, func(n ast.Node) bool {
		lit, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		pure := true
		ast.Inspect(lit, func(n ast.Node) bool {
			if _, isFunc := n.(*ast.FuncLit); isFunc {
				pure = false
			}
			return pure
		})
		if pure {
			lines += max(0, f.lines(lit)-2)
		}
		return !pure
	})
	return lines
}

func TestStylesAreMadeInTheThemeFile(t *testing.T) {
	for _, f := range goFiles(t) {
		if f.name != "ui/theme.go" {
			f.uses("charm.land/lipgloss/v2", "NewStyle", func(n ast.Node) {
				t.Errorf("%s: lipgloss.NewStyle outside of ui/theme.go", f.at(n))
			})
		}
	}
}

func TestTimeIsAValue(t *testing.T) {
	for _, f := range goFiles(t) {
		if f.test || f.dir != "model" && f.dir != "ui" && f.dir != "keymap" {
			continue
		}
		for _, clock := range []string{"Now", "Since", "Until", "Sleep", "After", "NewTimer", "NewTicker", "AfterFunc"} {
			f.uses("time", clock, func(n ast.Node) { t.Errorf("%s: time.%s; the time comes with the message", f.at(n), clock) })
		}
	}
}

// What the model asks of the API, the store and the syncer, it asks in
// commands.go: nowhere else are they taken from the configuration, is a
// command written, or a goroutine started.
func TestOnlyCommandsDoIO(t *testing.T) {
	for _, f := range goFiles(t) {
		if f.test || f.dir != "model" || f.name == "model/commands.go" {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				t.Errorf("%s: a goroutine", f.at(n))
			case *ast.SelectorExpr:
				if slices.Contains([]string{"API", "Store", "Syncer"}, n.Sel.Name) && !f.isPackage(n.X) {
					t.Errorf("%s: .%s outside of model/commands.go", f.at(n), n.Sel.Name)
				}
			case *ast.FuncLit:
				if returnsMsg(n.Type) {
					t.Errorf("%s: a command outside of model/commands.go", f.at(n))
				}
			}
			return true
		})
	}
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

func returnsMsg(fn *ast.FuncType) bool {
	if fn.Results == nil || len(fn.Results.List) != 1 {
		return false
	}
	sel, ok := fn.Results.List[0].Type.(*ast.SelectorExpr)
	return ok && sel.Sel.Name == "Msg"
}

// In package ui, strings become bytes of the screen in line.go, which takes
// safe.Text, and in theme.go, which makes the sequences of our own styles.
// Elsewhere nothing but a constant is written, and the window title, which no
// layer below sanitises, is one too.
func TestOnlyLineWritesToTheScreen(t *testing.T) {
	for _, f := range goFiles(t) {
		if f.test || f.dir != "ui" || f.name == "ui/line.go" || f.name == "ui/theme.go" {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CallExpr:
				sel, ok := n.Fun.(*ast.SelectorExpr)
				if ok && strings.HasPrefix(strings.ToLower(sel.Sel.Name), "write") && !slices.ContainsFunc(n.Args, isConstant) {
					t.Errorf("%s: %s of something that is no constant", f.at(n), sel.Sel.Name)
				}
			case *ast.CompositeLit:
				if id, ok := n.Type.(*ast.Ident); ok && id.Name == "style" && len(n.Elts) > 0 {
					t.Errorf("%s: a style that ui/theme.go did not make", f.at(n))
				}
			case *ast.AssignStmt:
				sel, ok := n.Lhs[0].(*ast.SelectorExpr)
				if ok && (sel.Sel.Name == "WindowTitle" || sel.Sel.Name == "before" || sel.Sel.Name == "after") && !isConstant(n.Rhs[0]) {
					t.Errorf("%s: %s is no constant", f.at(n), sel.Sel.Name)
				}
			}
			return true
		})
	}
}

// isConstant reports literals, also repeated ones.
func isConstant(x ast.Expr) bool {
	switch x := x.(type) {
	case *ast.BasicLit:
		return true
	case *ast.CallExpr:
		sel, ok := x.Fun.(*ast.SelectorExpr)
		return ok && sel.Sel.Name == "Repeat" && isConstant(x.Args[0])
	}
	return false
}

// Bubble Tea has ways to the terminal that pass by the view.
func TestNothingPrintsPastTheView(t *testing.T) {
	clipboards := 0
	for _, f := range goFiles(t) {
		if f.test || f.dir != "model" && f.dir != "ui" {
			continue
		}
		for _, name := range []string{"Printf", "Println", "Raw", "ExecProcess", "Exec"} {
			f.uses("charm.land/bubbletea/v2", name, func(n ast.Node) { t.Errorf("%s: tea.%s", f.at(n), name) })
		}
		for _, name := range []string{"SetClipboard", "SetPrimaryClipboard"} {
			f.uses("charm.land/bubbletea/v2", name, func(ast.Node) { clipboards++ })
		}
	}
	if clipboards > 1 {
		t.Errorf("%d places write to the clipboard; one checks what may be copied", clipboards)
	}
}

func TestRootHoldsOnlyWhatItShould(t *testing.T) {
	allowed := []string{"main.go", "ui", "model", "client", "keymap", "go.mod", "go.sum", "README.md"}
	for _, name := range listed(t) {
		top, _, _ := strings.Cut(name, "/")
		if !slices.Contains(allowed, top) && !strings.HasPrefix(top, ".") {
			t.Errorf("%s: %s does not belong at the root", name, top)
		}
	}
}

// A name says what a thing is about; these say that nobody knew.
func TestNoNamesWithoutMeaning(t *testing.T) {
	empty := []string{"util", "utils", "common", "helper", "helpers", "misc", "manager", "managers"}
	for _, name := range listed(t, "--cached", "--others", "--exclude-standard") {
		words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return strings.ContainsRune("/_-.", r) })
		for _, word := range words {
			if slices.Contains(empty, word) {
				t.Errorf("%s: the name %q says nothing", name, word)
			}
		}
	}
	for _, f := range goFiles(t) {
		if slices.Contains(empty, f.ast.Name.Name) {
			t.Errorf("%s: package %s", f.name, f.ast.Name.Name)
		}
	}
}

func TestSkipsSayWhy(t *testing.T) {
	for _, f := range goFiles(t) {
		if !f.test {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			sel, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || !slices.Contains([]string{"Skip", "Skipf", "SkipNow"}, sel.Sel.Name) || f.isPackage(sel.X) {
				return true
			}
			if len(call.Args) == 0 || strings.Trim(f.text(call.Args[0]), "\"` ") == "" {
				t.Errorf("%s: %s without a reason", f.at(n), sel.Sel.Name)
			}
			return true
		})
	}
}

// text returns a literal as it is written; anything else has some text.
func (f goFile) text(x ast.Expr) string {
	if lit, ok := x.(*ast.BasicLit); ok {
		return lit.Value
	}
	return "an expression"
}
