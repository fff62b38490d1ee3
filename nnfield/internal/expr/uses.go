package expr

// Uses tells whether the expression mentions a variable or a parameter.
func (e *Expr) Uses(variable string) bool { return e.root.uses(variable, map[*node]bool{}) }

func (x *node) uses(variable string, seen map[*node]bool) bool {
	if x == nil || seen[x] {
		return false
	}
	seen[x] = true
	if x.kind == name {
		return x.name == variable
	}
	return x.a.uses(variable, seen) || x.b.uses(variable, seen)
}
