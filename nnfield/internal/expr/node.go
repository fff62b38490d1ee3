package expr

import (
	"math"
	"strconv"
	"strings"
)

// kind is what a node of an expression is.
type kind int

const (
	number kind = iota // a literal, finite
	name               // a variable, a parameter or pi
	negate             // −a
	plus               // a + b
	minus              // a − b
	times              // a·b
	over               // a/b
	call               // the function name of a, and of b for pow
)

// node is an expression. Nodes are interned by a builder: within it, equal
// expressions are the same pointer.
type node struct {
	kind  kind
	value float64 // of a number; never −0, so that == tells bits apart
	name  string
	a, b  *node
}

// builder makes nodes.
type builder map[node]*node

func (b builder) intern(n node) *node {
	if old, ok := b[n]; ok {
		return old
	}
	b[n] = &n
	return &n
}

// adopt returns the node of b that equals x of another builder; done holds what
// has been adopted.
func (b builder) adopt(x *node, done map[*node]*node) *node {
	if x == nil || done[x] != nil {
		return done[x]
	}
	n := *x
	n.a, n.b = b.adopt(x.a, done), b.adopt(x.b, done)
	done[x] = b.intern(n)
	return done[x]
}

func (b builder) number(v float64) *node { return b.intern(node{kind: number, value: v + 0}) } // −0 + 0 = 0
func (b builder) name(s string) *node    { return b.intern(node{kind: name, name: s}) }
func (b builder) plus(x, y *node) *node  { return b.intern(node{kind: plus, a: x, b: y}) }
func (b builder) minus(x, y *node) *node { return b.intern(node{kind: minus, a: x, b: y}) }
func (b builder) times(x, y *node) *node { return b.intern(node{kind: times, a: x, b: y}) }
func (b builder) over(x, y *node) *node  { return b.intern(node{kind: over, a: x, b: y}) }

// negate makes a negative number of a number, as it is read, except of 0.
func (b builder) negate(x *node) *node {
	if x.kind == number && x.value != 0 {
		return b.number(-x.value)
	}
	return b.intern(node{kind: negate, a: x})
}

// call applies a function; y is nil unless it is pow.
func (b builder) call(f string, x, y *node) *node {
	return b.intern(node{kind: call, name: f, a: x, b: y})
}

// pow is x to the power of a whole number.
func (b builder) pow(x *node, n int) *node {
	if n == 1 {
		return x
	}
	return b.call("pow", x, b.number(float64(n)))
}

// wholePower returns base and n if x is pow(base, n) with a literal n that is a
// whole number and not too large for exact sums of such numbers.
func (x *node) wholePower() (base *node, n int, ok bool) {
	if x.kind != call || x.name != "pow" || x.b.kind != number {
		return nil, 0, false
	}
	n, ok = whole(x.b.value)
	return x.a, n, ok
}

// whole tells whether v is a whole number of moderate size.
func whole(v float64) (n int, ok bool) {
	return int(v), v == math.Trunc(v) && math.Abs(v) <= 1000
}

// precedence says how tightly a node binds in Go's grammar.
func (x *node) precedence() int {
	switch x.kind {
	case plus, minus:
		return 1
	case times, over:
		return 2
	case negate:
		return 3
	}
	return 4
}

// leadsWithMinus tells whether the source of x begins with a minus. That of a sum
// is not looked at, as it stands in parentheses wherever this matters.
func (x *node) leadsWithMinus() bool {
	for x.precedence() == 2 {
		x = x.a
	}
	return x.kind == negate || x.kind == number && x.value < 0
}

// String returns the source of x with as few parentheses as its tree allows.
func (x *node) String() string {
	var s strings.Builder
	x.write(&s)
	return s.String()
}

func (x *node) write(s *strings.Builder) {
	switch x.kind {
	case number:
		s.WriteString(strconv.FormatFloat(x.value, 'g', -1, 64))
	case name:
		s.WriteString(x.name)
	case negate:
		s.WriteByte('-')
		x.a.writeWithin(s, x.a.precedence() < 4 || x.a.leadsWithMinus())
	case call:
		s.WriteString(x.name)
		s.WriteByte('(')
		x.a.write(s)
		if x.b != nil {
			s.WriteString(", ")
			x.b.write(s)
		}
		s.WriteByte(')')
	default:
		x.a.writeWithin(s, x.a.precedence() < x.precedence())
		s.WriteString([...]string{plus: " + ", minus: " - ", times: "*", over: "/"}[x.kind])
		x.b.writeWithin(s, x.b.precedence() <= x.precedence() || x.b.leadsWithMinus())
	}
}

func (x *node) writeWithin(s *strings.Builder, parentheses bool) {
	if parentheses {
		s.WriteByte('(')
		defer s.WriteByte(')')
	}
	x.write(s)
}
