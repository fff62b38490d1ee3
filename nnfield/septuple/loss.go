package septuple

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"math"
	"strings"

	"github.com/nnfield/nnfield/nnfield/internal/expr"
	"github.com/nnfield/nnfield/nnfield/internal/random"
	"github.com/nnfield/nnfield/nnfield/internal/sums"
	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/theory"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// Loss is a term of the loss H(x, b), apart from the neurons it is for. Terms add.
type Loss struct {
	kind       string
	tensor     Tensor           // of dual and dual-biases
	potential  theory.Potential // of on-site
	expression string           // of neurons and bonds
	parameters Params
	name       string // of a function
	function   network.LossFunc
	err        error
}

// Dual is ½xᵀKx with a symmetric K: the loss of a field whose momentum learns by
// −K φ [F] §2.
func Dual(k Tensor) Loss { return quadraticTerm("dual", k) }

// DualBiases is ½bᵀAb with a symmetric A.
func DualBiases(a Tensor) Loss { return quadraticTerm("dual-biases", a) }

func quadraticTerm(kind string, t Tensor) Loss {
	l := Loss{kind: kind, tensor: t, err: t.err}
	if t.Zero() {
		l.err = fmt.Errorf("%s: an empty tensor; give one, such as Laplacian(Order2).Times(-1)", callsOfLoss[kind])
	}
	return l
}

// OnSite is Σ V(x_i).
func OnSite(v theory.Potential) Loss { return Loss{kind: "on-site", potential: v, err: v.Err()} }

// Bulk is ½‖x − f(w x + E b)‖²: the network predicts itself [M] §2.
func Bulk() Loss { return Loss{kind: "bulk"} }

// Boundary is ½‖P̂(x − f(w x + E b))‖²: the network predicts its data [M] §2.
func Boundary() Loss { return Loss{kind: "boundary"} }

// OnNeurons is Σ_i h(x_i, b_i) by a formula of x and b: OnNeurons("x*x/2 + b*b/8").
func OnNeurons(formula string, parameters ...Params) Loss {
	return formulaTerm("neurons", formula, parameters)
}

// OnBonds is Σ g(x, y) over all pairs of next neighbours on the lattice, y being the
// neighbour of x ahead along an axis: OnBonds("(x-y)*(x-y)/2"). A bond to a wall is
// none.
func OnBonds(formula string, parameters ...Params) Loss {
	return formulaTerm("bonds", formula, parameters)
}

// variablesOf are those of the formula of a term.
var variablesOf = map[string][]string{"neurons": {"x", "b"}, "bonds": {"x", "y"}}

func formulaTerm(kind, formula string, parameters []Params) Loss {
	l := Loss{kind: kind, expression: formula, parameters: merged(parameters)}
	if _, err := expr.Parse(formula, variablesOf[kind], l.parameters); err != nil {
		l.err = fmt.Errorf("%s(%q): %w", callsOfLoss[kind], formula, err)
	}
	return l
}

// Function is a loss given as Go code under a name: H(x, b) and its partial derivatives,
// which write ∂H/∂x and ∂H/∂b to dst; a nil one is zero. A Spec holds the name and a
// fingerprint, so that a stored run is recognised; it cannot be run from the Spec alone.
func Function(name string, h func(x, b []float64) float64, dx, db func(dst, x, b []float64)) Loss {
	l := Loss{kind: "function", name: name, function: network.LossFunc{H: h, DX: dx, DB: db}}
	if name == "" || h == nil {
		l.err = fmt.Errorf("Function(%q): needs a name and H", name)
	}
	return l
}

// callsOfLoss are the constructors of the kinds.
var callsOfLoss = map[string]string{"dual": "Dual", "dual-biases": "DualBiases", "on-site": "OnSite", "bulk": "Bulk",
	"boundary": "Boundary", "neurons": "OnNeurons", "bonds": "OnBonds", "function": "Function"}

// String returns the term.
func (l Loss) String() string {
	if l.err != nil {
		return l.err.Error()
	}
	switch l.kind {
	case "dual":
		return "½xᵀKx, K = " + l.tensor.String()
	case "dual-biases":
		return "½bᵀAb, A = " + l.tensor.String()
	case "on-site":
		return "ΣV(x), " + strings.ReplaceAll(l.potential.Formula().Text, "φ", "x")
	case "bulk":
		return "½‖x − f(w x + E b)‖²"
	case "boundary":
		return "½‖P̂(x − f(w x + E b))‖²"
	case "neurons":
		return "Σ_neurons " + l.expression + named(l.parameters)
	case "bonds":
		return "Σ_bonds " + l.expression + named(l.parameters)
	case "function":
		return "the function " + l.name
	}
	return "no loss"
}

// built is a loss on the neurons of a place, with what else is known of it.
type built struct {
	loss      network.Loss // nil for none
	k         weights.Tensor
	potential theory.Bound // nil for V = 0
	quadratic bool         // nothing but ½xᵀKx + ΣV(x)
	biases    bool         // it depends on b explicitly, or may
	function  bool
}

