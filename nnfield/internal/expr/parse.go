package expr

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/scanner"
	"go/token"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/nnfield/nnfield/nnfield/internal/nearest"
)

const (
	maxSource = 4096 // bytes
	maxDepth  = 200  // nested operations; also bounds the terms of one sum
)

// Parse reads an expression of the given variables, whose order is that of the
// arguments of [Expr.Eval], with values for its parameters.
//
// It fails, naming the column, if the source is not an expression as the package
// comment describes, uses a name that is neither a variable nor a parameter, or
// is longer than 4096 bytes or more than 200 operations deep; and if a name of
// a variable or a parameter is not a Go identifier, is given twice or belongs to
// a function or pi, or a parameter is not finite.
func Parse(source string, variables []string, parameters map[string]float64) (*Expr, error) {
	if err := checkNames(variables, parameters); err != nil {
		return nil, err
	}
	if len(source) > maxSource {
		return nil, fmt.Errorf("expression of %d bytes; at most %d are read", len(source), maxSource)
	}
	if strings.TrimSpace(source) == "" {
		return nil, errors.New("empty expression; write one such as 0.5*x*x")
	}
	r := reader{
		source:    source,
		files:     token.NewFileSet(),
		names:     slices.Concat(variables, slices.Sorted(maps.Keys(parameters)), []string{"pi"}),
		build:     builder{},
		variables: variables,
	}
	tree, err := parser.ParseExprFrom(r.files, "", source, parser.SkipObjectResolution)
	if list := (scanner.ErrorList)(nil); errors.As(err, &list) && len(list) > 0 {
		return nil, r.at(list[0].Pos.Offset, "%s", syntax(list[0].Msg))
	}
	if err != nil {
		return nil, r.at(0, "%v", err)
	}
	root, err := r.read(tree, 0)
	if err != nil {
		return nil, err
	}
	return newExpr(root, slices.Clone(variables), maps.Clone(parameters)), nil
}

// syntax puts what Go's parser says into the words of expressions.
func syntax(message string) string {
	if found, ok := strings.CutPrefix(message, "expected 'EOF', found "); ok {
		return "unexpected " + found + "; to multiply, write *"
	}
	if strings.Contains(message, "digit") || strings.Contains(message, "exponent") {
		return "this is neither a number nor a name; to multiply, write *"
	}
	return message
}

// checkNames returns what is wrong with the names or the parameters.
func checkNames(variables []string, parameters map[string]float64) error {
	check := func(what, name string) error {
		switch {
		case !token.IsIdentifier(name) || name == "_":
			return fmt.Errorf("%s %q: not a name; use letters, digits and underscores, but no keyword of Go", what, name)
		case name == "pi" || slices.Contains(functionNames, name):
			return fmt.Errorf("%s %q: the name is taken by the language of expressions; choose another", what, name)
		}
		return nil
	}
	for i, v := range variables {
		if err := check("variable", v); err != nil {
			return err
		}
		if slices.Contains(variables[:i], v) {
			return fmt.Errorf("variable %q: given twice", v)
		}
	}
	for _, p := range slices.Sorted(maps.Keys(parameters)) {
		if err := check("parameter", p); err != nil {
			return err
		}
		if slices.Contains(variables, p) {
			return fmt.Errorf("parameter %q: also a variable; rename one of them", p)
		}
		if v := parameters[p]; math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("parameter %q: %v; it must be finite", p, v)
		}
	}
	return nil
}

// reader turns a tree of package ast into nodes.
type reader struct {
	source    string
	files     *token.FileSet
	names     []string // all that may stand alone
	variables []string
	build     builder
}

// at returns an error with the column, counted in characters from 1.
func (r *reader) at(offset int, format string, args ...any) error {
	offset = min(offset, len(r.source))
	column := utf8.RuneCountInString(r.source[:offset]) + 1
	shown := r.source
	if lo, hi := max(0, offset-40), min(len(shown), offset+40); len(shown) > 80 {
		shown = "…" + strings.ToValidUTF8(shown[lo:hi], "") + "…"
	}
	return fmt.Errorf("column %d of %q: %s", column, shown, fmt.Sprintf(format, args...))
}

