package cli_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"testing"
)

// reaches are the fields of the model's configuration, and of its desk, through
// which it reaches what is outside: the API, the disk, other goroutines.
var reaches = []string{"API", "Store", "Syncer", "Desk", "Journal", "Runner", "OpenURL", "Keeper"}

// remembers are the methods behind them that only read what is in memory.
var remembers = []string{"Actor", "String", "Subscribe"}

// In the model, only commands do I/O: the function literals that return a
// tea.Msg, which run beside Update. Outside of one, what reaches outside may be
// put into a variable that a command closes over, and nothing of it is called. No
// goroutine is started.
func TestOnlyCommandsDoIO(t *testing.T) {
	for _, f := range goFiles(t) {
		if f.test || f.dir != "model" {
			continue
		}
		for _, n := range outsideCommands(f) {
			t.Errorf("%s: I/O or a goroutine outside of a command", f.at(n))
		}
	}
}

// TestIOOutsideCommandsIsFound in what the rule above reads.
func TestIOOutsideCommandsIsFound(t *testing.T) {
	for code, want := range map[string]int{
		"go work()":                   1,
		"m.config.Store.Find(ctx, r)": 1,
		"if _, err := m.config.API.Account(ctx); err != nil { return }":                     1,
		"store := m.config.Store; store.Find(ctx, r)":                                       1,
		"desk := m.config.Desk; desk.Journal.Jobs()":                                        1,
		"journal := m.config.Desk.Journal; journal.Jobs()":                                  1,
		"store := m.config.Store; findWhole(ctx, store, r)":                                 1,
		"m.config.OpenURL(ctx, url)":                                                        1,
		"store := m.config.Store; cmd = func() tea.Msg { store.Find(ctx, r); return nil }":  0,
		"desk := m.config.Desk; cmd = func() tea.Msg { return found{desk.Journal.Jobs()} }": 0,
		"store := m.config.Store; func() { store.Find(ctx, r) }()":                          1,
		"if m.config.Desk == nil { return }":                                                0,
		"desk := m.config.Desk; who = desk.Actor()":                                         0,
	} {
		f := goFile{fset: token.NewFileSet(), imports: map[string]string{}}
		var err error
		if f.ast, err = parser.ParseFile(f.fset, "x.go", "package x\nfunc f() {"+code+"}", 0); err != nil {
			t.Fatal(err)
		}
		if got := len(outsideCommands(f)); got != want {
			t.Errorf("%s: found %d, want %d", code, got, want)
		}
	}
}

// outsideCommands are the places of a file that do I/O outside of a command.
func outsideCommands(f goFile) (found []ast.Node) {
	var held map[string]bool // the variables that reach outside
	var reach func(x ast.Expr) bool
	reach = func(x ast.Expr) bool {
		switch x := x.(type) {
		case *ast.Ident:
			return held[x.Name]
		case *ast.SelectorExpr:
			return slices.Contains(reaches, x.Sel.Name) && !f.isPackage(x.X) || reach(x.X)
		}
		return false
	}
	for _, decl := range f.ast.Decls {
		held = map[string]bool{}
		ast.Inspect(decl, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				found = append(found, n)
				return false
			case *ast.FuncLit:
				return !returnsMsg(n.Type)
			case *ast.AssignStmt:
				for i, to := range n.Lhs {
					if name, ok := to.(*ast.Ident); ok && len(n.Lhs) == len(n.Rhs) && reach(n.Rhs[i]) {
						held[name.Name] = true
					}
				}
			case *ast.CallExpr:
				called, ok := n.Fun.(*ast.SelectorExpr)
				if ok && reach(called) && !slices.Contains(remembers, called.Sel.Name) || slices.ContainsFunc(n.Args, reach) {
					found = append(found, n)
				}
			}
			return true
		})
	}
	return found
}

func returnsMsg(fn *ast.FuncType) bool {
	if fn.Results == nil || len(fn.Results.List) != 1 {
		return false
	}
	sel, ok := fn.Results.List[0].Type.(*ast.SelectorExpr)
	return ok && sel.Sel.Name == "Msg"
}
