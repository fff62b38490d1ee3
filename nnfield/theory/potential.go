package theory

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"maps"
	"math"
	"slices"
	"sync"

	"github.com/nnfield/nnfield/nnfield/internal/elementary"
	"github.com/nnfield/nnfield/nnfield/internal/expr"
	"github.com/nnfield/nnfield/nnfield/internal/pool"
	"github.com/nnfield/nnfield/nnfield/internal/sums"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/network"
)

// Potential is an on-site self-interaction V(φ): the local nonlinearity of a
// field theory, part of the loss of its network. The zero value is V = 0.
//
// Make one with [Phi4], [SineGordon], [Expression], [SitePotential] or
// [Function].
type Potential struct {
	kind       string
	lambda, v  float64            // phi4
	source     string             // expression
	parameters map[string]float64 // expression
	values     []float64          // array
	name       string             // function
	value      func(float64) float64
	derivative func(float64) float64
	curvature  func(float64) float64
	expr       *expr.Expr
	err        error
}

const (
	kindNone       = "none"
	kindPhi4       = "phi4"
	kindSineGordon = "sine-gordon"
	kindExpression = "expression"
	kindArray      = "array"
	kindFunction   = "function"
)

// Phi4 is V(φ) = (λ/4)(φ² − v²)², λ > 0, v ≥ 0: two vacua φ = ±v, mesons of
// mass² 2λv², kinks of mass (2√2/3)√λ v³. Take the model's own mass 0.
func Phi4(lambda, v float64) Potential {
	p := Potential{kind: kindPhi4, lambda: lambda, v: v}
	if !(lambda > 0) || math.IsInf(lambda, 1) || !(v >= 0) || math.IsInf(v, 1) {
		p.err = fmt.Errorf("Phi4(%v, %v): λ must be positive, v not negative, both finite", lambda, v)
	}
	p.value = func(x float64) float64 { u := float64(x*x) - float64(v*v); return float64(lambda/4) * float64(u*u) }
	p.derivative = func(x float64) float64 { return float64(lambda*x) * (float64(x*x) - float64(v*v)) }
	p.curvature = func(x float64) float64 { return lambda * (3*float64(x*x) - float64(v*v)) }
	return p
}

// SineGordon is V(φ) = 1 − cos φ: vacua φ = 2πn, mesons of mass 1, kinks of
// mass 8 and breathers. Take the model's own mass 0.
func SineGordon() Potential {
	return Potential{
		kind:       kindSineGordon,
		value:      func(x float64) float64 { return 1 - elementary.Cos(x) },
		derivative: elementary.Sin,
		curvature:  elementary.Cos,
	}
}

// Expression is a potential given as a formula of phi and, on a lattice with
// these axes, of x, y and z, with named parameters:
//
//	Expression("lambda/4*phi*phi*phi*phi", map[string]float64{"lambda": 0.1})
//
// It is differentiated symbolically and stands in the Spec as it is.
func Expression(source string, parameters map[string]float64) Potential {
	p := Potential{kind: kindExpression, source: source, parameters: parameters}
	p.expr, p.err = expr.Parse(source, []string{"phi", "x", "y", "z"}, parameters)
	if p.err != nil {
		p.err = fmt.Errorf("Potential(%q): %w", source, p.err)
	}
	return p
}

// SitePotential is V(φ, x) = ½ u(x) φ² with one number u for each site: a
// mass² that depends on the place.
func SitePotential(u []float64) Potential {
	p := Potential{kind: kindArray, values: append([]float64(nil), u...)}
	for i, x := range u {
		if math.IsNaN(x) || math.IsInf(x, 0) {
			p.err = fmt.Errorf("SitePotential: element %d is %v; every element must be finite", i, x)
			break
		}
	}
	return p
}

// Function is a potential given as Go code, V and its derivative dV, under a
// name. A Spec holds the name and a fingerprint of the values, so that a stored
// run is recognised; it cannot be run from the Spec alone (the function is
// opaque there). Prefer [Expression].
func Function(name string, v, dv func(phi float64) float64) Potential {
	p := Potential{kind: kindFunction, name: name, value: v, derivative: dv}
	switch {
	case name == "" || v == nil || dv == nil:
		p.err = fmt.Errorf("PotentialFunc(%q): needs a name, V and dV", name)
	default:
		for _, x := range []float64{-1.5, -0.3, 0.2, 0.7, 1.9} {
			const h = 1e-3 // 4th-order difference: error h⁴, far below the tolerance for a smooth V
			d := (8*(v(x+h)-v(x-h)) - (v(x+2*h) - v(x-2*h))) / (12 * h)
			if got := dv(x); math.Abs(d-got) > 1e-6*(1+math.Abs(d)) {
				p.err = fmt.Errorf("PotentialFunc(%q): dV(%v) = %v, but V changes there at the rate %.9g; dV must be the derivative of V", name, x, got, d)
				break
			}
		}
	}
	p.curvature = func(x float64) float64 { const h = 1e-4; return (dv(x+h) - dv(x-h)) / (2 * h) }
	return p
}

