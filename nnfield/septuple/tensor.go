package septuple

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"gonum.org/v1/gonum/mat"

	"github.com/nnfield/nnfield/internal/room"
	"github.com/nnfield/nnfield/nnfield/internal/elementary"
	"github.com/nnfield/nnfield/nnfield/internal/expr"
	"github.com/nnfield/nnfield/nnfield/internal/random"
	"github.com/nnfield/nnfield/nnfield/internal/say"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/theory"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// Tensor describes a weight tensor apart from the neurons it is for: w, the bias tensor
// E, the K of a loss. It is a value; methods return a changed copy. On a lattice with
// several neuron types one that couples sites acts on each type alike; Kron couples
// types. Row and column i of a matrix is neuron i: type after type, and within a type
// site after site, the last axis fastest.
type Tensor struct {
	node *node
	err  error
}

// node is a tensor as it stands in a Spec.
type node struct {
	Kind       string             `json:"kind"`
	Order      theory.Laplacian   `json:"order,omitempty"`
	Axis       *int               `json:"axis,omitempty"`
	Taps       []tap              `json:"taps,omitempty"`
	Factor     *float64           `json:"factor,omitempty"`
	Of         *node              `json:"of,omitempty"`
	Terms      []*node            `json:"terms,omitempty"`
	Matrix     [][]float64        `json:"matrix,omitempty"`
	Values     *theory.Numbers    `json:"values,omitempty"`
	Rows       *theory.Numbers    `json:"rows,omitempty"`
	Columns    *theory.Numbers    `json:"columns,omitempty"`
	Expression *string            `json:"expression,omitempty"`
	Parameters map[string]float64 `json:"parameters,omitzero"`
	Seed       *string            `json:"seed,omitempty"` // 64 bits do not fit a JSON number
	Scale      *float64           `json:"scale,omitempty"`
	Density    *float64           `json:"density,omitempty"`
}

type tap struct {
	Offset []int   `json:"offset"`
	Weight float64 `json:"weight"`
}

// Params names the parameters of formulas.
type Params = map[string]float64

func made(n *node) Tensor { return Tensor{node: n} }

func wrong(format string, args ...any) Tensor { return Tensor{err: fmt.Errorf(format, args...)} }

// Zero tells whether no tensor was given.
func (t Tensor) Zero() bool { return t.node == nil && t.err == nil }

// Identity is the unit matrix.
func Identity() Tensor { return made(&node{Kind: "identity"}) }

// Laplacian is ∇² on the lattice: [theory.Order2], Order4 or Spectral.
func Laplacian(order theory.Laplacian) Tensor {
	if err := theory.CheckLaplacian(order); err != nil {
		return Tensor{err: err}
	}
	return made(&node{Kind: "laplacian", Order: order})
}

// Derivative is the central difference (φ₊ − φ₋)/2a along an axis.
func Derivative(axis int) Tensor {
	if axis < 0 || axis > 2 {
		return wrong("Derivative(%d): axes are numbered 0, 1, 2", axis)
	}
	return made(&node{Kind: "derivative", Axis: &axis})
}

// Stencil is the tensor of the given taps: each neuron listens to the neurons at their
// offsets, with their weights.
func Stencil(taps ...weights.Tap) Tensor {
	n := &node{Kind: "stencil"}
	for _, t := range taps {
		n.Taps = append(n.Taps, tap{t.Offset[:], t.Weight})
	}
	if len(taps) == 0 {
		return wrong("Stencil(): give at least one tap")
	}
	return made(n)
}

// Diagonal has one number for each neuron, or for each site.
func Diagonal(values ...float64) Tensor {
	if err := finite("Diagonal", values); err != nil {
		return Tensor{err: err}
	}
	return made(&node{Kind: "diagonal", Values: &theory.Numbers{Values: slices.Clone(values)}})
}

