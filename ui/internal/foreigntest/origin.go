package foreigntest

import (
	"go/ast"
	"go/constant"
	"go/types"
	"strings"
)

// value is where the text of an expression comes from that becomes a value of a type. In
// an interface, its method String or Error is what will be written.
func (c *checker) value(x ast.Expr, as types.Type) flow {
	if as != nil && types.IsInterface(as) {
		return c.printed(x)
	}
	return c.eval(x)
}

// printed is where the text comes from that fmt writes of an expression.
func (c *checker) printed(x ast.Expr) flow {
	t := c.TypesInfo.TypeOf(x)
	switch {
	case t == nil || c.TypesInfo.Types[x].Value != nil && !isNamed(t), types.IsInterface(t):
		return c.eval(x)
	case isText(t):
		return flow{fit: screen}
	}
	for _, name := range []string{"Error", "String"} {
		obj, _, _ := types.LookupFieldOrMethod(t, true, nil, name)
		if fn, ok := obj.(*types.Func); ok && fn.Signature().Params().Len() == 0 {
			return c.result(x, fn, 0)
		}
	}
	if isNumber(t) {
		return clean
	}
	return c.eval(x)
}

func isNamed(t types.Type) bool {
	_, ok := types.Unalias(t).(*types.Named)
	return ok
}

// isText reports safe.Text.
func isText(t types.Type) bool { return t.String() == module+"/ui/safe.Text" }

// isNumber reports values that have no text in them. A byte or a rune may be a part of
// a foreign text.
func isNumber(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	if !ok {
		return false
	}
	switch b.Kind() {
	case types.Uint8, types.Int32, types.UntypedRune:
		return isNamed(t)
	}
	return b.Info()&(types.IsNumeric|types.IsBoolean) != 0
}

// eval is where the text of an expression comes from.
func (c *checker) eval(x ast.Expr) flow {
	x = ast.Unparen(x)
	tv := c.TypesInfo.Types[x]
	switch {
	case tv.Value != nil, tv.IsNil():
		return clean
	case tv.Type != nil && isText(tv.Type):
		return flow{fit: screen}
	case tv.Type != nil && isNumber(tv.Type):
		return clean
	}
	switch x := x.(type) {
	case *ast.Ident:
		return c.variable(x, x)
	case *ast.SelectorExpr:
		return c.variable(x.Sel, x)
	case *ast.StarExpr:
		return c.eval(x.X)
	case *ast.UnaryExpr:
		return c.eval(x.X)
	case *ast.TypeAssertExpr:
		return c.eval(x.X)
	case *ast.IndexExpr:
		return c.eval(x.X)
	case *ast.SliceExpr:
		return c.eval(x.X)
	case *ast.BinaryExpr:
		return c.eval(x.X).and(c.eval(x.Y))
	case *ast.FuncLit:
		return clean
	case *ast.CompositeLit:
		f := clean
		_, isMap := tv.Type.Underlying().(*types.Map)
		for _, e := range x.Elts {
			if kv, ok := e.(*ast.KeyValueExpr); ok {
				if isMap {
					f = f.and(c.eval(kv.Key))
				}
				e = kv.Value
			}
			f = f.and(c.eval(e))
		}
		return f
	case *ast.CallExpr:
		return c.called(x, 0)
	}
	return c.unknown(x, "an expression")
}

// variable is where the text of a variable or a field comes from.
func (c *checker) variable(id *ast.Ident, x ast.Expr) flow {
	v, ok := c.TypesInfo.ObjectOf(id).(*types.Var)
	if !ok {
		return clean // a function, a type or a package
	}
	v = v.Origin()
	switch {
	case v.Pkg() == c.Pkg && (!v.IsField() || !v.Exported()):
		return flow{fit: anything, from: []node{v}}
	case v.Name() == "Text" && v.IsField() && v.Pkg().Path() == module+"/ui/safe": // of a safe.Run
		return flow{fit: screen}
	case !v.IsField() && v.Pkg().Scope().Lookup(v.Name()) == v && isError(v.Type()):
		return clean // such as io.EOF
	case v.IsField():
		return c.unknown(x, "field "+v.Name())
	}
	return c.unknown(x, "variable "+v.Name())
}

func isError(t types.Type) bool { return t.String() == "error" }

