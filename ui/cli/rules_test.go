package cli_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"

	"idtop/ui/safe"
)

// The rules of this repository that no compiler checks. Each test names the
// place that breaks its rule.

const module = "idtop"

// mayImport says, for each package, which of ours it may import; one that is
// not named follows its parent folder. A /... includes what is below.
var mayImport = map[string][]string{
	"":                {"ui/cli"},
	"ui":              {"ui/safe", "model", "keymap", "client/..."},
	"ui/cli":          {"..."},
	"ui/safe":         {},
	"ui/fail":         {"ui/safe", "client"},
	"ui/config":       {"keymap", "model", "ui/safe", "ui/fail", "client/..."},
	"ui/plain":        {"ui/safe", "model", "keymap", "client/..."},
	"ui/internal":     {},
	"model":           {"keymap", "client", "client/act", "client/insights", "client/ledger", "client/mirror", "client/person", "client/plan", "client/query", "client/timeline", "client/views", "client/guard"},
	"keymap":          {},
	"client":          {"client"},
	"client/stripe":   {"client", "client/guard"},
	"client/guard":    {},
	"client/datadir":  {},
	"client/act":      {"client", "client/ledger", "client/mirror", "client/plan", "client/guard", "client/datadir"},
	"client/emulator": {"client", "client/guard"},
	"client/insights": {"client", "client/mirror", "client/query"},
	"client/person":   {"client", "client/ledger", "client/mirror", "client/plan", "client/query"},
	"client/query":    {"client", "client/guard"},
	"client/timeline": {"client", "client/ledger", "client/mirror", "client/plan"},
	"client/mirror":   {"client", "client/query/..."},
	"client/views":    {"client/mirror", "client/query", "client/datadir"},

	"client/mirror/columns":   {"client", "client/query", "client/mirror", "client/guard"},
	"client/mirror/sqlite":    {"client", "client/mirror", "client/mirror/columns", "client/guard", "client/datadir"},
	"client/mirror/syncer":    {"client", "client/mirror", "client/guard"},
	"client/mirror/storetest": {"client", "client/query/...", "client/mirror", "client/mirror/columns"},

	"client/ledger":          {"client", "client/guard", "client/datadir"},
	"client/ledger/booktest": {"client", "client/ledger", "client/plan"},
	"client/plan":            {"client", "client/mirror", "client/ledger", "client/query", "client/guard", "client/datadir"},
}

// mayNotImport names packages of others that would break a package's rule.
var mayNotImport = map[string][]string{
	"model":        {"charm.land/lipgloss/...", "os/...", "net/...", "database/...", "io/...", "log/..."},
	"ui":           {"os/...", "net/...", "database/...", "log/..."},
	"ui/cli":       {},
	"ui/config":    {"charm.land/..."},
	"ui/internal":  {},
	"ui/safe":      {"os/...", "net/...", "charm.land/..."},
	"keymap":       {"charm.land/lipgloss/...", "os/...", "net/...", "database/..."},
	"client":       {"charm.land/..."},
	"client/query": {"charm.land/...", "os/...", "net/...", "database/...", "io/..."},

	"client/mirror":         {"charm.land/...", "os/...", "net/...", "database/..."},
	"client/mirror/columns": {"charm.land/...", "os/...", "net/...", "database/..."},
	"client/mirror/sqlite":  {"charm.land/..."},
	"client/mirror/syncer":  {"charm.land/...", "os/...", "net/...", "database/..."},
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
			case imported == "net/url": // it writes and reads text only
			case !isOurs && within(imported, ruleFor(mayNotImport, from)):
				t.Errorf("%s imports %s", f.name, imported)
			case !isOurs:
			case !within(ours, ruleFor(mayImport, from)):
				t.Errorf("%s imports %s, against main -> ui/cli -> ui/config, ui -> model -> client, keymap", f.name, imported)
			case ours == "client/emulator" && from != "ui/cli":
				t.Errorf("%s imports the emulator, which only ui/cli and tests may", f.name)
			case ours == "client/stripe" && !within(from, []string{"ui/cli", "ui/config", "ui/serve"}):
				t.Errorf("%s imports client/stripe: it takes a client.API instead", f.name)
			case isForTests(ours) && !isForTests(from):
				t.Errorf("%s imports %s, which is for tests only", f.name, imported)
			}
		}
	}
}

