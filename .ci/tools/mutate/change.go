package main

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/tools/go/packages"
)

// change writes the package's files with all changes in them, and the overlay that puts
// them in place of the files.
func change(root, dir, only, work string) ([]*mutant, error) {
	loaded, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedFiles | packages.NeedCompiledGoFiles | packages.NeedSyntax |
			packages.NeedTypes | packages.NeedTypesInfo | packages.NeedImports | packages.NeedDeps,
		Dir: root,
	}, "./"+dir)
	if err != nil {
		return nil, err
	}
	p := loaded[0]
	if len(p.Errors) > 0 {
		return nil, p.Errors[0]
	}
	e := &editor{fset: p.Fset, info: p.TypesInfo, root: root}
	replace := map[string]string{}
	for i, file := range p.Syntax {
		name := p.CompiledGoFiles[i]
		if only != "" && !slices.Contains(strings.Split(only, ","), filepath.Base(name)) {
			continue
		}
		if e.text, err = os.ReadFile(name); err != nil {
			return nil, err
		}
		e.edits = nil
		ast.Inspect(file, e.visit)
		changed := filepath.Join(work, fmt.Sprintf("%d.go", i))
		if err := os.WriteFile(changed, e.apply(), 0o600); err != nil {
			return nil, err
		}
		replace[name] = changed
	}
	switched := filepath.Join(work, "switch.go")
	if err := os.WriteFile(switched, []byte(fmt.Sprintf(switches, p.Name, len(e.mutants)+1)), 0o600); err != nil {
		return nil, err
	}
	replace[filepath.Join(root, dir, "zz_mutate.go")] = switched
	return e.mutants, writeOverlay(work, replace)
}

// An editor collects the edits of one file after the other.
type editor struct {
	fset    *token.FileSet
	info    *types.Info
	root    string
	text    []byte
	edits   []edit
	mutants []*mutant
}

// An edit replaces the text from one offset to another.
type edit struct {
	from, to int
	text     string
}

func (e *editor) apply() []byte {
	// Edits at one place stay in the order in which they were made: the opening text of an
	// outer expression before that of an inner one. All closing texts are parentheses.
	slices.SortStableFunc(e.edits, func(a, b edit) int { return a.from - b.from })
	var out []byte
	at := 0
	for _, one := range e.edits {
		out = append(out, e.text[at:one.from]...)
		out = append(out, one.text...)
		at = one.to
	}
	return append(out, e.text[at:]...)
}

func (e *editor) offset(pos token.Pos) int { return e.fset.Position(pos).Offset }

func (e *editor) new(at token.Pos, what string) int {
	where := e.fset.Position(at)
	name, err := filepath.Rel(e.root, where.Filename)
	if err != nil {
		name = where.Filename
	}
	id := len(e.mutants) + 1
	e.mutants = append(e.mutants, &mutant{id: id, place: fmt.Sprintf("%s:%d:%d", name, where.Line, where.Column), what: what})
	return id
}

var opposite = map[token.Token]token.Token{
	token.EQL: token.NEQ, token.NEQ: token.EQL, token.LSS: token.GEQ, token.GEQ: token.LSS, token.GTR: token.LEQ, token.LEQ: token.GTR,
}

var boundary = map[token.Token]token.Token{
	token.LSS: token.LEQ, token.LEQ: token.LSS, token.GTR: token.GEQ, token.GEQ: token.GTR,
}

var arithmetic = map[token.Token]token.Token{
	token.ADD: token.SUB, token.SUB: token.ADD, token.MUL: token.QUO, token.QUO: token.MUL, token.REM: token.MUL,
}

func (e *editor) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.GenDecl:
		return n.Tok == token.VAR // constants and types are left alone
	case *ast.ArrayType:
		ast.Inspect(n.Elt, e.visit)
		return false
	case *ast.BinaryExpr:
		return !e.constant(n) && !e.binary(n)
	case *ast.UnaryExpr:
		if n.Op == token.SUB && !e.constant(n) {
			id := e.new(n.OpPos, "- became +")
			e.edits = append(e.edits, edit{e.offset(n.OpPos), e.offset(n.OpPos) + 1, fmt.Sprintf("mutSign(%d, ", id)}, edit{e.offset(n.End()), e.offset(n.End()), ")"})
		}
	case *ast.IncDecStmt:
		was, is, sign := "++", "--", "+="
		if n.Tok == token.DEC {
			was, is, sign = "--", "++", "-="
		}
		id := e.new(n.TokPos, was+" became "+is)
		x := string(e.text[e.offset(n.X.Pos()):e.offset(n.X.End())])
		at := e.offset(n.TokPos)
		e.edits = append(e.edits, edit{at, at + 2, fmt.Sprintf(" %s mutStep(%d, %s)", sign, id, x)})
	}
	return true
}