// Err returns what is wrong with the parameters, or nil.
func (p Potential) Err() error { return p.err }

// fingerprint identifies V and dV by their values at 257 fixed points.
func (p Potential) fingerprint() string {
	h := sha256.New()
	var b [8]byte
	for i := range 257 {
		x := float64(i-128) / 32
		for _, f := range []float64{p.value(x), p.derivative(x)} {
			binary.LittleEndian.PutUint64(b[:], math.Float64bits(f))
			h.Write(b[:])
		}
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// None tells whether V = 0.
func (p Potential) None() bool { return p.kind == "" || p.kind == kindNone }

// Formula returns V(φ).
func (p Potential) Formula() Formula {
	switch p.kind {
	case kindPhi4:
		return Formula{fmt.Sprintf("V(φ) = (λ/4)(φ² − v²)², λ = %v, v = %v", p.lambda, p.v),
			fmt.Sprintf(`V(\varphi) = \tfrac{\lambda}{4}(\varphi^2 - v^2)^2,\ \lambda = %v,\ v = %v`, p.lambda, p.v)}
	case kindSineGordon:
		return Formula{"V(φ) = 1 − cos φ", `V(\varphi) = 1 - \cos\varphi`}
	case kindExpression:
		text, latex := "V(φ) = "+p.source+named(p.parameters), `V(\varphi) = `+p.expr.LaTeX()
		for _, name := range slices.Sorted(maps.Keys(p.parameters)) {
			latex += fmt.Sprintf(`,\ \mathrm{%s} = %v`, name, p.parameters[name])
		}
		return Formula{text, latex}
	case kindArray:
		return Formula{"V(φ, x) = ½ u(x) φ², u given at every site", `V(\varphi, x) = \tfrac12 u(x)\,\varphi^2`}
	case kindFunction:
		return Formula{"V(φ): the function " + p.name, ""}
	}
	return Formula{"V = 0", "V = 0"}
}

// String returns V(φ) as text, or what is wrong with it.
func (p Potential) String() string {
	if p.err != nil {
		return p.err.Error()
	}
	return p.Formula().Text
}

// named lists parameters: ", g = 0.1, m = 2".
func named(parameters map[string]float64) (text string) {
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		text += fmt.Sprintf(", %s = %v", name, parameters[name])
	}
	return text
}

// bound is a potential on the sites of a lattice; it is the network.Potential
// of the dual loss. coordinates holds x, y, z for expressions that use them.
type bound struct {
	Potential
	energy, force, bend *expr.Expr  // V, V′ and V″ of an expression
	coordinates         [][]float64 // x, y, z for an expression that uses them, else nil
}

const block = 1024

var blocks = sync.Pool{New: func() any { return new([block]float64) }}

// Bound is a [Potential] on the sites of a lattice: part of a loss.
type Bound interface {
	network.Potential

	// MaxCurvature returns the largest V″ over the range of φ, and over the sites where
	// it depends on the place. It samples the range.
	MaxCurvature(phi []float64) float64
}

// On returns the potential on the sites of a lattice, nil for V = 0, or what is wrong
// with it there. Each neuron type of a field has the same.
func (p Potential) On(l lattice.Lattice) (Bound, error) {
	b, err := p.bind(l)
	if b == nil {
		return nil, err
	}
	return b, err
}

// bind returns the potential on a lattice, nil for V = 0.
func (p Potential) bind(l lattice.Lattice) (*bound, error) {
	if p.err != nil {
		return nil, p.err
	}
	if p.None() {
		return nil, nil
	}
	b := &bound{Potential: p}
	switch p.kind {
	case kindArray:
		if len(p.values) != l.Sites() {
			return nil, fmt.Errorf("SitePotential: %d numbers for %d sites; give one a site, in row-major order", len(p.values), l.Sites())
		}
	case kindExpression:
		b.energy, b.force = p.expr, p.expr.Derivative("phi")
		b.bend = b.force.Derivative("phi")
		b.curvature = func(phi float64) float64 { return b.bend.Eval(phi, 0, 0, 0) }
		for j, name := range []string{"x", "y", "z"} {
			if !p.expr.Uses(name) {
				continue
			}
			if j >= l.Dim() {
				return nil, fmt.Errorf("Potential(%q): it uses %s, but the lattice has %d axes; use only %v", p.source, name, l.Dim(), []string{"x", "y", "z"}[:l.Dim()])
			}
			if b.coordinates == nil {
				b.coordinates = make([][]float64, 3)
			}
			b.coordinates[j] = l.Coordinates(j)
		}
	}
	return b, nil
}

// eval writes f(φ, x, y, z) of the sites from lo on to dst.
func (b *bound) eval(f *expr.Expr, dst, phi []float64, lo int) {
	var columns [4][]float64
	columns[0] = phi[lo : lo+len(dst)]
	for j := range 3 {
		columns[j+1] = columns[0] // a variable that is not used may hold anything
		if b.coordinates != nil && b.coordinates[j] != nil {
			columns[j+1] = b.coordinates[j][lo : lo+len(dst)]
		}
	}
	f.EvalTo(dst, columns[0], columns[1], columns[2], columns[3])
}

// Energy returns Σ V(φ_i).
func (b *bound) Energy(phi []float64) float64 {
	return sums.Parts(len(phi), func(lo, hi int) sums.Several { return sums.Several{b.partEnergy(phi, lo, hi)} })[0]
}

// partEnergy returns Σ V(φ_i) of the sites lo ≤ i < hi, a part of [sums.Parts].
func (b *bound) partEnergy(phi []float64, lo, hi int) float64 {
	buffer := buffers.Get().(*[sums.Part]float64)
	defer buffers.Put(buffer)
	v := buffer[:hi-lo]
	b.density(v, phi, lo)
	return sums.Add(v)
}

// density writes V(φ_i) of the sites from at on to dst.
func (b *bound) density(dst, phi []float64, at int) {
	x := phi[at : at+len(dst)]
	switch b.kind {
	case kindArray:
		u := b.values[at : at+len(dst)]
		for i, x := range x {
			dst[i] = 0.5 * u[i] * float64(x*x)
		}
	case kindExpression:
		b.eval(b.energy, dst, phi, at)
	default:
		for i, x := range x {
			dst[i] = b.value(x)
		}
	}
}

// AddForce adds α V′(φ_i) to dst.
func (b *bound) AddForce(dst []float64, alpha float64, phi []float64) {
	b.addForce(dst, alpha, phi, 0)
}

// addForce adds α V′(φ_i) of the sites from at on to dst.
func (b *bound) addForce(dst []float64, alpha float64, phi []float64, at int) {
	x := phi[at : at+len(dst)]
	switch b.kind {
	case kindPhi4:
		vv := float64(b.v * b.v)
		for i, x := range x {
			dst[i] += float64(alpha * (float64(b.lambda*x) * (float64(x*x) - vv)))
		}
	case kindArray:
		u := b.values[at : at+len(dst)]
		for i, x := range x {
			dst[i] += float64(alpha * float64(u[i]*x))
		}
	case kindExpression:
		buffer := blocks.Get().(*[block]float64)
		for lo := 0; lo < len(x); lo += block {
			force := buffer[:min(block, len(x)-lo)]
			b.eval(b.force, force, phi, at+lo)
			for i, f := range force {
				dst[lo+i] += float64(alpha * f)
			}
		}
		blocks.Put(buffer)
	default:
		for i, x := range x {
			dst[i] += float64(alpha * b.derivative(x))
		}
	}
}

// dependsOnPlace tells whether V differs from site to site: momentum is not
// conserved then.
func (b *bound) dependsOnPlace() bool { return b.kind == kindArray || b.coordinates != nil }

// extent finds the smallest and the largest of numbers; NaN if one is.
type extent struct {
	x      []float64
	lock   sync.Mutex
	lo, hi float64
}

// Do looks at the numbers from ≤ i < to.
func (e *extent) Do(from, to int) {
	lo, hi := math.Inf(1), math.Inf(-1)
	for _, x := range e.x[from:to] {
		if x < lo {
			lo = x
		}
		if x > hi {
			hi = x
		}
		if x != x {
			lo, hi = x, x
			break
		}
	}
	e.lock.Lock()
	e.lo, e.hi = min(e.lo, lo), max(e.hi, hi)
	e.lock.Unlock()
}

// stiffens returns V″(0) of a potential that is the same everywhere and has a vacuum at
// φ = 0, else 0; what is below the errors of differences is 0.
func (b *bound) stiffens() float64 {
	if b == nil || b.dependsOnPlace() {
		return 0
	}
	if bend := b.curvature(0); bend > 1e-6 && bend < math.MaxFloat64 {
		return bend
	}
	return 0
}

// MaxCurvature returns the largest V″ over the range of φ, and over the sites
// where it depends on the place. It samples the range.
func (b *bound) MaxCurvature(phi []float64) float64 {
	if b.kind == kindArray {
		return slices.Max(b.values)
	}
	const samples = 257
	span := extent{x: phi, lo: math.Inf(1), hi: math.Inf(-1)}
	pool.Run(len(phi), 1<<15, &span)
	lo, hi, most := span.lo, span.hi, math.Inf(-1)
	level := func(s int) float64 { return lo + float64((hi-lo)*float64(s)/(samples-1)) }
	if b.coordinates == nil {
		for s := range samples {
			most = math.Max(most, b.curvature(level(s)))
		}
		return most
	}
	at, bend := make([]float64, len(phi)), make([]float64, len(phi))
	for s := 0; s < samples; s += 8 {
		for i := range at {
			at[i] = level(s)
		}
		b.eval(b.bend, bend, at, 0)
		most = math.Max(most, slices.Max(bend))
	}
	return most
}
