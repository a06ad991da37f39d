// Package foreigntest finds foreign text on its way out: a string of the API, the
// store, the configuration, the environment, a file or an error that would reach the
// terminal, a log, a table, a JSON line, the clipboard or the text of a panic in
// another way than through ui/safe.
//
// Its one rule: a text is foreign unless each of its origins is known to be ours. It
// reads one package at a time and follows every value back to where it came from:
// through variables, unexported fields, calls within the package and results of the
// packages below. A text that it can't follow is foreign. Only tests import it.
package foreigntest

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"reflect"
	"strings"

	"golang.org/x/tools/go/analysis"
)

// Analyzer reports each place where foreign text gets out.
var Analyzer = &analysis.Analyzer{
	Name:       "foreign",
	Doc:        "find foreign text that leaves the program in another way than through ui/safe",
	Run:        run,
	FactTypes:  []analysis.Fact{new(results)},
	ResultType: reflect.TypeFor[map[string]bool](),
}

// fit says for which places a text is fit.
type fit uint8

const (
	screen fit = 1 << iota // the terminal, and what is read from a pipe by people
	record                 // logs, and the text of a panic: ASCII
	cell                   // a cell of CSV
	clip                   // the clipboard
	ours                   // a constant of our own source

	anything = screen | record | cell | clip | ours
	foreign  = fit(0)
)

var places = map[fit]string{screen: "the terminal", record: "a log or a panic", cell: "a CSV cell", clip: "the clipboard", ours: "a place for constants"}

// results are the facts about a function: for which places each of its results is fit.
type results struct{ Fit []fit }

// AFact implements analysis.Fact.
func (*results) AFact() {}

func (r *results) String() string { return fmt.Sprint(r.Fit) }

const module = "idtop"

// safeResults says for which places the results of ui/safe are fit. A safe.Text is fit
// for the screen wherever it comes from.
var safeResults = map[string]fit{
	"Quote": screen | record, "JSON": screen | record, "CSV": cell, "Clip": clip,
}

// pure are packages whose functions make text of nothing but their arguments.
var pure = map[string]bool{
	"strings": true, "strconv": true, "bytes": true, "slices": true, "maps": true, "cmp": true, "path": true, "path/filepath": true,
	"unicode": true, "unicode/utf8": true, "unicode/utf16": true, "fmt": true, "errors": true, "sort": true, "iter": true,
	"github.com/charmbracelet/x/ansi": true, "charm.land/lipgloss/v2": true, "image/color": true,
}

// Trusted are functions outside of ui/safe whose results are fit for the screen, or
// that own a terminal, and why.
var Trusted = map[string]string{
	"(*idtop/client/ledger.Book).Export": "the lines of the ledger are JSON in ASCII, by its canonical form",
	"(idtop/ui/cli.input).Write":         "it hands Bubble Tea's own queries to the terminal",
	"idtop/ui/config.runKeyCommand":      "the operator's own command may ask for a password",
	"idtop/ui/cli.Main":                  "it hands the terminal to the one who has it",
	"(*idtop/ui/cli.lastWords).Write":    "it stands for the terminal: what writes to it is read",
}

// node is a place that text flows through: a variable, a field, or a result.
type node any

// result is one result of a function, of a function literal, or of a function that is
// the value of a variable or a field.
type result struct {
	of any // *types.Func, *ast.FuncLit or types.Object
	n  int
}

// flow is where a text comes from.
type flow struct {
	fit  fit    // of its origins that are known
	why  string // an origin that is not fit for all places
	from []node
}

var clean = flow{fit: anything}

func (f flow) and(g flow) flow {
	if f.why == "" || f.fit&g.fit != f.fit && g.why != "" {
		f.why = g.why
	}
	f.fit &= g.fit
	f.from = append(f.from[:len(f.from):len(f.from)], g.from...)
	return f
}

// leak is a place where text gets out.
type leak struct {
	at   token.Pos
	text flow
	need fit
	what string
}

type state struct {
	fit fit
	why string
}

