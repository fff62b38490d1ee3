package expr

import (
	"maps"
	"math"
	"slices"

	"github.com/nnfield/nnfield/nnfield/internal/elementary"
)

// functions holds the functions of one argument.
var functions = map[string]func(float64) float64{
	"abs":  math.Abs,
	"cos":  elementary.Cos,
	"cosh": elementary.Cosh,
	"exp":  elementary.Exp,
	"log":  elementary.Log,
	"sech": elementary.Sech,
	"sin":  elementary.Sin,
	"sinh": elementary.Sinh,
	"sqrt": math.Sqrt,
	"tan":  elementary.Tan,
	"tanh": elementary.Tanh,
}

// functionNames holds the names of all functions, pow being the one of two
// arguments.
var functionNames = append(slices.Sorted(maps.Keys(functions)), "pow")

// block is how many values go through a program at a time: few enough for the
// registers of a usual expression to stay in the nearest cache.
const block = 256

// maxProduct is the largest exponent that becomes a product.
const maxProduct = 64

// program computes its registers in order; the first ones are the variables.
type program struct {
	registers []register
	result    int
}

// register is a value of a program and how it comes about.
type register struct {
	kind  kind    // name for a variable, number for a constant, else an operation
	value float64 // of a constant
	name  string  // of a function
	a, b  int     // earlier registers: the operands, b = a if there is one
}

// compiler turns nodes into registers, equal operations into the same register.
type compiler struct {
	registers  []register
	constants  map[uint64]int // by bits
	operations map[register]int
	nodes      map[*node]int
	variables  []string
	parameters map[string]float64
}

// compile returns the program of x.
func compile(x *node, variables []string, parameters map[string]float64) program {
	c := compiler{
		constants:  map[uint64]int{},
		operations: map[register]int{},
		nodes:      map[*node]int{},
		variables:  variables,
		parameters: parameters,
	}
	for range variables {
		c.registers = append(c.registers, register{kind: name})
	}
	result := c.node(x)
	return program{c.registers, result}
}

// node returns the register of x.
func (c *compiler) node(x *node) int {
	if r, ok := c.nodes[x]; ok {
		return r
	}
	r := c.add(x)
	c.nodes[x] = r
	return r
}

func (c *compiler) add(x *node) int {
	switch x.kind {
	case number:
		return c.constant(x.value)
	case name:
		if j := slices.Index(c.variables, x.name); j >= 0 {
			return j
		}
		if x.name == "pi" {
			return c.constant(math.Pi)
		}
		return c.constant(c.parameters[x.name])
	}
	a := c.node(x.a)
	b := a
	if x.b != nil {
		b = c.node(x.b)
	}
	if x.kind == call && x.name == "pow" && c.registers[b].kind == number {
		if n, ok := whole(c.registers[b].value); ok && n >= -maxProduct && n <= maxProduct {
			return c.power(a, n)
		}
	}
	return c.operation(x.kind, x.name, a, b)
}

func (c *compiler) constant(v float64) int {
	r, ok := c.constants[math.Float64bits(v)]
	if !ok {
		r = len(c.registers)
		c.constants[math.Float64bits(v)] = r
		c.registers = append(c.registers, register{kind: number, value: v})
	}
	return r
}

func (c *compiler) operation(k kind, name string, a, b int) int {
	op := register{kind: k, name: name, a: a, b: b}
	if x, y := c.registers[a], c.registers[b]; x.kind == number && y.kind == number {
		var v [1]float64
		op.apply(v[:], []float64{x.value}, []float64{y.value})
		return c.constant(v[0])
	}
	r, ok := c.operations[op]
	if !ok {
		r = len(c.registers)
		c.operations[op] = r
		c.registers = append(c.registers, op)
	}
	return r
}

// power multiplies register a n times, by repeated squaring.
func (c *compiler) power(a, n int) int {
	if n < 0 {
		return c.operation(over, "", c.constant(1), c.power(a, -n))
	}
	if n == 0 {
		return c.constant(1)
	}
	if n == 1 {
		return a
	}
	half := c.power(a, n/2)
	square := c.operation(times, "", half, half)
	if n%2 == 0 {
		return square
	}
	return c.operation(times, "", square, a)
}

// apply does the operation for each element of dst, which is as long as x and y.
func (r *register) apply(dst, x, y []float64) {
	x, y = x[:len(dst)], y[:len(dst)]
	switch r.kind {
	case negate:
		for i := range dst {
			dst[i] = -x[i]
		}
	case plus:
		for i := range dst {
			dst[i] = x[i] + y[i]
		}
	case minus:
		for i := range dst {
			dst[i] = x[i] - y[i]
		}
	case times:
		for i := range dst {
			dst[i] = x[i] * y[i]
		}
	case over:
		for i := range dst {
			dst[i] = x[i] / y[i]
		}
	case call:
		if r.name == "pow" {
			for i := range dst {
				dst[i] = elementary.Pow(x[i], y[i])
			}
			return
		}
		f := functions[r.name]
		for i := range dst {
			dst[i] = f(x[i])
		}
	}
}

// scratch holds the registers of one evaluation.
type scratch struct {
	registers [][]float64 // those of the variables are set for each block
	values    []float64   // of the variables, for a single evaluation
}

// newScratch returns the scratch for a program, its constants filled in.
func newScratch(p program, variables int) *scratch {
	s := &scratch{registers: make([][]float64, len(p.registers)), values: make([]float64, variables)}
	for i, r := range p.registers[variables:] {
		s.registers[variables+i] = slices.Repeat([]float64{r.value}, block)
	}
	return s
}

// run evaluates n ≤ block values and returns them in the result's register.
func (s *scratch) run(p program, n int) []float64 {
	for i := range p.registers {
		if r := &p.registers[i]; r.kind > name {
			r.apply(s.registers[i][:n], s.registers[r.a], s.registers[r.b])
		}
	}
	return s.registers[p.result][:n]
}