// Dense is the n×n matrix of the given numbers, row after row.
func Dense(values ...float64) Tensor {
	if err := finite("Dense", values); err != nil {
		return Tensor{err: err}
	}
	return made(&node{Kind: "dense", Values: &theory.Numbers{Values: slices.Clone(values)}})
}

// Array is the n×n matrix, or the diagonal of n numbers, of an array with a shape, as
// the readers of files return it: Array(arrays.Read("w.npz", "W")).
func Array(shape []int, values []float64, err error) Tensor {
	switch {
	case err != nil:
		return Tensor{err: err}
	case len(shape) == 1 && shape[0] == len(values):
		return Diagonal(values...)
	case len(shape) != 2 || shape[0] != shape[1] || shape[0]*shape[1] != len(values):
		return wrong("Array: the shape is %v; weights between n neurons are an n×n matrix, transpose or cut it before", shape)
	}
	return Dense(values...)
}

// Sparse has the given entries: rows[k], columns[k] is weights[k]. Entries of the same
// place add.
func Sparse(rows, columns []int, values []float64) Tensor {
	if len(rows) != len(values) || len(columns) != len(values) {
		return wrong("Sparse: %d rows, %d columns and %d weights; give as many of each", len(rows), len(columns), len(values))
	}
	if err := finite("Sparse", values); err != nil {
		return Tensor{err: err}
	}
	return made(&node{Kind: "sparse", Rows: whole(rows), Columns: whole(columns), Values: &theory.Numbers{Values: slices.Clone(values)}})
}

// Permutation lets neuron i listen to neuron from[i] alone, with the weight 1.
func Permutation(from ...int) Tensor { return made(&node{Kind: "permutation", Columns: whole(from)}) }

// Formula is a tensor by a formula of the distance r between two neurons, the shortest
// way round on rings, and of its parts dx, dy, dz, from the neuron that listens to the one it
// listens to: Formula("exp(-r*r/2)"). It is dense, for at most 4096 sites.
func Formula(formula string, parameters ...Params) Tensor {
	p := merged(parameters)
	if _, err := expr.Parse(formula, distances, p); err != nil {
		return wrong("Formula(%q): %w", formula, err)
	}
	return made(&node{Kind: "formula", Expression: &formula, Parameters: p})
}

// distances are the variables of a tensor's formula.
var distances = []string{"r", "dx", "dy", "dz"}

// Random has independent normal entries of mean 0 and variance scale²/n, so that its
// eigenvalues lie within a circle of radius scale. It is dense, for at most 4096 neurons.
func Random(seed uint64, scale float64) Tensor { return RandomSparse(seed, scale, 1) }

// RandomSparse has each entry with the probability density, 0 < density ≤ 1, normal of
// mean 0 and variance scale²/(n·density).
func RandomSparse(seed uint64, scale, density float64) Tensor {
	text := strconv.FormatUint(seed, 10)
	n := &node{Kind: "random", Seed: &text, Scale: &scale, Density: &density}
	return Tensor{n, n.checkRandom()}
}

func (n *node) checkRandom() error {
	switch {
	case n.Seed == nil || n.Scale == nil || n.Density == nil:
		return fmt.Errorf("a random tensor needs a seed, a scale and a density")
	case !(*n.Scale >= 0) || math.IsInf(*n.Scale, 1):
		return fmt.Errorf("Random: the scale is %v; it must be finite and not negative", *n.Scale)
	case !(*n.Density > 0 && *n.Density <= 1):
		return fmt.Errorf("RandomSparse: the density is %v; it must lie in (0, 1]", *n.Density)
	}
	if _, err := strconv.ParseUint(*n.Seed, 10, 64); err != nil {
		return fmt.Errorf("seed %q: it must be a whole number from 0 to 18446744073709551615, as a string", *n.Seed)
	}
	return nil
}

