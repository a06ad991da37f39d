package foreigntest

import (
	"go/ast"
	"go/types"
	"regexp"
	"slices"
	"strings"
)

// logs matches the functions that write to a log.
var logs = regexp.MustCompile(`^(Print|Fatal|Panic)(f|ln)?$|^Output$|^(Debug|Info|Warn|Error)(Context)?$|^Log(Attrs)?$|^With$`)

// call follows the arguments of a call into the function, and finds text that leaves.
func (c *checker) call(call *ast.CallExpr) {
	fun := ast.Unparen(call.Fun)
	if c.TypesInfo.Types[fun].IsType() {
		return
	}
	if id, ok := fun.(*ast.Ident); ok {
		if b, ok := c.TypesInfo.Uses[id].(*types.Builtin); ok {
			switch b.Name() {
			case "panic":
				c.leak(call, c.printed(call.Args[0]), record, "panic")
			case "print", "println":
				c.leak(call, c.prints(call.Args), screen, b.Name())
			case "copy":
				c.flow(c.root(call.Args[0]), c.eval(call.Args[1]))
			}
			return
		}
	}
	fn := c.callee(fun)
	if fn == nil {
		c.arguments(call, fun)
		return
	}
	if fn.Pkg() == c.Pkg && !isMethodOfInterface(fn) {
		c.pass(call, fn.Signature())
	}
	c.leaves(call, fn)
}

// arguments passes the arguments of a call to the functions that a variable holds.
func (c *checker) arguments(call *ast.CallExpr, fun ast.Expr) {
	if lit, ok := fun.(*ast.FuncLit); ok {
		c.pass(call, c.TypesInfo.TypeOf(lit).(*types.Signature))
	}
	for _, of := range c.bound[c.object(fun)] {
		switch of := of.(type) {
		case *ast.FuncLit:
			c.pass(call, c.TypesInfo.TypeOf(of).(*types.Signature))
		case *types.Func:
			if of.Pkg() == c.Pkg {
				c.pass(call, of.Signature())
			}
		}
	}
}

// pass lets the arguments of a call flow into the parameters, and the values that the
// function puts into a slice or a map back into the argument.
func (c *checker) pass(call *ast.CallExpr, sig *types.Signature) {
	params := sig.Params()
	for i, arg := range call.Args {
		at := min(i, params.Len()-1)
		if at < 0 {
			return
		}
		p := params.At(at)
		as := p.Type()
		if sig.Variadic() && at == params.Len()-1 && !call.Ellipsis.IsValid() {
			as = as.(*types.Slice).Elem()
		}
		if call, ok := ast.Unparen(arg).(*ast.CallExpr); ok && len(call.Args) < params.Len() {
			if t, ok := c.TypesInfo.TypeOf(call).(*types.Tuple); ok { // f(g())
				for n := range t.Len() {
					c.flow(params.At(min(n, params.Len()-1)), c.called(call, n))
				}
				continue
			}
		}
		c.flow(p.Origin(), c.value(arg, as))
		switch p.Type().Underlying().(type) {
		case *types.Slice, *types.Map, *types.Pointer:
			c.flow(c.root(arg), flow{fit: anything, from: []node{p.Origin()}})
		}
	}
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && sig.Recv() != nil {
		c.flow(sig.Recv().Origin(), c.eval(sel.X))
	}
}

// leaves finds text that leaves the package by a call.
func (c *checker) leaves(call *ast.CallExpr, fn *types.Func) {
	path := ""
	if fn.Pkg() != nil {
		path = fn.Pkg().Path()
	}
	name, args := fn.Name(), call.Args
	switch path {
	case "fmt":
		c.fmt(call, name)
		return
	case "log", "log/slog":
		if logs.MatchString(name) {
			c.leak(call, c.prints(args), record, path+"."+name)
		}
		return
	case "io":
		switch name {
		case "WriteString":
			c.written(call, args[0], c.eval(args[1]), "io.WriteString")
		case "Copy", "CopyN", "CopyBuffer":
			c.written(call, args[0], c.eval(args[1]), "io."+name)
		}
	case "encoding/json", "encoding/xml", "encoding/gob":
		if name == "NewEncoder" {
			c.written(call, args[0], c.unknown(call, "an encoder's text"), path+".NewEncoder")
		}
	case "encoding/csv":
		if name == "Write" || name == "WriteAll" {
			c.leak(call, c.eval(args[0]), cell, "csv."+name)
		}
		return
	case "charm.land/bubbletea/v2":
		switch name {
		case "SetClipboard", "SetPrimaryClipboard":
			c.leak(call, c.eval(args[0]), clip, "tea."+name)
		case "Printf", "Println", "Raw":
			c.leak(call, c.prints(args), ours, "tea."+name)
		case "NewView", "SetContent":
			c.leak(call, c.eval(args[0]), screen, "tea."+name)
		}
		return
	case "github.com/spf13/cobra":
		if strings.HasPrefix(name, "Print") {
			c.leak(call, c.prints(args), screen, "cobra's "+name)
		}
		return
	}
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && fn.Signature().Recv() != nil {
		switch name {
		case "Write", "WriteString", "WriteByte", "WriteRune":
			if len(args) == 1 && path != c.Pkg.Path() {
				c.written(call, sel.X, c.eval(args[0]), name)
			}
		case "WriteTo":
			if len(args) == 1 {
				c.written(call, args[0], c.eval(sel.X), name)
			}
		}
	}
	if !strings.HasPrefix(path, module+"/") && !pure[path] {
		c.lent(call)
	}
}