// checker follows the text of one package.
type checker struct {
	*analysis.Pass
	flows   map[node][]flow
	known   map[node]state
	leaks   []leak
	bound   map[types.Object][]any // the functions that are values of a variable or a field
	free    map[any]bool           // functions that others call too
	trusted map[string]bool        // entries that were needed
	fn      string                 // full name of the function that is read
	front   bool                   // what is written here may reach a terminal
}

func run(pass *analysis.Pass) (any, error) {
	c := &checker{
		Pass: pass, flows: map[node][]flow{}, known: map[node]state{}, bound: map[types.Object][]any{}, free: map[any]bool{}, trusted: map[string]bool{},
		front: isFront(pass.Pkg.Path()),
	}
	for _, f := range pass.Files {
		c.bindings(f)
	}
	for _, f := range pass.Files {
		for _, decl := range f.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				c.function(d)
			default:
				c.fn = pass.Pkg.Path()
				c.body(d, nil, nil)
			}
		}
	}
	c.settle()
	for _, l := range c.leaks {
		if s := c.state(l.text); s.fit&l.need == 0 {
			pass.Reportf(l.at, "%s: foreign text for %s: %s", l.what, places[l.need], s.why)
		}
	}
	c.export()
	return c.trusted, nil
}

// isFront reports the packages that may have a terminal at hand. The texts of the others
// go to files, databases and the network, which keep them as they came.
func isFront(path string) bool {
	path, ours := strings.CutPrefix(path+"/", module+"/")
	return ours && !strings.HasPrefix(path, "client/") || strings.Contains(path, "testdata/")
}

// settle spreads unfitness from node to node until nothing changes.
func (c *checker) settle() {
	for n := range c.flows {
		c.known[n] = state{anything, ""}
	}
	for changed := true; changed; {
		changed = false
		for n, flows := range c.flows {
			now := c.known[n]
			for _, f := range flows {
				if s := c.state(f); s.fit&now.fit != now.fit {
					now = state{s.fit & now.fit, s.why}
					changed = true
				}
			}
			c.known[n] = now
		}
	}
}

// state is the present knowledge about a flow. A node without a flow has only its zero value.
func (c *checker) state(f flow) state {
	s := state{f.fit, f.why}
	for _, n := range f.from {
		if known, ok := c.known[n]; ok && known.fit&s.fit != s.fit {
			s = state{known.fit & s.fit, known.why}
		}
	}
	return s
}

// export tells the packages above for which places this one's results are fit.
func (c *checker) export() {
	for _, f := range c.Files {
		for _, decl := range f.Decls {
			d, ok := decl.(*ast.FuncDecl)
			if !ok {
				continue
			}
			fn := c.TypesInfo.Defs[d.Name].(*types.Func)
			r := &results{}
			for i := range fn.Signature().Results().Len() {
				r.Fit = append(r.Fit, c.state(flow{fit: anything, from: []node{result{fn, i}}}).fit)
			}
			c.ExportObjectFact(fn, r)
		}
	}
}

func (c *checker) flow(to node, f flow) {
	if to != nil {
		c.flows[to] = append(c.flows[to], f)
	}
}

func (c *checker) unknown(at ast.Node, what string) flow {
	p := c.Fset.Position(at.Pos())
	return flow{why: fmt.Sprintf("%s of %s:%d", what, p.Filename[strings.LastIndexByte(p.Filename, '/')+1:], p.Line)}
}

func (c *checker) leak(at ast.Node, text flow, need fit, what string) {
	if _, ok := Trusted[c.fn]; ok {
		c.trusted[c.fn] = true
		return
	}
	c.leaks = append(c.leaks, leak{at.Pos(), text, need, what})
}