// Kron is M ⊗ W: M between neuron types, row after row, and W between the sites.
func Kron(types [][]float64, sites Tensor) Tensor {
	if sites.err != nil {
		return sites
	}
	m := make([][]float64, len(types))
	for i, row := range types {
		if len(row) != len(types) {
			return wrong("Kron: row %d of the matrix between types has %d numbers for %d types; give a square matrix", i, len(row), len(types))
		}
		if err := finite("Kron", row); err != nil {
			return Tensor{err: err}
		}
		m[i] = slices.Clone(row)
	}
	return made(&node{Kind: "kron", Matrix: m, Of: sites.node})
}

// Given is a tensor that is there already. What is none of those of package weights
// becomes sparse.
func Given(w weights.Tensor) Tensor {
	if w == nil {
		return wrong("Given(nil): give a tensor")
	}
	return made(describe(w))
}

// Times returns c·W.
func (t Tensor) Times(c float64) Tensor {
	if t.err == nil && (math.IsNaN(c) || math.IsInf(c, 0)) {
		return wrong("Times(%v): the factor must be finite", c)
	}
	return t.wrap(&node{Kind: "scaled", Factor: &c})
}

// Transposed returns Wᵀ.
func (t Tensor) Transposed() Tensor { return t.wrap(&node{Kind: "transposed"}) }

// Symmetric returns ½(W + Wᵀ), exactly symmetric.
func (t Tensor) Symmetric() Tensor { return t.wrap(&node{Kind: "symmetric"}) }

// Antisymmetric returns ½(W − Wᵀ), exactly antisymmetric.
func (t Tensor) Antisymmetric() Tensor { return t.wrap(&node{Kind: "antisymmetric"}) }

// Plus returns the sum with another tensor. Stencils of one lattice become one stencil,
// so that Laplacian(Order2).Times(-1).Plus(Identity()) is that of a Klein-Gordon field.
func (t Tensor) Plus(other Tensor) Tensor {
	switch {
	case t.err != nil:
		return t
	case other.err != nil:
		return other
	case t.Zero() || other.Zero():
		return wrong("Plus: an empty tensor; begin with Identity, Laplacian, Dense or another")
	case t.node.Kind == "sum":
		return made(&node{Kind: "sum", Terms: append(slices.Clone(t.node.Terms), other.node)})
	}
	return made(&node{Kind: "sum", Terms: []*node{t.node, other.node}})
}

// With returns the tensor with one weight set: neuron i listens to neuron j with the
// weight w.
func (t Tensor) With(i, j int, w float64) Tensor {
	return t.WithAll([]int{i}, []int{j}, []float64{w})
}

// WithAll sets many weights at once.
func (t Tensor) WithAll(rows, columns []int, values []float64) Tensor {
	change := Sparse(rows, columns, values)
	if t.err != nil || t.Zero() {
		return t.wrap(nil)
	}
	if change.err != nil {
		return change
	}
	if old := t.node; old.Kind == "changed" { // one list of all that was set
		return made(&node{Kind: "changed", Of: old.Of, Rows: joined(old.Rows, change.node.Rows),
			Columns: joined(old.Columns, change.node.Columns), Values: joined(old.Values, change.node.Values)})
	}
	n := change.node
	n.Kind, n.Of = "changed", t.node
	return made(n)
}

func joined(a, b *theory.Numbers) *theory.Numbers {
	return &theory.Numbers{Values: slices.Concat(a.Values, b.Values)}
}

// wrap puts a node around the tensor.
func (t Tensor) wrap(n *node) Tensor {
	if t.err != nil {
		return t
	}
	if t.Zero() {
		return wrong("an empty tensor; begin with Identity, Laplacian, Dense or another")
	}
	n.Of = t.node
	return made(n)
}

func finite(call string, values []float64) error {
	for i, v := range values {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("%s: element %d is %s; every element must be finite", call, i, say.Number(v))
		}
	}
	return nil
}

func whole(values []int) *theory.Numbers {
	n := &theory.Numbers{Values: make([]float64, len(values))}
	for i, v := range values {
		n.Values[i] = float64(v)
	}
	return n
}

