package expr

import (
	"cmp"
	"math"
	"slices"
)

// derivation simplifies and differentiates. Each node is treated once: the
// results are kept by node.
type derivation struct {
	build     builder
	by        string   // the name to differentiate by
	variables []string // sorted behind parameters
	simple    map[*node]*node
	slopes    map[*node]*node
}

// slope returns ∂x/∂by, not simplified.
func (d *derivation) slope(x *node) *node {
	if s, ok := d.slopes[x]; ok {
		return s
	}
	s := d.differentiate(x)
	d.slopes[x] = s
	return s
}

func (d *derivation) differentiate(x *node) *node {
	b := d.build
	zero, one := b.number(0), b.number(1)
	switch x.kind {
	case number:
		return zero
	case name:
		if x.name == d.by {
			return one
		}
		return zero
	case negate:
		return b.negate(d.slope(x.a))
	case plus:
		return b.plus(d.slope(x.a), d.slope(x.b))
	case minus:
		return b.minus(d.slope(x.a), d.slope(x.b))
	case times:
		return b.plus(b.times(d.slope(x.a), x.b), b.times(x.a, d.slope(x.b)))
	case over: // u′/v − u·v′/v²
		return b.minus(b.over(d.slope(x.a), x.b), b.over(b.times(x.a, d.slope(x.b)), b.pow(x.b, 2)))
	}
	inner := d.slope(x.a)
	if x.name == "pow" {
		outer := d.simplify(d.slope(x.b))
		if outer == zero { // v·u^(v−1)·u′
			return b.times(b.times(x.b, b.call("pow", x.a, b.minus(x.b, one))), inner)
		}
		// u^v·(v′·log u + v·u′/u)
		return b.times(x, b.plus(b.times(outer, b.call("log", x.a, nil)), b.over(b.times(x.b, inner), x.a)))
	}
	if inner == zero {
		return zero
	}
	f := func(name string) *node { return b.call(name, x.a, nil) }
	switch x.name {
	case "abs":
		return b.times(b.over(x.a, x), inner)
	case "cos":
		return b.times(b.negate(f("sin")), inner)
	case "cosh":
		return b.times(f("sinh"), inner)
	case "exp":
		return b.times(x, inner)
	case "log":
		return b.over(inner, x.a)
	case "sech":
		return b.times(b.times(b.negate(x), f("tanh")), inner)
	case "sin":
		return b.times(f("cos"), inner)
	case "sinh":
		return b.times(f("cosh"), inner)
	case "sqrt":
		return b.over(inner, b.times(b.number(2), x))
	case "tan":
		return b.times(b.plus(one, b.pow(x, 2)), inner)
	case "tanh": // sech² does not cancel where 1 − tanh² does
		return b.times(b.pow(f("sech"), 2), inner)
	}
	panic("expr: no derivative of " + x.name)
}

// simplify returns x with like terms and factors collected.
func (d *derivation) simplify(x *node) *node {
	if s, ok := d.simple[x]; ok {
		return s
	}
	s := x
	switch _, _, whole := x.wholePower(); {
	case x.kind == plus || x.kind == minus:
		var terms sum
		d.addTerms(&terms, x, 1)
		s = d.sumNode(terms)
	case x.kind == negate || x.kind == times || x.kind == over || whole:
		p := product{coefficient: 1}
		d.addFactors(&p, x, 1)
		s = d.productNode(p)
	case x.kind == call:
		s = d.simplifyCall(x)
	}
	d.simple[x], d.simple[s] = s, s
	return s
}

// simplifyCall simplifies the arguments, and the call if its value is whole.
func (d *derivation) simplifyCall(x *node) *node {
	a, c := d.simplify(x.a), x.b
	if c != nil {
		c = d.simplify(c)
	}
	s := d.build.call(x.name, a, c)
	if a.kind == number && (c == nil || c.kind == number) {
		p := compile(s, nil, nil)
		if v := p.registers[p.result].value; v == math.Trunc(v) && math.Abs(v) < 1e15 {
			return d.build.number(v)
		}
	}
	if _, _, whole := s.wholePower(); whole {
		return d.simplify(s) // the exponent has become whole
	}
	return s
}

// sum is Σ coefficient·rest, each rest once unless coefficients overflow; rest is
// 1 for the constant.
type sum []term

type term struct {
	coefficient float64
	rest        *node
}