// Package client is what everybody may import: nothing in it or below it talks
// to a network or knows stripe-go.
func TestClientTalksToNoNetwork(t *testing.T) {
	list := exec.Command("go", "list", "-deps", module+"/client")
	list.Dir = root()
	out, err := list.Output()
	if err != nil {
		t.Fatalf("list what client depends on: %v", err)
	}
	deps := strings.Fields(string(out))
	if !slices.Contains(deps, module+"/client") {
		t.Fatalf("go list says %q", out)
	}
	for _, dep := range deps {
		if within(dep, []string{"net/...", "crypto/tls", "github.com/stripe/..."}) {
			t.Errorf("client depends on %s", dep)
		}
	}
}

// The key itself is for the Authorization header and the keyring, and nothing else.
func TestOnlyStripeAsksForTheKey(t *testing.T) {
	for _, f := range goFiles(t) {
		if f.test || f.dir == "client" || f.dir == "client/stripe" || f.name == "ui/config/keyring.go" {
			continue
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if method, ok := call.Fun.(*ast.SelectorExpr); ok && method.Sel.Name == "Secret" {
				t.Errorf("%s: .Secret() outside of client/stripe", f.at(n))
			}
			return true
		})
	}
}

func TestEveryPackageSaysItsRule(t *testing.T) {
	docs := map[string][]string{} // of each folder
	for _, f := range goFiles(t) {
		if f.test {
			continue
		}
		if _, known := docs[f.dir]; !known {
			docs[f.dir] = nil
		}
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

func TestStylesAreMadeInTheThemeFile(t *testing.T) {
	for _, f := range goFiles(t) {
		if f.name != "ui/theme.go" {
			f.uses("charm.land/lipgloss/v2", "NewStyle", func(n ast.Node) {
				t.Errorf("%s: lipgloss.NewStyle outside of ui/theme.go", f.at(n))
			})
		}
	}
}

// A sign outside ASCII that this program draws is in a text for safe.Lit or safe.Spelled, or
// for keyed, which spell it where the terminal knows ASCII only. A text of a package's
// variable is made before that is known and would keep its sign, so none has a sign.
func TestSignsAreSpelledInASCII(t *testing.T) {
	safe.SetASCII(true)
	defer safe.SetASCII(false)
	signs := 0
	for _, f := range goFiles(t) {
		if f.test || f.dir != "ui" && f.dir != "ui/cli" && f.dir != "ui/config" && f.dir != "ui/fail" {
			continue
		}
		spelled, early := map[ast.Node]bool{}, map[ast.Node]bool{}
		for _, declared := range f.ast.Decls {
			if variable, ok := declared.(*ast.GenDecl); ok {
				ast.Inspect(variable, func(n ast.Node) bool { early[n] = true; return true })
			}
		}
		for _, name := range []string{"Lit", "Spelled"} {
			f.uses("idtop/ui/safe", name, func(n ast.Node) { spelled[n] = true })
		}
		ast.Inspect(f.ast, func(n ast.Node) bool {
			if call, ok := n.(*ast.CallExpr); ok {
				if name, ok := call.Fun.(*ast.Ident); spelled[call.Fun] || ok && name.Name == "keyed" {
					ast.Inspect(call, func(n ast.Node) bool { spelled[n] = true; return true })
				}
			}
			literal, ok := n.(*ast.BasicLit)
			if !ok || literal.Kind != token.STRING && literal.Kind != token.CHAR || !strings.ContainsFunc(literal.Value, func(r rune) bool { return r > 0x7e }) {
				return true
			}
			signs++
			switch {
			case !spelled[literal]:
				t.Errorf("%s: %s is not drawn by safe.Lit or safe.Spelled", f.at(n), literal.Value)
			case early[literal]:
				t.Errorf("%s: %s is drawn before it is known whether the terminal knows it", f.at(n), literal.Value)
			case strings.Contains(safe.Spelled(literal.Value).String(), "<U+"):
				t.Errorf("%s: %s has a sign without a spelling in ui/safe/ascii.go", f.at(n), literal.Value)
			}
			return true
		})
	}
	if signs < 100 {
		t.Errorf("%d signs were found", signs)
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

// Every goroutine that the program starts goes through client/guard, so that a
// panic in it ends the program in order. A WaitGroup, an errgroup and AfterFunc
// start one too: what they call defers guard.Catch.
func TestEveryGoroutineIsGuarded(t *testing.T) {
	for _, f := range goFiles(t) {
		if f.test || f.dir == "client/guard" || isForTests(f.dir) {
			continue
		}
		for _, n := range unguarded(f) {
			t.Errorf("%s: a goroutine that client/guard does not guard", f.at(n))
		}
	}
}

// TestUnguardedGoroutinesAreFound in what the rule above reads.
func TestUnguardedGoroutinesAreFound(t *testing.T) {
	for code, want := range map[string]int{
		"go work()": 1,
		"go func() { defer guard.Catch(); work() }()": 1,
		"guard.Go(work)":             0,
		"wait.Go(work)":              1,
		"wait.Go(func() { work() })": 1,
		"wait.Go(func() { defer guard.Catch(); work() })":     0,
		"time.AfterFunc(1, func() { work() })":                1,
		"wait.Go(func() { defer other.Catch(); work() })":     1,
		"context.AfterFunc(ctx, work)":                        1,
		"x := func() { for { go func() { work() }() } }; x()": 1,
	} {
		f := goFile{fset: token.NewFileSet(), imports: map[string]string{"idtop/client/guard": "guard"}}
		var err error
		if f.ast, err = parser.ParseFile(f.fset, "x.go", "package x\nfunc f() {"+code+"}", 0); err != nil {
			t.Fatal(err)
		}
		if got := len(unguarded(f)); got != want {
			t.Errorf("%s: found %d, want %d", code, got, want)
		}
	}
}

// unguarded are the places of a file that start a goroutine past the guard.
func unguarded(f goFile) (found []ast.Node) {
	ast.Inspect(f.ast, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			found = append(found, n)
		case *ast.CallExpr:
			sel, ok := n.Fun.(*ast.SelectorExpr)
			if !ok || sel.Sel.Name != "Go" && sel.Sel.Name != "AfterFunc" || f.isGuard(sel.X) {
				return true
			}
			if !f.catches(n.Args[len(n.Args)-1]) {
				found = append(found, n)
			}
		}
		return true
	})
	return found
}

func (f goFile) isGuard(x ast.Expr) bool {
	id, ok := x.(*ast.Ident)
	return ok && f.imports["idtop/client/guard"] == id.Name
}

// catches reports a function literal that defers guard.Catch.
func (f goFile) catches(x ast.Expr) bool {
	lit, ok := x.(*ast.FuncLit)
	return ok && slices.ContainsFunc(lit.Body.List, func(s ast.Stmt) bool {
		d, ok := s.(*ast.DeferStmt)
		if !ok {
			return false
		}
		sel, ok := d.Call.Fun.(*ast.SelectorExpr)
		return ok && sel.Sel.Name == "Catch" && f.isGuard(sel.X)
	})
}

// Bubble Tea has ways to the terminal that pass by the view. ui/internal/foreigntest finds
// the texts that take the other ones.
func TestNothingPrintsPastTheView(t *testing.T) {
	for _, f := range goFiles(t) {
		if f.test || f.dir != "model" && f.dir != "ui" {
			continue
		}
		for _, name := range []string{"ExecProcess", "Exec"} {
			f.uses("charm.land/bubbletea/v2", name, func(n ast.Node) { t.Errorf("%s: tea.%s", f.at(n), name) })
		}
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