func merged(all []Params) Params {
	out := Params{}
	for _, p := range all {
		for k, v := range p {
			out[k] = v
		}
	}
	return out
}

// describe returns the node of a tensor.
func describe(w weights.Tensor) *node {
	numbers := func(v []float64) *theory.Numbers { return &theory.Numbers{Values: v} }
	switch w := w.(type) {
	case weights.Identity:
		return &node{Kind: "identity"}
	case weights.Diagonal:
		return &node{Kind: "diagonal", Values: numbers(slices.Clone(w))}
	case *weights.Stencil:
		n := &node{Kind: "stencil"}
		for _, t := range w.Taps() {
			n.Taps = append(n.Taps, tap{t.Offset[:], t.Weight})
		}
		if n.Taps == nil {
			n.Taps = []tap{{[]int{0, 0, 0}, 0}}
		}
		return n
	case *weights.Spectral:
		c, constant := w.Scale()
		n := &node{Kind: "scaled", Factor: &c, Of: &node{Kind: "laplacian", Order: theory.Spectral}}
		if constant == 0 {
			return n
		}
		return &node{Kind: "sum", Terms: []*node{n, {Kind: "scaled", Factor: &constant, Of: &node{Kind: "identity"}}}}
	case *weights.Dense:
		var all []float64
		for i := range w.Size() {
			w.Row(i, func(_ int, v float64) { all = append(all, v) })
		}
		return &node{Kind: "dense", Values: numbers(all)}
	case *weights.Scaled:
		c := w.Factor()
		return &node{Kind: "scaled", Factor: &c, Of: describe(w.Tensor())}
	case *weights.Sum:
		n := &node{Kind: "sum"}
		for _, t := range w.Terms() {
			n.Terms = append(n.Terms, describe(t))
		}
		return n
	case *weights.Kron:
		m := w.Types()
		rows, _ := m.Dims()
		n := &node{Kind: "kron", Of: describe(w.Sites())}
		for i := range rows {
			n.Matrix = append(n.Matrix, mat.Row(nil, i, m))
		}
		return n
	}
	var rows, columns []int
	var values []float64
	for i := range w.Size() {
		w.Row(i, func(j int, v float64) {
			rows, columns, values = append(rows, i), append(columns, j), append(values, v)
		})
	}
	return &node{Kind: "sparse", Rows: whole(rows), Columns: whole(columns), Values: numbers(values)}
}

// place is what a tensor is built for: sites with or without a lattice, and types.
type place struct {
	l     lattice.Lattice
	bare  bool // neurons without a place
	types int
}

func (p place) neurons() int { return p.types * p.l.Sites() }

// maxDense bounds the neurons of matrices that a formula or a seed fills: 128 MiB.
const maxDense = 4096

// build returns the tensor on the neurons of a place.
func (t Tensor) build(p place) (weights.Tensor, error) {
	if t.err != nil {
		return nil, t.err
	}
	return t.node.build(p)
}