func (e *editor) constant(n ast.Expr) bool { return e.info.Types[n].Value != nil }

func (e *editor) number(n ast.Expr) (integer, ok bool) {
	basic, ok := e.info.TypeOf(n).Underlying().(*types.Basic)
	if !ok || basic.Info()&types.IsNumeric == 0 || basic.Info()&types.IsComplex != 0 {
		return false, false
	}
	return basic.Info()&types.IsInteger != 0, true
}

// ordered tells whether both sides have one type that < can compare.
func (e *editor) ordered(n *ast.BinaryExpr) bool {
	for _, side := range []ast.Expr{n.X, n.Y} {
		if e.constant(side) {
			continue
		}
		basic, ok := e.info.TypeOf(side).Underlying().(*types.Basic)
		return ok && basic.Info()&types.IsOrdered != 0
	}
	return false
}

// binary changes an operator and the expressions on both of its sides. changed is false
// for an operator that it leaves alone, with its sides.
func (e *editor) binary(n *ast.BinaryExpr) (changed bool) {
	from, to := e.offset(n.Pos()), e.offset(n.End())
	op := e.offset(n.OpPos)
	put := func(from, to int, format string, a ...any) {
		e.edits = append(e.edits, edit{from, to, fmt.Sprintf(format, a...)})
	}
	switch other, isBoundary := boundary[n.Op]; {
	case isBoundary && e.ordered(n):
		one := e.new(n.OpPos, fmt.Sprintf("%s became %s", n.Op, opposite[n.Op]))
		two := e.new(n.OpPos, fmt.Sprintf("%s became %s", n.Op, other))
		put(from, from, "mutNot(%d, mutCompare(%d, ", one, two)
		ast.Inspect(n.X, e.visit)
		put(op, op+len(n.Op.String()), ", %q, ", n.Op.String())
		ast.Inspect(n.Y, e.visit)
		put(to, to, "))")
	case opposite[n.Op] != 0:
		id := e.new(n.OpPos, fmt.Sprintf("%s became %s", n.Op, opposite[n.Op]))
		put(from, from, "mutNot(%d, ", id)
		ast.Inspect(n.X, e.visit)
		ast.Inspect(n.Y, e.visit)
		put(to, to, ")")
	case arithmetic[n.Op] != 0:
		integer, ok := e.number(n)
		if !ok {
			return false
		}
		name := "mutFloats"
		if integer {
			name = "mutIntegers"
		}
		id := e.new(n.OpPos, fmt.Sprintf("%s became %s", n.Op, arithmetic[n.Op]))
		put(from, from, "%s(%d, ", name, id)
		ast.Inspect(n.X, e.visit)
		put(op, op+1, ", %q, ", n.Op.String())
		ast.Inspect(n.Y, e.visit)
		put(to, to, ")")
	default:
		return false
	}
	return true
}

// switches is the file that is added to the package: its name and the number of changes.
const switches = `package %[1]s

import (
	"cmp"
	"os"
	"strconv"
	"sync/atomic"
)

var (
	mutActive, _ = strconv.Atoi(os.Getenv("IDTOP_MUTANT"))
	mutLog       = os.Getenv("IDTOP_REACHED")
	mutSeen      [%[2]d]atomic.Bool
)

func mutOn(id int) bool {
	if mutLog != "" && !mutSeen[id].Swap(true) {
		if f, err := os.OpenFile(mutLog, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600); err == nil {
			_, _ = f.WriteString(strconv.Itoa(id) + " ")
			_ = f.Close()
		}
	}
	return id == mutActive
}

func mutNot[T ~bool](id int, is T) T {
	if mutOn(id) {
		return !is
	}
	return is
}

func mutCompare[T cmp.Ordered](id int, a T, op string, b T) bool {
	other := mutOn(id)
	switch op {
	case "<":
		return a < b || other && a == b
	case "<=":
		return a < b || !other && a == b
	case ">":
		return a > b || other && a == b
	}
	return a > b || !other && a == b
}

type mutInteger interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uintptr
}

type mutNumber interface{ mutInteger | ~float32 | ~float64 }

func mutIntegers[T mutInteger](id int, a T, op string, b T) T {
	if op == "%%" {
		if mutOn(id) {
			return a * b
		}
		return a %% b
	}
	return mutFloats(id, a, op, b)
}

func mutFloats[T mutNumber](id int, a T, op string, b T) T {
	if mutOn(id) {
		op = map[string]string{"+": "-", "-": "+", "*": "/", "/": "*"}[op]
	}
	switch op {
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	}
	return a / b
}

func mutSign[T mutNumber](id int, a T) T {
	if mutOn(id) {
		return a
	}
	return -a
}

func mutStep[T mutNumber](id int, _ T) T {
	if mutOn(id) {
		return -T(1)
	}
	return T(1)
}
`
