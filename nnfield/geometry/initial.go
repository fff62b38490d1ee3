package geometry

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/nnfield/nnfield/nnfield/internal/canon"
	"github.com/nnfield/nnfield/nnfield/internal/sums"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// compose checks and resolves the contributions to the state at t = 0 and returns
// what adds them up.
//
// What waves look like on the lattice is known to the flat field, whose φ is Re f;
// with their phases turned back by a quarter it is Im f. What moves them is ours:
// φ̇ = Re(−i√W f) = √W Im f.
func (m *model) compose() (state func() (phi, beta []float64), resolved []theory.Initial, err error) {
	flat, err := flatField(m.p.lattice, m.p.initial)
	if err != nil {
		return nil, nil, err
	}
	arrays := simulate.NewArrays()
	s, err := newFlatSpec(flat, arrays)
	if err != nil {
		return nil, nil, err
	}
	turned, values := s, s
	turned.Initial, values.Initial = nil, nil
	for _, i := range s.Initial {
		switch i["kind"] {
		case "values":
			values.Initial = append(values.Initial, i)
		case "packet", "plane-wave":
			i = maps.Clone(i)
			i["phase"] = i["phase"].(float64) - math.Pi/2
			turned.Initial = append(turned.Initial, i)
		default:
			return nil, nil, fmt.Errorf("initial.kind: %q is no state of a field in curved space-time; use packet, plane-wave or values", i["kind"])
		}
	}
	imaginary, err := turned.decode(arrays)
	if err != nil {
		return nil, nil, err
	}
	momenta, err := values.decode(arrays)
	if err != nil {
		return nil, nil, err
	}
	p, _ := theory.Parameters(flat)
	return func() (phi, beta []float64) {
		phi, beta = flat.Initial().Arrays[0], momenta.Initial().Arrays[1]
		m.addPositive(beta, imaginary.Initial().Arrays[0])
		return phi, beta
	}, p.Initial, nil
}

// flatField returns the field without curvature that has a state on a lattice.
func flatField(l lattice.Lattice, initial []theory.Initial) (theory.Model, error) {
	return theory.KleinGordon{Lattice: l, Initial: initial}.Build()
}

// flatSpec is the Spec of a flat field, as far as it is looked into.
type flatSpec struct {
	Theory    string           `json:"theory"`
	Lattice   json.RawMessage  `json:"lattice"`
	Mass      float64          `json:"mass"`
	Laplacian theory.Laplacian `json:"laplacian"`
	Potential json.RawMessage  `json:"potential"`
	Initial   []map[string]any `json:"initial"`
}

func newFlatSpec(flat theory.Model, arrays theory.Arrays) (s flatSpec, err error) {
	v, err := flat.Spec(arrays)
	if err != nil {
		return s, err
	}
	raw, err := canon.Marshal(v)
	if err != nil {
		return s, err
	}
	return s, json.Unmarshal(raw, &s)
}

// decode returns the flat field.
func (s flatSpec) decode(arrays theory.Arrays) (theory.Model, error) {
	if s.Initial == nil {
		s.Initial = []map[string]any{}
	}
	raw, err := json.Marshal(s)
	if err != nil {
		return nil, err
	}
	return theory.DecodeKleinGordon(raw, arrays)
}

// addPositive adds the β of a field whose imaginary part is u, M β = √W u with the
// wave operator W = MK at t = 0:
//
//	β = M^{−½} √K̃ M^{−½} u,   K̃ = M^{½} K M^{½} (symmetric).
func (m *model) addPositive(beta, u []float64) {
	if zero(u) {
		return
	}
	r := m.p.scale.rates(0, m.p.lattice.Dim())
	loss := expanding{m.t, r}
	n := len(u)
	scaled := make([]float64, n)
	apply := func(dst, x []float64) {
		for i, v := range x {
			scaled[i] = float64(m.t.root[i] * v)
		}
		clear(dst)
		loss.AddGradient(nil, dst, nil, 1, scaled, nil)
		for i := range dst {
			dst[i] *= m.t.root[i]
		}
	}
	start := make([]float64, n)
	for i, v := range u {
		start[i] = v / m.t.root[i]
	}
	root := squareRoot(apply, start)
	gain := math.Sqrt(r.gain)
	for i, v := range root {
		beta[i] += v / float64(m.t.root[i]*gain)
	}
}