// bindings notes which functions are values, and of what.
func (c *checker) bindings(f *ast.File) {
	called := map[ast.Expr]bool{}
	bind := func(to ast.Expr, value ast.Expr) {
		obj := c.object(to)
		value = ast.Unparen(value)
		if lit, ok := value.(*ast.FuncLit); ok && obj != nil {
			c.bound[obj] = append(c.bound[obj], lit)
			called[lit] = true
		}
		if fn := c.callee(value); fn != nil && obj != nil {
			c.bound[obj] = append(c.bound[obj], fn)
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			called[ast.Unparen(n.Fun)] = true
			if sel, ok := ast.Unparen(n.Fun).(*ast.SelectorExpr); ok {
				called[sel.Sel] = true
			}
		case *ast.AssignStmt:
			if len(n.Lhs) == len(n.Rhs) {
				for i := range n.Lhs {
					bind(n.Lhs[i], n.Rhs[i])
				}
			}
		case *ast.ValueSpec:
			for i := range n.Values {
				if len(n.Names) == len(n.Values) {
					bind(n.Names[i], n.Values[i])
				}
			}
		case *ast.CompositeLit:
			c.fields(n, func(field *types.Var, value ast.Expr) {
				if lit, ok := ast.Unparen(value).(*ast.FuncLit); ok {
					c.bound[field] = append(c.bound[field], lit)
				}
				if fn := c.callee(value); fn != nil {
					c.bound[field] = append(c.bound[field], fn)
				}
			})
		}
		return true
	})
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			if !called[n] {
				c.free[n] = true
			}
		case *ast.Ident:
			if called[n] {
				return true
			}
			switch obj := c.TypesInfo.Uses[n].(type) {
			case *types.Func:
				c.free[obj.Origin()] = true
			case *types.Var: // a variable that holds functions is handed on
				for _, fn := range c.bound[obj] {
					c.free[fn] = true
				}
			}
		}
		return true
	})
}

// function reads a declared function.
func (c *checker) function(d *ast.FuncDecl) {
	fn := c.TypesInfo.Defs[d.Name].(*types.Func)
	c.fn = fn.FullName()
	sig := fn.Signature()
	for i := range sig.Params().Len() {
		p := sig.Params().At(i)
		if fn.Exported() || c.free[fn] || sig.Recv() != nil && c.byInterface(fn.Name()) || fn.Name() == "main" {
			c.flow(p, c.unknown(d.Name, "parameter "+p.Name()+" of "+fn.Name()))
		}
	}
	if recv := sig.Recv(); recv != nil && fn.Exported() {
		c.flow(recv, c.unknown(d.Name, "a value of "+recv.Type().String()))
	}
	if d.Body != nil {
		c.body(d.Body, fn, sig)
	}
}

// byInterface reports names of methods that an interface of this package calls.
func (c *checker) byInterface(name string) bool {
	scope := c.Pkg.Scope()
	for _, of := range scope.Names() {
		if t, ok := scope.Lookup(of).(*types.TypeName); ok {
			if i, ok := t.Type().Underlying().(*types.Interface); ok {
				for m := range i.Methods() {
					if m.Name() == name {
						return true
					}
				}
			}
		}
	}
	return false
}