func (n *node) build(p place) (weights.Tensor, error) {
	if n == nil {
		return nil, fmt.Errorf("a tensor is missing")
	}
	missing := func(ok bool, keys string) error {
		if ok {
			return nil
		}
		return fmt.Errorf("a tensor of kind %q needs %s", n.Kind, keys)
	}
	switch n.Kind {
	case "identity":
		return weights.Identity(p.neurons()), nil
	case "laplacian", "derivative", "stencil":
		w, err := n.onSites(p)
		if err != nil || p.types == 1 {
			return w, err
		}
		return weights.NewKron(unit(p.types), w)
	case "diagonal":
		if err := missing(n.Values != nil, "values"); err != nil {
			return nil, err
		}
		return n.diagonal(p)
	case "dense":
		if err := missing(n.Values != nil, "values"); err != nil {
			return nil, err
		}
		if size := p.neurons(); len(n.Values.Values) != size*size {
			return nil, fmt.Errorf("Dense: %d numbers for %d neurons; a matrix has %d², row after row", len(n.Values.Values), size, size)
		}
		return weights.NewDense(p.neurons(), n.Values.Values)
	case "sparse", "permutation":
		entries, err := n.entries(p)
		if err != nil {
			return nil, err
		}
		return weights.NewCSR(p.neurons(), entries)
	case "formula":
		if err := missing(n.Expression != nil, "an expression"); err != nil {
			return nil, err
		}
		w, err := n.formula(p)
		if err != nil || p.types == 1 {
			return w, err
		}
		return weights.NewKron(unit(p.types), w)
	case "random":
		return n.random(p)
	case "kron":
		if len(n.Matrix) != p.types {
			return nil, fmt.Errorf("Kron: a matrix between %d types for %d neuron types; give %d rows", len(n.Matrix), p.types, p.types)
		}
		m := mat.NewDense(p.types, p.types, nil)
		for i, row := range n.Matrix {
			if len(row) != p.types {
				return nil, fmt.Errorf("Kron: row %d has %d numbers for %d neuron types", i, len(row), p.types)
			}
			m.SetRow(i, row)
		}
		p.types = 1
		of, err := n.Of.build(p)
		if err != nil {
			return nil, err
		}
		return weights.NewKron(m, of)
	case "sum":
		if err := missing(len(n.Terms) > 0, "terms"); err != nil {
			return nil, err
		}
		var terms []weights.Tensor
		for _, t := range n.Terms {
			w, err := t.build(p)
			if err != nil {
				return nil, err
			}
			terms = append(terms, w)
		}
		return weights.Add(terms...), nil
	case "scaled", "transposed", "symmetric", "antisymmetric", "changed":
		w, err := n.Of.build(p)
		if err != nil {
			return nil, err
		}
		switch n.Kind {
		case "scaled":
			if err := missing(n.Factor != nil, "a factor"); err != nil {
				return nil, err
			}
			return weights.Scale(*n.Factor, w), nil
		case "transposed":
			return w.Transpose(), nil
		case "symmetric":
			return weights.SymmetricPart(w), nil
		case "antisymmetric":
			return weights.AntisymmetricPart(w), nil
		}
		return n.changed(p, w)
	}
	return nil, fmt.Errorf("a tensor of kind %q: unknown; use %s", n.Kind, strings.Join(kindsOfTensor, ", "))
}

var kindsOfTensor = []string{"antisymmetric", "changed", "dense", "derivative", "diagonal", "formula", "identity", "kron",
	"laplacian", "permutation", "random", "scaled", "sparse", "stencil", "sum", "symmetric", "transposed"}

func unit(n int) *mat.Dense {
	m := mat.NewDense(n, n, nil)
	for i := range n {
		m.Set(i, i, 1)
	}
	return m
}

// onSites returns a tensor that the lattice knows.
func (n *node) onSites(p place) (weights.Tensor, error) {
	if p.bare {
		return nil, fmt.Errorf("a %s for neurons without a place; put them on a Ring, Line, Torus, Cube or Lattice", n.Kind)
	}
	switch n.Kind {
	case "laplacian":
		switch n.Order {
		case theory.Order2:
			return weights.Laplacian(p.l, 2)
		case theory.Order4:
			return weights.Laplacian(p.l, 4)
		case theory.Spectral:
			return weights.SpectralLaplacian(p.l)
		}
		return nil, theory.CheckLaplacian(n.Order)
	case "derivative":
		if n.Axis == nil {
			return nil, fmt.Errorf("a derivative needs an axis")
		}
		return weights.Derivative(p.l, *n.Axis)
	}
	var taps []weights.Tap
	for _, t := range n.Taps {
		w := weights.Tap{Weight: t.Weight}
		if len(t.Offset) > 3 {
			return nil, fmt.Errorf("Stencil: the offset %v has %d numbers; a lattice has at most 3 axes", t.Offset, len(t.Offset))
		}
		copy(w.Offset[:], t.Offset)
		taps = append(taps, w)
	}
	if len(taps) == 0 {
		return nil, fmt.Errorf("Stencil: no taps; give at least one")
	}
	return weights.NewStencil(p.l, "stencil", taps)
}