// buildLoss returns the sum of terms. What is quadratic or on site becomes one dual
// loss, for which there are kernels.
func buildLoss(terms []Loss, p place) (out built, err error) {
	var dual network.Dual
	var others network.Sum
	out.quadratic = len(terms) > 0
	for _, l := range terms {
		if l.err != nil {
			return out, l.err
		}
		switch l.kind {
		case "dual", "dual-biases":
			w, err := l.tensor.build(p)
			if err != nil {
				return out, fmt.Errorf("%s: %w", callsOfLoss[l.kind], err)
			}
			to := &dual.K
			if l.kind == "dual-biases" {
				to, out.biases = &dual.A, true
			}
			if *to != nil {
				w = weights.Add(*to, w)
			}
			*to = w
			continue
		case "on-site":
			v, err := l.potential.On(p.l)
			if err != nil {
				return out, err
			}
			if v == nil {
				continue
			}
			if p.types > 1 {
				v = eachType{v, p.types}
			}
			if out.potential != nil {
				return out, fmt.Errorf("OnSite: two potentials; give their sum as one formula")
			}
			out.potential, dual.Potential = v, v
			continue
		case "bulk":
			others, out.biases = append(others, network.Bulk{}), true
		case "boundary":
			others, out.biases = append(others, network.BoundaryLoss{}), true
		case "neurons":
			t, err := newNeuronTerm(l)
			if err != nil {
				return out, err
			}
			others = append(others, t)
			out.biases = out.biases || t.h.Uses("b")
		case "bonds":
			t, err := newBondTerm(l, p)
			if err != nil {
				return out, err
			}
			others = append(others, t)
		case "function":
			others = append(others, l.function)
			out.biases, out.function = out.biases || l.function.DB != nil, true
		default:
			return out, fmt.Errorf("an empty loss; use Dual, OnSite, Bulk, Boundary, OnNeurons, OnBonds or Function")
		}
		out.quadratic = false
	}
	if dual.Potential != nil || dual.A != nil {
		if dual.K == nil {
			dual.K = weights.Scale(0, weights.Identity(p.neurons()))
		}
	}
	out.k = dual.K
	switch {
	case dual.K == nil && len(others) == 0:
	case len(others) == 0:
		out.loss = dual
	case dual.K == nil && len(others) == 1:
		out.loss = others[0]
	case dual.K == nil:
		out.loss = others
	default:
		out.loss = append(network.Sum{dual}, others...)
	}
	out.quadratic = out.quadratic && dual.A == nil
	return out, nil
}

// eachType is a potential on the neurons of each type.
type eachType struct {
	theory.Bound
	types int
}

func (v eachType) parts(x []float64) (all [][]float64) {
	n := len(x) / v.types
	for at := 0; at < len(x); at += n {
		all = append(all, x[at:at+n])
	}
	return all
}

func (v eachType) Energy(x []float64) (e float64) {
	for _, part := range v.parts(x) {
		e += v.Bound.Energy(part)
	}
	return e
}

func (v eachType) AddForce(dst []float64, alpha float64, x []float64) {
	to := v.parts(dst)
	for i, part := range v.parts(x) {
		v.Bound.AddForce(to[i], alpha, part)
	}
}

func (v eachType) MaxCurvature(x []float64) float64 {
	most := math.Inf(-1)
	for _, part := range v.parts(x) {
		most = max(most, v.Bound.MaxCurvature(part))
	}
	return most
}

// neuronTerm is Σ h(x_i, b_i).
type neuronTerm struct{ h, dx, db *expr.Expr }

func newNeuronTerm(l Loss) (t neuronTerm, err error) {
	h, err := expr.Parse(l.expression, variablesOf["neurons"], l.parameters)
	if err != nil {
		return t, fmt.Errorf("OnNeurons(%q): %w", l.expression, err)
	}
	return neuronTerm{h, h.Derivative("x"), h.Derivative("b")}, nil
}

func (t neuronTerm) Value(n *network.Network, x, b []float64) float64 {
	h, _ := n.Scratch()
	t.h.EvalTo(h, x, b)
	return sums.Sum(0, len(h), func(i int) float64 { return h[i] })
}

func (t neuronTerm) AddGradient(n *network.Network, gx, gb []float64, alpha float64, x, b []float64) {
	d, _ := n.Scratch()
	t.dx.EvalTo(d, x, b)
	for i, v := range d {
		gx[i] += float64(alpha * v)
	}
	t.db.EvalTo(d, x, b)
	for i, v := range d {
		gb[i] += float64(alpha * v)
	}
}

// bondTerm is Σ g(x, y) over bonds.
type bondTerm struct {
	g, dx, dy  *expr.Expr
	from, to   []int
	x, y, d, e []float64 // of the bonds
}