// lent notes the variables that others can write to.
func (c *checker) lent(call *ast.CallExpr) {
	for _, arg := range call.Args {
		if u, ok := ast.Unparen(arg).(*ast.UnaryExpr); ok && u.Op.String() == "&" {
			c.flow(c.root(arg), c.unknown(arg, "what others wrote to a variable"))
		}
	}
}

func (c *checker) fmt(call *ast.CallExpr, name string) {
	args := call.Args
	switch name {
	case "Fprint", "Fprintln":
		c.written(call, args[0], c.prints(args[1:]), "fmt."+name)
	case "Fprintf":
		c.written(call, args[0], c.format(args[1], args[2:], call.Ellipsis.IsValid()), "fmt."+name)
	case "Print", "Println":
		c.leak(call, c.prints(args), screen, "fmt."+name)
	case "Printf":
		c.leak(call, c.format(args[0], args[1:], call.Ellipsis.IsValid()), screen, "fmt."+name)
	case "Sscan", "Sscanf", "Sscanln", "Fscan", "Fscanf", "Fscanln", "Scan", "Scanf", "Scanln":
		c.lent(call)
	}
}

// written is text that is written to something: kept if that is memory, otherwise it
// may be a terminal.
func (c *checker) written(call ast.Node, to ast.Expr, text flow, what string) {
	t := c.TypesInfo.TypeOf(to)
	if p, ok := t.Underlying().(*types.Pointer); ok {
		t = p.Elem()
	}
	switch t.String() {
	case "strings.Builder", "bytes.Buffer":
		c.flow(c.root(to), text)
		return
	case "hash.Hash", "net/http.ResponseWriter":
		return
	}
	if c.front {
		c.leak(call, text, screen, what)
	}
}

// standard finds uses of the process's own terminal past the one who has it.
func (c *checker) standard(sel *ast.SelectorExpr) {
	v, ok := c.TypesInfo.Uses[sel.Sel].(*types.Var)
	if !ok || v.Pkg() == nil || v.Pkg().Path() != "os" || v.Name() != "Stdout" && v.Name() != "Stderr" {
		return
	}
	c.leak(sel, flow{why: "only the process has os." + v.Name()}, screen, "os."+v.Name())
}

// titles finds titles and contents of a screen that are set to foreign text.
func (c *checker) titles(n *ast.AssignStmt) {
	for i, lhs := range n.Lhs {
		if v, ok := c.object(lhs).(*types.Var); ok && len(n.Lhs) == len(n.Rhs) {
			c.titled(v, n.Rhs[i])
		}
	}
}

func (c *checker) titled(v *types.Var, value ast.Expr) {
	if v.Pkg() == nil || !v.IsField() {
		return
	}
	switch v.Pkg().Path() + "." + v.Name() {
	case "charm.land/bubbletea/v2.WindowTitle":
		c.leak(value, c.eval(value), ours, "WindowTitle")
	case "charm.land/bubbletea/v2.Content":
		if view := v.Pkg().Scope().Lookup("View").Type().Underlying().(*types.Struct); !slices.Contains(slices.Collect(view.Fields()), v) {
			return // of a paste
		}
		c.leak(value, c.eval(value), screen, "Content")
	case module + "/model.Clip":
		if fn := c.callee(value); fn == nil || fn.FullName() != module+"/ui/safe.Clip" {
			c.leak(value, flow{why: "it is not safe.Clip"}, clip, "Clip")
		}
	case "os/exec.Stdout", "os/exec.Stderr":
		c.written(value, value, c.unknown(value, "the output of a program"), "exec.Cmd")
	}
}

// server finds servers that would log to the terminal.
func (c *checker) server(lit *ast.CompositeLit) {
	if c.TypesInfo.TypeOf(lit).String() != "net/http.Server" {
		return
	}
	for _, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok && kv.Key.(*ast.Ident).Name == "ErrorLog" {
			return
		}
	}
	c.leak(lit, flow{why: "it has no ErrorLog, so it logs to the terminal"}, record, "http.Server")
}