func (n *node) diagonal(p place) (weights.Tensor, error) {
	v, sites := n.Values.Values, p.l.Sites()
	if err := finite("Diagonal", v); err != nil {
		return nil, err
	}
	switch len(v) {
	case p.neurons():
		return weights.Diagonal(slices.Clone(v)), nil
	case sites:
		d := make(weights.Diagonal, 0, p.neurons())
		for range p.types {
			d = append(d, v...)
		}
		return d, nil
	}
	return nil, fmt.Errorf("Diagonal: %d numbers for %d neurons; give one for each neuron or site", len(v), p.neurons())
}

// entries returns those of a sparse tensor or of a permutation.
func (n *node) entries(p place) ([]weights.Triplet, error) {
	if n.Columns == nil || n.Kind != "permutation" && (n.Rows == nil || n.Values == nil) {
		return nil, fmt.Errorf("a tensor of kind %q needs rows, columns and values; a permutation needs columns", n.Kind)
	}
	rows, columns := n.Rows, n.Columns
	size := p.neurons()
	if n.Kind == "permutation" {
		if len(columns.Values) != size {
			return nil, fmt.Errorf("Permutation: %d numbers for %d neurons; name for each neuron the one it listens to", len(columns.Values), size)
		}
		seen := make([]bool, size)
		var entries []weights.Triplet
		for i, c := range columns.Values {
			j, err := index("Permutation", c, size)
			if err != nil {
				return nil, err
			}
			if seen[j] {
				return nil, fmt.Errorf("Permutation: two neurons listen to neuron %d; name each once", j)
			}
			seen[j] = true
			entries = append(entries, weights.Triplet{Row: i, Column: j, Weight: 1})
		}
		return entries, nil
	}
	if len(rows.Values) != len(n.Values.Values) || len(columns.Values) != len(n.Values.Values) {
		return nil, fmt.Errorf("Sparse: %d rows, %d columns and %d weights; give as many of each", len(rows.Values), len(columns.Values), len(n.Values.Values))
	}
	entries := make([]weights.Triplet, len(rows.Values))
	for k, w := range n.Values.Values {
		i, err := index("Sparse", rows.Values[k], size)
		if err != nil {
			return nil, err
		}
		j, err := index("Sparse", columns.Values[k], size)
		if err != nil {
			return nil, err
		}
		entries[k] = weights.Triplet{Row: i, Column: j, Weight: w}
	}
	return entries, nil
}

func index(call string, v float64, size int) (int, error) {
	if v != math.Trunc(v) || v < 0 || v >= float64(size) {
		return 0, fmt.Errorf("%s: neuron %v; neurons are numbered 0 to %d", call, v, size-1)
	}
	return int(v), nil
}

// changed returns w with the entries set: w and a sparse tensor of what is different.
func (n *node) changed(p place, w weights.Tensor) (weights.Tensor, error) {
	list := *n
	list.Kind = "sparse"
	entries, err := list.entries(p)
	if err != nil {
		return nil, err
	}
	wanted := map[int]map[int]float64{}
	for _, e := range entries {
		if wanted[e.Row] == nil {
			wanted[e.Row] = map[int]float64{}
		}
		wanted[e.Row][e.Column] = e.Weight // the last one set holds
	}
	for i, row := range wanted {
		w.Row(i, func(j int, v float64) {
			if _, ok := row[j]; ok {
				row[j] -= v
			}
		})
	}
	entries = entries[:0]
	for i, row := range wanted {
		for j, v := range row {
			entries = append(entries, weights.Triplet{Row: i, Column: j, Weight: v})
		}
	}
	if len(entries) == 0 {
		return w, nil
	}
	difference, err := weights.NewCSR(p.neurons(), entries)
	if err != nil {
		return nil, err
	}
	return weights.Add(w, difference), nil
}