// body reads statements. of is the function whose results returns are, nil outside of
// functions.
func (c *checker) body(n ast.Node, of any, sig *types.Signature) {
	if sig != nil {
		for i := range sig.Results().Len() {
			if r := sig.Results().At(i); r.Name() != "" {
				c.flow(result{of, i}, flow{fit: anything, from: []node{r}})
			}
		}
	}
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			own := c.TypesInfo.TypeOf(n).(*types.Signature)
			if c.free[n] {
				for p := range own.Params().Variables() {
					c.flow(p, c.unknown(n, "parameter "+p.Name()+" of a function"))
				}
			}
			c.body(n.Body, n, own)
			return false
		case *ast.ReturnStmt:
			c.returns(n, of, sig)
		case *ast.AssignStmt:
			c.assign(n.Lhs, n.Rhs)
			c.titles(n)
		case *ast.ValueSpec:
			if len(n.Values) > 0 {
				names := make([]ast.Expr, len(n.Names))
				for i := range n.Names {
					names[i] = n.Names[i]
				}
				c.assign(names, n.Values)
			}
		case *ast.RangeStmt:
			from := c.eval(n.X)
			if n.Value != nil {
				c.flow(c.root(n.Value), from)
			}
			if n.Key != nil {
				switch c.TypesInfo.TypeOf(n.X).Underlying().(type) {
				case *types.Map, *types.Signature, *types.Chan:
					c.flow(c.root(n.Key), from)
				}
			}
		case *ast.TypeSwitchStmt:
			if a, ok := n.Assign.(*ast.AssignStmt); ok {
				from := c.eval(a.Rhs[0].(*ast.TypeAssertExpr).X)
				for _, clause := range n.Body.List {
					if obj := c.TypesInfo.Implicits[clause]; obj != nil {
						c.flow(obj, from)
					}
				}
			}
		case *ast.SendStmt:
			c.flow(c.root(n.Chan), c.eval(n.Value))
		case *ast.CompositeLit:
			c.fields(n, func(field *types.Var, value ast.Expr) {
				c.flow(field.Origin(), c.value(value, field.Type()))
				c.titled(field, value)
			})
			c.server(n)
		case *ast.SelectorExpr:
			c.standard(n)
		case *ast.CallExpr:
			c.call(n)
		}
		return true
	})
}

func (c *checker) returns(n *ast.ReturnStmt, of any, sig *types.Signature) {
	if sig == nil {
		return
	}
	if len(n.Results) == 1 && sig.Results().Len() > 1 {
		for i := range sig.Results().Len() {
			c.flow(result{of, i}, c.nth(n.Results[0], i))
		}
		return
	}
	for i, r := range n.Results {
		c.flow(result{of, i}, c.value(r, sig.Results().At(i).Type()))
	}
}

func (c *checker) assign(to, from []ast.Expr) {
	for i, lhs := range to {
		if len(from) == len(to) {
			c.flow(c.root(lhs), c.value(from[i], c.TypesInfo.TypeOf(lhs)))
		} else {
			c.flow(c.root(lhs), c.nth(from[0], i))
		}
	}
}

// nth is value n of an expression that has several.
func (c *checker) nth(x ast.Expr, n int) flow {
	x = ast.Unparen(x)
	if call, ok := x.(*ast.CallExpr); ok {
		return c.called(call, n)
	}
	if n > 0 {
		return clean // the bool of an index, an assertion or a receive
	}
	return c.eval(x)
}

// fields calls do for each field that a composite literal sets.
func (c *checker) fields(lit *ast.CompositeLit, do func(*types.Var, ast.Expr)) {
	t := c.TypesInfo.TypeOf(lit).Underlying()
	if p, ok := t.(*types.Pointer); ok { // &T left out in a slice of pointers
		t = p.Elem().Underlying()
	}
	s, ok := t.(*types.Struct)
	if !ok {
		return
	}
	for i, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if field, ok := c.TypesInfo.Uses[kv.Key.(*ast.Ident)].(*types.Var); ok {
				do(field.Origin(), kv.Value)
			}
			continue
		}
		do(s.Field(i).Origin(), e)
	}
}

// object is the variable or field that an expression names.
func (c *checker) object(x ast.Expr) types.Object {
	switch x := ast.Unparen(x).(type) {
	case *ast.Ident:
		if v, ok := c.TypesInfo.ObjectOf(x).(*types.Var); ok {
			return v.Origin()
		}
	case *ast.SelectorExpr:
		if v, ok := c.TypesInfo.Uses[x.Sel].(*types.Var); ok {
			return v.Origin()
		}
	}
	return nil
}

// root is the variable or field that holds the value of an expression, or whose
// elements it is one of.
func (c *checker) root(x ast.Expr) node {
	for {
		switch y := ast.Unparen(x).(type) {
		case *ast.IndexExpr:
			x = y.X
		case *ast.SliceExpr:
			x = y.X
		case *ast.StarExpr:
			x = y.X
		case *ast.UnaryExpr:
			x = y.X
		default:
			if obj := c.object(y); obj != nil {
				return obj
			}
			return nil
		}
	}
}