// addTerms adds sign·x to s, where sign is 1 or −1.
func (d *derivation) addTerms(s *sum, x *node, sign float64) {
	switch x.kind {
	case plus:
		d.addTerms(s, x.a, sign)
		d.addTerms(s, x.b, sign)
		return
	case minus:
		d.addTerms(s, x.a, sign)
		d.addTerms(s, x.b, -sign)
		return
	}
	p := product{coefficient: 1}
	d.addFactors(&p, d.simplify(x), 1)
	c := float64(p.coefficient * sign)
	p.coefficient = 1
	rest := d.productNode(p)
	if (rest.kind == plus || rest.kind == minus) && math.Abs(c) == 1 {
		d.addTerms(s, rest, c)
		return
	}
	i := slices.IndexFunc(*s, func(t term) bool { return t.rest == rest && !math.IsInf(t.coefficient+c, 0) })
	if i < 0 {
		*s = append(*s, term{c, rest})
	} else {
		(*s)[i].coefficient += c
	}
}

// sumNode returns the node of s, its terms in order of appearance.
func (d *derivation) sumNode(s sum) *node {
	var x *node
	for _, t := range s {
		switch {
		case t.coefficient == 0:
		case x == nil:
			x = d.scaled(t.coefficient, t.rest)
		case t.coefficient < 0:
			x = d.build.minus(x, d.scaled(-t.coefficient, t.rest))
		default:
			x = d.build.plus(x, d.scaled(t.coefficient, t.rest))
		}
	}
	if x == nil {
		return d.build.number(0)
	}
	return x
}

// scaled returns c·x for a simplified x.
func (d *derivation) scaled(c float64, x *node) *node {
	p := product{coefficient: c}
	d.addFactors(&p, x, 1)
	return d.productNode(p)
}

// product is coefficient·Π base^power, each base once.
type product struct {
	coefficient float64
	factors     []factor
}

type factor struct {
	base  *node
	power int
}

// addFactors multiplies p by x^power.
func (d *derivation) addFactors(p *product, x *node, power int) {
	switch base, n, isPower := x.wholePower(); {
	case x.kind == times:
		d.addFactors(p, x.a, power)
		d.addFactors(p, x.b, power)
		return
	case x.kind == over:
		d.addFactors(p, x.a, power)
		d.addFactors(p, x.b, -power)
		return
	case x.kind == negate:
		if power%2 != 0 {
			p.coefficient = -p.coefficient
		}
		d.addFactors(p, x.a, power)
		return
	case isPower && n*power >= -1000 && n*power <= 1000:
		d.addFactors(p, base, n*power)
		return
	case x.kind == number:
		if c := p.coefficient * raise(x.value, power); c == 0 && x.value == 0 || c != 0 && !math.IsInf(c, 0) && !math.IsNaN(c) {
			p.coefficient = c
			return // else the number stays apart: folding would lose the value
		}
	case x.kind != name:
		if s := d.simplify(x); s != x {
			d.addFactors(p, s, power)
			return
		}
	}
	i := slices.IndexFunc(p.factors, func(f factor) bool { return f.base == x })
	if i < 0 {
		p.factors = append(p.factors, factor{x, power})
	} else {
		p.factors[i].power += power
	}
}

// raise returns v^n.
func raise(v float64, n int) float64 {
	p := 1.0
	for range max(n, -n) {
		p *= v
	}
	if n < 0 {
		return 1 / p
	}
	return p
}

// productNode returns the node of p: the coefficient, then the factors in the
// order of [derivation.compare], those with negative powers under a fraction.
func (d *derivation) productNode(p product) *node {
	b := d.build
	if p.coefficient == 0 {
		return b.number(0)
	}
	slices.SortFunc(p.factors, func(f, g factor) int { return d.compare(f.base, g.base) })
	join := func(x, y *node) *node {
		if x == nil {
			return y
		}
		return b.times(x, y)
	}
	var above, below *node
	if c := p.coefficient; c != 1 && c != -1 {
		above = b.number(c)
	}
	for _, f := range p.factors {
		switch {
		case f.power < 0:
			below = join(below, b.pow(f.base, -f.power))
		case f.power > 0 && above == nil && p.coefficient == -1:
			above = b.negate(b.pow(f.base, f.power))
		case f.power > 0:
			above = join(above, b.pow(f.base, f.power))
		}
	}
	if above == nil {
		above = b.number(p.coefficient)
	}
	if below == nil {
		return above
	}
	return b.over(above, below)
}

// compare orders factors as one writes them: numbers, parameters, variables,
// functions, sums; within these by name.
func (d *derivation) compare(x, y *node) int {
	if x == y || x == nil || y == nil {
		return 0 // both are nil or neither is
	}
	rank := func(n *node) int {
		switch {
		case n.kind == number:
			return 0
		case n.kind == name && !slices.Contains(d.variables, n.name):
			return 1
		case n.kind == name:
			return 2
		case n.kind == call:
			return 3
		}
		return 4 + int(n.kind)
	}
	if c := cmp.Or(cmp.Compare(rank(x), rank(y)), cmp.Compare(x.name, y.name), cmp.Compare(x.value, y.value)); c != 0 {
		return c
	}
	if c := d.compare(x.a, y.a); c != 0 {
		return c
	}
	return d.compare(x.b, y.b)
}