// formula returns the tensor of a formula of the distance.
func (n *node) formula(p place) (weights.Tensor, error) {
	if p.bare {
		return nil, fmt.Errorf("Formula(%q): the neurons have no place; put them on a Ring, Line, Torus, Cube or Lattice", *n.Expression)
	}
	e, err := expr.Parse(*n.Expression, distances, n.Parameters)
	if err != nil {
		return nil, fmt.Errorf("Formula(%q): %w", *n.Expression, err)
	}
	sites := p.l.Sites()
	if sites > maxDense {
		return nil, fmt.Errorf("Formula(%q): %d sites; it is dense, for at most %d: use a Stencil or Sparse", *n.Expression, sites, maxDense)
	}
	var columns [4][]float64
	for j := range columns {
		columns[j] = make([]float64, sites)
	}
	coordinates := make([][]float64, p.l.Dim())
	for j := range coordinates {
		coordinates[j] = p.l.Coordinates(j)
	}
	all := make([]float64, sites*sites)
	for i := range sites {
		for k := range sites {
			r2 := 0.0
			for j, x := range coordinates {
				d := x[k] - x[i]
				if a := p.l.Axis(j); a.Periodic() {
					d -= float64(a.Length * math.Round(d/a.Length))
				}
				columns[j+1][k] = d
				r2 += float64(d * d)
			}
			columns[0][k] = math.Sqrt(r2)
		}
		e.EvalTo(all[i*sites:(i+1)*sites], columns[:]...)
	}
	w, err := weights.NewDense(sites, all)
	if err != nil {
		return nil, fmt.Errorf("Formula(%q): %w", *n.Expression, err)
	}
	return w, nil
}

// random returns a random tensor.
func (n *node) random(p place) (weights.Tensor, error) {
	if err := n.checkRandom(); err != nil {
		return nil, err
	}
	size := p.neurons()
	seed, _ := strconv.ParseUint(*n.Seed, 10, 64)
	sigma := *n.Scale / math.Sqrt(float64(size)**n.Density)
	numbers, which := random.New(seed, "weights"), random.New(seed, "entries")
	if *n.Density == 1 {
		if size > maxDense {
			return nil, fmt.Errorf("Random: %d neurons; it is dense, for at most %d: use RandomSparse", size, maxDense)
		}
		all := make([]float64, size*size)
		for i := range all {
			all[i] = sigma * numbers.Normal(i)
		}
		return weights.NewDense(size, all)
	}
	const bytes = 3 * 8 // an entry while it is made
	if size > 1<<20 {
		return nil, fmt.Errorf("RandomSparse: %d neurons; each pair is asked, for at most %d neurons", size, 1<<20)
	}
	if err := room.Memory("RandomSparse", float64(size)*float64(size)**n.Density*bytes); err != nil {
		return nil, err
	}
	// The gap to the next entry is geometric, so that what is not there costs nothing.
	var entries []weights.Triplet
	total, rate := float64(size)*float64(size), elementary.Log(1-*n.Density)
	for at, k := -1.0, 0; ; k++ {
		at += 1 + math.Floor(elementary.Log(which.Uniform(k))/rate)
		if at >= total {
			break
		}
		i := int(at) / size
		entries = append(entries, weights.Triplet{Row: i, Column: int(at) % size, Weight: sigma * numbers.Normal(k)})
	}
	return weights.NewCSR(size, entries)
}

// stored returns the node for a Spec, with the names of arrays that are large.
func (n *node) stored(arrays theory.Arrays) (*node, error) {
	if n == nil {
		return nil, nil
	}
	c := *n
	var err error
	for _, to := range []**theory.Numbers{&c.Values, &c.Rows, &c.Columns} {
		if *to, err = (*to).Stored(arrays); err != nil {
			return nil, err
		}
	}
	if c.Of, err = c.Of.stored(arrays); err != nil {
		return nil, err
	}
	if c.Expression != nil && c.Parameters == nil {
		c.Parameters = Params{}
	}
	c.Terms = nil
	for _, t := range n.Terms {
		s, err := t.stored(arrays)
		if err != nil {
			return nil, err
		}
		c.Terms = append(c.Terms, s)
	}
	return &c, nil
}