const (
	rootSteps     = 400   // of Lanczos, at most: good to 1e-6 for waves of 1000 sites
	rootTolerance = 1e-11 // change of the result, relative, at which it stops
)

// squareRoot returns √S v of a symmetric operator S ≥ 0 by the Lanczos method: with
// the tridiagonal T that S is in the Krylov basis Q of v, √S v ≈ ‖v‖ Q √T e₁. The
// basis is made twice, once for T and once for the sum, so that it is never stored.
// (N. J. Higham, Functions of Matrices, §13.2.)
func squareRoot(apply func(dst, x []float64), v []float64) []float64 {
	var diagonal, beside, coefficients []float64
	l := newLanczos(apply, v)
	for look, most := 16, min(rootSteps, len(v)); ; {
		a, b := l.next()
		diagonal, beside = append(diagonal, a), append(beside, b)
		n := len(diagonal)
		done := n == most || b <= 1e-14*(math.Abs(a)+b)
		if !done && n < look {
			continue
		}
		look = n + max(16, n/4)
		c := rootOfTridiagonal(diagonal, beside)
		done = done || distance(c, coefficients) <= rootTolerance
		if coefficients = c; done {
			break
		}
	}
	root := make([]float64, len(v))
	l = newLanczos(apply, v)
	for _, c := range coefficients {
		for i, q := range l.q {
			root[i] += float64(float64(l.norm*c) * q)
		}
		l.next()
	}
	return root
}

// distance returns ‖a − b‖/‖a‖, missing entries being 0.
func distance(a, b []float64) float64 {
	d := slices.Clone(a)
	for i, v := range b {
		d[i] -= v
	}
	return math.Sqrt(sums.Dot(d, d) / sums.Dot(a, a))
}

// lanczos makes the basis, vector after vector.
type lanczos struct {
	apply          func(dst, x []float64)
	q, before, new []float64
	beta           float64
	norm           float64 // ‖v‖
}

func newLanczos(apply func(dst, x []float64), v []float64) *lanczos {
	l := &lanczos{apply: apply, q: make([]float64, len(v)), before: make([]float64, len(v)), new: make([]float64, len(v))}
	largest := 0.0 // taken out, so that no square is too large
	for _, x := range v {
		largest = max(largest, math.Abs(x))
	}
	for i, x := range v {
		l.q[i] = x / largest
	}
	norm := math.Sqrt(sums.Dot(l.q, l.q))
	for i := range l.q {
		l.q[i] /= norm
	}
	l.norm = largest * norm
	return l
}

// next replaces q by the next vector and returns the elements of T on and beside
// the diagonal.
func (l *lanczos) next() (a, b float64) {
	l.apply(l.new, l.q)
	a = sums.Dot(l.q, l.new)
	for i := range l.new {
		l.new[i] -= float64(a*l.q[i]) + float64(l.beta*l.before[i])
	}
	b = math.Sqrt(sums.Dot(l.new, l.new))
	if b > 0 {
		for i := range l.new {
			l.new[i] /= b
		}
	}
	l.before, l.q, l.new, l.beta = l.q, l.new, l.before, b
	return a, b
}

// rootOfTridiagonal returns √T e₁.
func rootOfTridiagonal(diagonal, beside []float64) []float64 {
	n := len(diagonal)
	t := mat.NewSymDense(n, nil)
	for i, v := range diagonal {
		t.SetSym(i, i, v)
		if i > 0 {
			t.SetSym(i, i-1, beside[i-1])
		}
	}
	var e mat.EigenSym
	if !e.Factorize(t, true) {
		panic("geometry: the QL iteration failed on a finite tridiagonal matrix")
	}
	var vectors mat.Dense
	e.VectorsTo(&vectors)
	root := make([]float64, n)
	for k, v := range e.Values(nil) {
		f := math.Sqrt(max(0, v)) * vectors.At(0, k)
		for i := range root {
			root[i] += f * vectors.At(i, k)
		}
	}
	return root
}