// read returns the node of x, which stands depth operations deep.
func (r *reader) read(x ast.Expr, depth int) (*node, error) {
	fail := func(at token.Pos, format string, args ...any) (*node, error) {
		return nil, r.at(r.files.Position(at).Offset, format, args...)
	}
	if depth > maxDepth {
		return fail(x.Pos(), "more than %d operations deep; group the terms with parentheses or simplify", maxDepth)
	}
	switch x := x.(type) {
	case *ast.ParenExpr:
		return r.read(x.X, depth+1)
	case *ast.BasicLit:
		return r.number(x)
	case *ast.Ident:
		if slices.Contains(r.names, x.Name) {
			return r.build.name(x.Name), nil
		}
		if slices.Contains(functionNames, x.Name) {
			return fail(x.Pos(), "the function %s needs an argument in parentheses", x.Name)
		}
		return fail(x.Pos(), "unknown name %s%s; known are %s", x.Name,
			suggestion(x.Name, slices.Concat(r.names, functionNames)), strings.Join(r.names, ", "))
	case *ast.UnaryExpr:
		if x.Op != token.ADD && x.Op != token.SUB {
			return fail(x.Pos(), "%s is not part of expressions; the signs are + and -", x.Op)
		}
		a, err := r.read(x.X, depth+1)
		if err == nil && x.Op == token.SUB {
			a = r.build.negate(a)
		}
		return a, err
	case *ast.BinaryExpr:
		var combine func(x, y *node) *node
		switch x.Op {
		case token.ADD:
			combine = r.build.plus
		case token.SUB:
			combine = r.build.minus
		case token.MUL:
			combine = r.build.times
		case token.QUO:
			combine = r.build.over
		case token.XOR:
			return fail(x.OpPos, "^ is not a power; write pow(x, n)")
		default:
			return fail(x.OpPos, "%s is not part of expressions; the operators are + - * /", x.Op)
		}
		a, err := r.read(x.X, depth+1)
		if err != nil {
			return nil, err
		}
		b, err := r.read(x.Y, depth+1)
		if err != nil {
			return nil, err
		}
		return combine(a, b), nil
	case *ast.StarExpr:
		return fail(x.Pos(), "* needs a number or a name on its left; a power is written pow(x, n)")
	case *ast.CallExpr:
		return r.call(x, depth)
	}
	return fail(x.Pos(), "only numbers, names, + - * /, parentheses and functions are part of expressions")
}

func (r *reader) call(x *ast.CallExpr, depth int) (*node, error) {
	fail := func(at token.Pos, format string, args ...any) (*node, error) {
		return nil, r.at(r.files.Position(at).Offset, format, args...)
	}
	f, ok := x.Fun.(*ast.Ident)
	switch {
	case !ok:
		return fail(x.Pos(), "only functions are called; to multiply, write *")
	case slices.Contains(r.names, f.Name):
		return fail(x.Pos(), "%s is not a function; to multiply, write %s*(…)", f.Name, f.Name)
	case !slices.Contains(functionNames, f.Name):
		return fail(x.Pos(), "unknown function %s%s; known are %s", f.Name,
			suggestion(f.Name, functionNames), strings.Join(functionNames, ", "))
	case x.Ellipsis.IsValid():
		return fail(x.Ellipsis, "... is not part of expressions")
	}
	want := 1
	if f.Name == "pow" {
		want = 2
	}
	if len(x.Args) != want {
		return fail(x.Pos(), "%s has %d arguments, not %d", f.Name, want, len(x.Args))
	}
	args := [2]*node{}
	for i, a := range x.Args {
		var err error
		if args[i], err = r.read(a, depth+1); err != nil {
			return nil, err
		}
	}
	return r.build.call(f.Name, args[0], args[1]), nil
}

// number reads a decimal number; Go's other literals mean something else to
// those who do not program in Go.
func (r *reader) number(x *ast.BasicLit) (*node, error) {
	v, err := strconv.ParseFloat(x.Value, 64)
	octal := x.Kind == token.INT && len(x.Value) > 1 && x.Value[0] == '0'
	switch offset := r.files.Position(x.Pos()).Offset; {
	case errors.Is(err, strconv.ErrRange):
		return nil, r.at(offset, "%s is too large; numbers end at 1.8e308", x.Value)
	case err != nil || octal || strings.ContainsAny(x.Value, "xX_"):
		return nil, r.at(offset, "%s is not a decimal number; write it as 10, 0.5 or 1e-3", x.Value)
	}
	return r.build.number(v), nil
}

// suggestion ends a message about an unknown word.
func suggestion(word string, candidates []string) string {
	if near := nearest.Name(word, candidates); near != "" {
		return fmt.Sprintf(" (did you mean %s?)", near)
	}
	return ""
}