// callee is the function that an expression names.
func (c *checker) callee(x ast.Expr) *types.Func {
	switch x := ast.Unparen(x).(type) {
	case *ast.Ident:
		if fn, ok := c.TypesInfo.Uses[x].(*types.Func); ok {
			return fn.Origin()
		}
	case *ast.SelectorExpr:
		if fn, ok := c.TypesInfo.Uses[x.Sel].(*types.Func); ok {
			return fn.Origin()
		}
	case *ast.IndexExpr: // of a generic function
		return c.callee(x.X)
	}
	return nil
}

// called is where the text of result n of a call comes from.
func (c *checker) called(call *ast.CallExpr, n int) flow {
	fun := ast.Unparen(call.Fun)
	if c.TypesInfo.Types[fun].IsType() {
		return c.converted(call)
	}
	if id, ok := fun.(*ast.Ident); ok {
		if b, ok := c.TypesInfo.Uses[id].(*types.Builtin); ok {
			return c.builtin(b.Name(), call)
		}
	}
	fn := c.callee(fun)
	if fn == nil {
		return c.dynamic(call, fun, n)
	}
	if lit := c.formatted(call, fn); lit != nil {
		return *lit
	}
	return c.result(call, fn, n)
}

// converted is a conversion. A number becomes the character of that number.
func (c *checker) converted(call *ast.CallExpr) flow {
	from, to := c.TypesInfo.TypeOf(call.Args[0]), c.TypesInfo.TypeOf(call)
	if isNumber(from) && !isNumber(to) {
		return c.unknown(call, "the character of a number")
	}
	return c.eval(call.Args[0])
}

func (c *checker) builtin(name string, call *ast.CallExpr) flow {
	switch name {
	case "append", "min", "max":
		return c.all(call.Args)
	}
	return clean // recover too: its value is on its way already
}

func (c *checker) all(args []ast.Expr) flow {
	f := clean
	for _, arg := range args {
		f = f.and(c.eval(arg))
	}
	return f
}

// dynamic is the call of a function that is the value of a variable or a field.
func (c *checker) dynamic(call *ast.CallExpr, fun ast.Expr, n int) flow {
	if lit, ok := fun.(*ast.FuncLit); ok {
		return flow{fit: anything, from: []node{result{lit, n}}}
	}
	obj := c.object(fun)
	if obj != nil && obj.Name() == "Clip" && obj.Pkg().Path() == module+"/model" { // the analyzer sees to it that it is safe.Clip
		return flow{fit: clip}
	}
	if obj == nil || obj.Pkg() != c.Pkg || len(c.bound[obj]) == 0 {
		return c.unknown(call, "a function that is a value")
	}
	f := clean
	for _, of := range c.bound[obj] {
		if fn, ok := of.(*types.Func); ok {
			f = f.and(c.result(call, fn, n))
			continue
		}
		f.from = append(f.from, result{of, n})
	}
	return f
}

// result is where the text of a function's result comes from. at is the call, or the
// value that has the method.
func (c *checker) result(at ast.Expr, fn *types.Func, n int) flow {
	path, call := "", (*ast.CallExpr)(nil)
	if fn.Pkg() != nil {
		path = fn.Pkg().Path()
	}
	call, _ = at.(*ast.CallExpr)
	if r := fn.Signature().Results(); n < r.Len() {
		switch t := r.At(n).Type(); {
		case isText(t):
			return flow{fit: screen}
		case isNumber(t):
			return clean
		}
	}
	if _, ok := Trusted[fn.FullName()]; ok {
		c.trusted[fn.FullName()] = true
		return flow{fit: screen | record}
	}
	switch {
	case path == module+"/ui/safe" && path != c.Pkg.Path():
		if f, ok := safeResults[fn.Name()]; ok && n == 0 {
			return flow{fit: f, why: "the result of safe." + fn.Name()}
		}
		if fn.Name() == "String" || n > 0 { // of a Text; the errors are constants
			return flow{fit: screen, why: "a text for the screen"}
		}
	case fn.FullName() == "strconv.QuoteToASCII":
		return flow{fit: screen | record}
	case path == "encoding/hex", path == "encoding/base64", fn.FullName() == "(reflect.Type).String":
		return clean
	case path == "time":
		return c.timed(call, fn)
	case path == c.Pkg.Path() && !isMethodOfInterface(fn):
		return flow{fit: anything, from: []node{result{fn, n}}}
	case strings.HasPrefix(path, module+"/") && !isMethodOfInterface(fn):
		var known results
		if c.ImportObjectFact(fn, &known) && n < len(known.Fit) {
			f := flow{fit: known.Fit[n]}
			if f.fit != anything {
				f.why = c.unknown(at, "the result of "+fn.Name()).why
			}
			return f
		}
	case pure[path] && call != nil && !isMethodOfInterface(fn):
		f := c.all(call.Args)
		if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && fn.Signature().Recv() != nil {
			f = f.and(c.eval(sel.X))
		}
		return f
	}
	return c.unknown(at, "the result of "+fn.Name())
}