func newBondTerm(l Loss, p place) (*bondTerm, error) {
	g, err := expr.Parse(l.expression, variablesOf["bonds"], l.parameters)
	if err != nil {
		return nil, fmt.Errorf("OnBonds(%q): %w", l.expression, err)
	}
	if p.bare {
		return nil, fmt.Errorf("OnBonds(%q): the neurons have no place and so no neighbours; put them on a Ring, Line, Torus, Cube or Lattice", l.expression)
	}
	t := &bondTerm{g: g, dx: g.Derivative("x"), dy: g.Derivative("y")}
	sites := p.l.Sites()
	for kind := range p.types {
		for axis := range p.l.Dim() {
			for i := range sites {
				if j, sign := p.l.Neighbour(i, axis, 1); j != i && sign > 0 {
					t.from, t.to = append(t.from, kind*sites+i), append(t.to, kind*sites+j)
				}
			}
		}
	}
	n := len(t.from)
	t.x, t.y, t.d, t.e = make([]float64, n), make([]float64, n), make([]float64, n), make([]float64, n)
	return t, nil
}

func (t *bondTerm) gather(x []float64) {
	for k, i := range t.from {
		t.x[k], t.y[k] = x[i], x[t.to[k]]
	}
}

func (t *bondTerm) Value(_ *network.Network, x, _ []float64) float64 {
	t.gather(x)
	t.g.EvalTo(t.d, t.x, t.y)
	return sums.Sum(0, len(t.d), func(i int) float64 { return t.d[i] })
}

func (t *bondTerm) AddGradient(_ *network.Network, gx, _ []float64, alpha float64, x, _ []float64) {
	t.gather(x)
	t.dx.EvalTo(t.d, t.x, t.y)
	t.dy.EvalTo(t.e, t.x, t.y)
	for k, i := range t.from {
		gx[i] += float64(alpha * t.d[k])
		gx[t.to[k]] += float64(alpha * t.e[k])
	}
}

// fingerprint identifies a function by its values at eight random states.
func (l Loss) fingerprint(n int) string {
	h, numbers := sha256.New(), random.New(1, "fingerprint")
	x, b := make([]float64, n), make([]float64, n)
	for k := range 8 {
		for i := range n {
			x[i], b[i] = numbers.Normal(2*(k*n+i)), numbers.Normal(2*(k*n+i)+1)
		}
		var bytes [8]byte
		binary.LittleEndian.PutUint64(bytes[:], math.Float64bits(l.function.H(x, b)))
		h.Write(bytes[:])
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// lossSpec is a term in a Spec.
type lossSpec struct {
	Kind        string                `json:"kind"`
	Tensor      *node                 `json:"tensor,omitempty"`
	Potential   *theory.PotentialSpec `json:"potential,omitempty"`
	Expression  *string               `json:"expression,omitempty"`
	Parameters  Params                `json:"parameters,omitzero"`
	Name        *string               `json:"name,omitempty"`
	Fingerprint *string               `json:"fingerprint,omitempty"`
}

func (l Loss) spec(neurons int, arrays theory.Arrays) (s lossSpec, err error) {
	s.Kind = l.kind
	switch l.kind {
	case "dual", "dual-biases":
		s.Tensor, err = l.tensor.node.stored(arrays)
	case "on-site":
		var v theory.PotentialSpec
		v, err = l.potential.Spec(arrays)
		s.Potential = &v
	case "neurons", "bonds":
		s.Expression, s.Parameters = &l.expression, merged([]Params{l.parameters})
	case "function":
		f := l.fingerprint(neurons)
		s.Name, s.Fingerprint = &l.name, &f
	}
	return s, err
}

func (s lossSpec) build(arrays theory.Arrays) (Loss, error) {
	missing := func(key string) (Loss, error) {
		return Loss{}, fmt.Errorf("loss.%s: missing for kind %q", key, s.Kind)
	}
	switch s.Kind {
	case "dual", "dual-biases":
		if s.Tensor == nil {
			return missing("tensor")
		}
		if err := s.Tensor.load(arrays); err != nil {
			return Loss{}, fmt.Errorf("loss.tensor: %w", err)
		}
		return quadraticTerm(s.Kind, made(s.Tensor)), nil
	case "on-site":
		if s.Potential == nil {
			return missing("potential")
		}
		v, err := s.Potential.Build(arrays)
		return OnSite(v), err
	case "bulk":
		return Bulk(), nil
	case "boundary":
		return Boundary(), nil
	case "neurons", "bonds":
		if s.Expression == nil {
			return missing("expression")
		}
		return formulaTerm(s.Kind, *s.Expression, []Params{s.Parameters}), nil
	case "function":
		name := ""
		if s.Name != nil {
			name = *s.Name
		}
		return Loss{}, fmt.Errorf("loss: the function %q is opaque here: a Spec holds its name and fingerprint only; give it as a formula, or run it from the program that has it", name)
	}
	return Loss{}, fmt.Errorf("loss.kind: %q is unknown; use %s", s.Kind, strings.Join(sorted(callsOfLoss), ", "))
}