// load puts numbers in the place of names.
func (n *node) load(arrays theory.Arrays) error {
	if n == nil {
		return nil
	}
	for _, v := range []*theory.Numbers{n.Values, n.Rows, n.Columns} {
		if err := v.Load(arrays); err != nil {
			return err
		}
	}
	for _, t := range append([]*node{n.Of}, n.Terms...) {
		if err := t.load(arrays); err != nil {
			return err
		}
	}
	return nil
}

// String describes the tensor in a few words.
func (t Tensor) String() string {
	switch {
	case t.err != nil:
		return t.err.Error()
	case t.Zero():
		return "no tensor"
	}
	return t.node.String()
}

func (n *node) String() string {
	of := func() string {
		if n.Of == nil {
			return "?"
		}
		return n.Of.String()
	}
	count := func(v *theory.Numbers) string {
		if v == nil {
			return "no"
		}
		if v.Name != "" {
			return "stored"
		}
		return fmt.Sprint(len(v.Values))
	}
	switch n.Kind {
	case "identity":
		return "1"
	case "laplacian":
		return fmt.Sprintf("∇² (%s)", n.Order)
	case "derivative":
		if n.Axis != nil {
			return "∂" + lattice.AxisName(*n.Axis)
		}
	case "stencil":
		return fmt.Sprintf("stencil of %d taps", len(n.Taps))
	case "diagonal":
		return fmt.Sprintf("diagonal of %s numbers", count(n.Values))
	case "dense":
		return fmt.Sprintf("dense, %s weights", count(n.Values))
	case "sparse":
		return fmt.Sprintf("sparse, %s weights", count(n.Values))
	case "permutation":
		return "permutation"
	case "formula":
		if n.Expression != nil {
			return "w(r) = " + *n.Expression + named(n.Parameters)
		}
	case "random":
		if n.checkRandom() == nil {
			text := fmt.Sprintf("random, seed %s, scale %v", *n.Seed, *n.Scale)
			if *n.Density < 1 {
				text += fmt.Sprintf(", density %v", *n.Density)
			}
			return text
		}
	case "kron":
		return fmt.Sprintf("%d×%d types ⊗ (%s)", len(n.Matrix), len(n.Matrix), of())
	case "scaled":
		text := of()
		if strings.Contains(text, " + ") || strings.Contains(text, ", ") {
			text = "(" + text + ")"
		}
		switch {
		case n.Factor == nil:
		case *n.Factor == -1:
			return "−" + text
		case *n.Factor == 0:
			return "0"
		case n.Of != nil && n.Of.Kind == "identity":
			return strings.ReplaceAll(fmt.Sprintf("%.6g", *n.Factor), "-", "−")
		default:
			return strings.ReplaceAll(fmt.Sprintf("%.6g", *n.Factor), "-", "−") + " " + text
		}
	case "transposed":
		return "(" + of() + ")ᵀ"
	case "symmetric", "antisymmetric":
		return n.Kind + " part of " + of()
	case "changed":
		if count(n.Values) == "1" {
			return of() + " with one weight set"
		}
		return of() + " with " + count(n.Values) + " weights set"
	case "sum":
		var terms []string
		for _, t := range n.Terms {
			if t != nil {
				terms = append(terms, t.String())
			}
		}
		return strings.ReplaceAll(strings.Join(terms, " + "), "+ −", "− ")
	}
	return n.Kind
}

func named(p Params) (text string) {
	for _, name := range sorted(p) {
		text += fmt.Sprintf(", %s = %v", name, p[name])
	}
	return text
}