// timed is a time in words. The name of a time zone comes from the machine's files.
func (c *checker) timed(call *ast.CallExpr, fn *types.Func) flow {
	switch fn.Name() {
	case "Format":
		if layout := c.TypesInfo.Types[call.Args[0]].Value; layout != nil && !strings.Contains(constant.StringVal(layout), "MST") {
			return clean
		}
		return c.unknown(call, "a time with the name of its zone, or in another form")
	case "String": // of a Duration, a Month, a Weekday
		if recv := fn.Signature().Recv().Type().String(); recv != "time.Time" && recv != "*time.Location" {
			return clean
		}
	}
	if call == nil {
		return flow{why: "a time.Time as it is"}
	}
	return c.unknown(call, "the result of "+fn.Name())
}

func isMethodOfInterface(fn *types.Func) bool {
	recv := fn.Signature().Recv()
	return recv != nil && types.IsInterface(recv.Type())
}

// formatted is the text of a call of fmt's functions that return one, nil for others.
func (c *checker) formatted(call *ast.CallExpr, fn *types.Func) *flow {
	if fn.Pkg() == nil || fn.Pkg().Path() != "fmt" {
		return nil
	}
	var f flow
	switch fn.Name() {
	case "Sprintf", "Errorf":
		f = c.format(call.Args[0], call.Args[1:], call.Ellipsis.IsValid())
	case "Sprint", "Sprintln":
		f = c.prints(call.Args)
	case "Append", "Appendln":
		f = c.eval(call.Args[0]).and(c.prints(call.Args[1:]))
	case "Appendf":
		f = c.eval(call.Args[0]).and(c.format(call.Args[1], call.Args[2:], call.Ellipsis.IsValid()))
	default:
		return nil
	}
	return &f
}

func (c *checker) prints(args []ast.Expr) flow {
	f := clean
	for _, arg := range args {
		f = f.and(c.printed(arg))
	}
	return f
}

// format is the text of a format and its arguments. Verbs that write nothing but
// numbers, types or ASCII make any argument fit.
func (c *checker) format(format ast.Expr, args []ast.Expr, spread bool) flow {
	text := c.TypesInfo.Types[format].Value
	if text == nil || spread {
		return c.eval(format).and(c.prints(args))
	}
	f := clean
	verbs := verbsOf(constant.StringVal(text))
	for i, arg := range args {
		switch verb := ""; {
		case i < len(verbs):
			verb = verbs[i]
			switch {
			case strings.ContainsAny(verb, "dxXTtUpbeEfFgGo*"):
			case verb == "+q":
				f = f.and(flow{fit: screen | record})
			case strings.HasSuffix(verb, "c"):
				f = f.and(c.eval(arg))
			default: // also of q, which leaves what is invisible
				f = f.and(c.printed(arg))
			}
		default:
			f = f.and(c.printed(arg))
		}
	}
	return f
}

// verbsOf returns the verb of each argument of a format, with a + before it if it has one.
func verbsOf(format string) (verbs []string) {
	for {
		_, rest, ok := strings.Cut(format, "%")
		if !ok {
			return verbs
		}
		plus := ""
		for rest != "" && strings.ContainsRune("+-# 0123456789.*[]", rune(rest[0])) {
			if rest[0] == '*' {
				verbs = append(verbs, "*")
			}
			if rest[0] == '+' {
				plus = "+"
			}
			rest = rest[1:]
		}
		if rest == "" {
			return verbs
		}
		if rest[0] != '%' {
			verbs = append(verbs, plus+rest[:1])
		}
		format = rest[1:]
	}
}
