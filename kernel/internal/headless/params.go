package headless

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/printer"
	"go/token"
	"go/types"
	"slices"
	"strconv"
	"strings"

	"github.com/nnfield/nnfield/kernel/internal/notebook"
)

// Tags of cells, as papermill has them.
const (
	parametersTag = "parameters"
	injectedTag   = "injected-parameters"
)

// Param is a value for what the cell with the tag "parameters" declares.
type Param struct{ Name, Value string }

// ParseParam reads name=value.
func ParseParam(text string) (Param, error) {
	name, value, ok := strings.Cut(text, "=")
	if !ok || !token.IsIdentifier(name) {
		return Param{}, fmt.Errorf("parameter %q; write name=value, the name as the notebook's parameters cell declares it", text)
	}
	return Param{name, value}, nil
}

// inject puts a cell behind the one tagged "parameters" that declares what
// params name once more, with their values: in GoNB the later declaration holds.
// A cell of an earlier execution is replaced.
func inject(nb *notebook.Notebook, params []Param) error {
	nb.Cells = slices.DeleteFunc(nb.Cells, func(c *notebook.Cell) bool { return slices.Contains(c.Tags(), injectedTag) })
	at := slices.IndexFunc(nb.Cells, func(c *notebook.Cell) bool {
		return c.Kind() == notebook.Code && slices.Contains(c.Tags(), parametersTag)
	})
	if at < 0 {
		return fmt.Errorf("no code cell has the tag %q; give it to the cell that declares %s", parametersTag, params[0].Name)
	}
	declared, err := declarations(nb.Cells[at].Source())
	if err != nil {
		return err
	}
	lines := []string{"// Parameters"}
	for _, p := range params {
		i := slices.IndexFunc(declared, func(d declaration) bool { return d.name == p.Name })
		if i < 0 {
			names := []string{}
			for _, d := range declared {
				names = append(names, d.name)
			}
			if len(names) == 0 {
				return fmt.Errorf("the parameters cell does not declare %s: declare it with var or const, above %%%% if the cell has that line", p.Name)
			}
			return fmt.Errorf("the parameters cell does not declare %s; it declares %s", p.Name, strings.Join(names, ", "))
		}
		line, err := declared[i].with(p.Value)
		if err != nil {
			return err
		}
		lines = append(lines, line)
	}
	nb.Insert(at+1, notebook.NewCode(injectedTag, strings.Join(lines, "\n"), injectedTag))
	return nil
}

// declaration is a variable or constant with its default.
type declaration struct {
	keyword  token.Token // var or const
	name     string
	typ      string // "" if it follows from the default
	fallback ast.Expr
}

// declarations returns what a cell declares above its statements.
func declarations(source string) ([]declaration, error) {
	var code strings.Builder
	for line := range strings.Lines(strings.ReplaceAll(source, "\r\n", "\n")) {
		if strings.HasPrefix(line, "%%") {
			break
		}
		if !strings.HasPrefix(line, "%") && !strings.HasPrefix(line, "!") {
			code.WriteString(line)
		}
	}
	file, err := parser.ParseFile(token.NewFileSet(), "parameters", "package cell\n"+code.String(), parser.SkipObjectResolution)
	if err != nil {
		return nil, fmt.Errorf("the parameters cell is not Go: %w", err)
	}
	var all []declaration
	for _, d := range file.Decls {
		group, ok := d.(*ast.GenDecl)
		if !ok || group.Tok != token.VAR && group.Tok != token.CONST {
			continue
		}
		for _, spec := range group.Specs {
			spec := spec.(*ast.ValueSpec)
			for i, name := range spec.Names {
				d := declaration{keyword: group.Tok, name: name.Name}
				if spec.Type != nil {
					d.typ = print(spec.Type)
				}
				if len(spec.Values) == len(spec.Names) {
					d.fallback = spec.Values[i]
				}
				all = append(all, d)
			}
		}
	}
	return all, nil
}

// with returns the declaration with another value, of the same type: a text may
// be given without quotes, 2 for 1.5 stays a float64, and 1e3 for 64 an int.
func (d declaration) with(value string) (string, error) {
	typ := d.typ
	kind := token.ILLEGAL
	fallback := d.fallback
	if sign, ok := fallback.(*ast.UnaryExpr); ok {
		fallback = sign.X
	}
	if literal, ok := fallback.(*ast.BasicLit); ok {
		kind = literal.Kind
	}
	if kind == token.STRING || typ == "string" {
		if _, err := strconv.Unquote(value); err != nil {
			value = strconv.Quote(value)
		}
	} else if _, err := parser.ParseExpr(value); err != nil {
		return "", fmt.Errorf("parameter %s=%s is not a Go expression; quote texts as Go does", d.name, value)
	}
	switch {
	case typ != "":
	case kind == token.FLOAT:
		typ = "float64"
	case kind == token.INT:
		typ = "int"
		// A number is one that an int holds: 1e3 is, 2.5 is not.
		if v, err := types.Eval(token.NewFileSet(), nil, token.NoPos, value); err == nil && v.Value != nil && constant.ToInt(v.Value).Kind() != constant.Int {
			return "", fmt.Errorf("parameter %s=%s: %s is a whole number, as %s; give one, or declare it as a float64 in the notebook", d.name, value, d.name, print(d.fallback))
		}
	}
	if typ != "" {
		typ = " " + typ
	}
	return fmt.Sprintf("%v %s%s = %s", d.keyword, d.name, typ, value), nil
}

func print(e ast.Expr) string {
	var b strings.Builder
	_ = printer.Fprint(&b, token.NewFileSet(), e) // a Builder takes everything
	return b.String()
}
