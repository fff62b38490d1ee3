package weights

import (
	"math"

	"gonum.org/v1/gonum/mat"

	"github.com/nnfield/nnfield/nnfield/internal/elementary"
	"github.com/nnfield/nnfield/nnfield/lattice"
)

// symbol is a tensor written in the plane and standing waves of its lattice,
// where it is a small matrix between neuron types for each wave: Σ_terms
// factor·M·λ(wave). Waves are numbered like the coefficients of [Modes]; a
// coefficient of a periodic axis stands for the plane wave of the sign that
// phase gives it.
type symbol struct {
	l     *lattice.Lattice // nil: no term depends on the wave
	types int              // neuron types T
	waves int              // sites S
	even  bool             // the real modes of [Modes] diagonalise it too
	terms []term
}

// term is factor·M·λ.
type term struct {
	factor float64
	types  *mat.Dense   // M; nil: the unit matrix
	values []complex128 // λ of each wave; nil: 1
}

// symbolOf returns the symbol of a tensor, or false if its structure shows none.
func symbolOf(w Tensor) (symbol, bool) {
	n := w.Size()
	s := symbol{types: 1, waves: n, even: true}
	switch w := w.(type) {
	case Identity:
		s.terms = []term{{factor: 1}}
		return s, true
	case Diagonal:
		c, ok := w.constant()
		s.terms = []term{{factor: c}}
		return s, ok
	case *Stencil:
		if !w.mirroredOnWalls() {
			return s, false
		}
		s.l = &w.l
		for j := range w.l.Dim() {
			s.even = s.even && w.mirrored(j)
		}
		s.terms = []term{{factor: 1, values: w.eigenvalues()}}
		return s, true
	case *Spectral:
		s.l = &w.modes.l
		values := make([]complex128, n)
		for i, v := range w.eigenvalues {
			values[i] = complex(v, 0)
		}
		s.terms = []term{{factor: 1, values: values}}
		return s, true
	case *Scaled:
		s, ok := symbolOf(w.w)
		for i := range s.terms {
			s.terms[i].factor *= w.factor
		}
		return s, ok
	case *Kron:
		s, ok := symbolOf(w.w)
		if !ok || s.types != 1 {
			return s, false
		}
		s.types = w.count()
		for i := range s.terms {
			s.terms[i].types = w.types
		}
		return s, true
	case *Sum:
		return sumOfSymbols(w.terms)
	}
	return s, false
}

// sumOfSymbols adds symbols if they belong to one lattice and as many types.
// Multiples of the identity fit any.
func sumOfSymbols(ts []Tensor) (symbol, bool) {
	var sum symbol
	var constants []term
	for _, t := range ts {
		s, ok := symbolOf(t)
		if !ok {
			return s, false
		}
		if s.l == nil && s.types == 1 {
			constants = append(constants, s.terms...)
			continue
		}
		if sum.terms == nil {
			sum = s
			continue
		}
		if s.types != sum.types || s.waves != sum.waves || s.l != nil && sum.l != nil && !sameLattice(*s.l, *sum.l) {
			return s, false
		}
		if sum.l == nil {
			sum.l = s.l
		}
		sum.even = sum.even && s.even
		sum.terms = append(sum.terms, s.terms...)
	}
	sum.terms = append(sum.terms, constants...)
	return sum, sum.types > 0
}

// at returns the eigenvalue for a wave; there is one type.
func (s *symbol) at(wave int) complex128 {
	var sum complex128
	for _, t := range s.terms {
		sum += t.entry(0, 0, wave)
	}
	return sum
}

// entry returns factor·M_ab·λ.
func (t *term) entry(a, b, wave int) complex128 {
	f := t.factor
	switch {
	case t.types != nil:
		f *= t.types.At(a, b)
	case a != b:
		return 0
	}
	if t.values == nil {
		return complex(f, 0)
	}
	v := t.values[wave]
	return complex(float64(f*real(v)), float64(f*imag(v)))
}

// spectrum returns all eigenvalues, in no order. The symbols A of a wave and A* of
// the wave with the opposite phases have together the eigenvalues of the real
// matrix [[Re A, −Im A], [Im A, Re A]], and that of a wave that is its own
// opposite is real.
func (s *symbol) spectrum() ([]complex128, error) {
	if s.types == 1 {
		values := make([]complex128, s.waves)
		for i := range values {
			values[i] = s.at(i)
		}
		return values, nil
	}
	t := s.types
	values := make([]complex128, 0, t*s.waves)
	for wave := range s.waves {
		other, size := wave, t
		if s.l != nil {
			if other = opposed(*s.l, wave); other > wave {
				size = 2 * t
			}
		}
		if other < wave {
			continue
		}
		of, err := eigenvalues(s.embedded(wave, size))
		if err != nil {
			return nil, err
		}
		values = append(values, of...)
	}
	return values, nil
}

// embedded returns Re A for size T, [[Re A, −Im A], [Im A, Re A]] for size 2T.
func (s *symbol) embedded(wave, size int) *mat.Dense {
	m := mat.NewDense(size, size, nil)
	t := s.types
	for a := range t {
		for b := range t {
			var v complex128
			for _, term := range s.terms {
				v += term.entry(a, b, wave)
			}
			m.Set(a, b, real(v))
			if size > t {
				m.Set(a+t, b+t, real(v))
				m.Set(a, b+t, -imag(v))
				m.Set(a+t, b, imag(v))
			}
		}
	}
	return m
}

// opposed returns the wave with the opposite phases along the periodic axes.
func opposed(l lattice.Lattice, wave int) int {
	other := wave
	for j, a := range l.Axes() {
		if !a.Periodic() {
			continue
		}
		c := wave / l.Stride(j) % a.Sites
		switch {
		case c == 0 || c == a.Sites-1 && a.Sites%2 == 0: // k = 0 and k = π/a
		case c%2 == 1:
			other += l.Stride(j)
		default:
			other -= l.Stride(j)
		}
	}
	return other
}

// rowSum returns the sum of all taps, the even pairs first: the eigenvalue of the
// constant field on a ring.
func (s *Stencil) rowSum() float64 {
	sum := 0.0
	for _, o := range s.pairs[:len(s.pairs)-len(s.form.Odd)] {
		sum += s.weight(o) + s.weight(opposite(o))
	}
	return sum + s.weight([3]int{})
}

// eigenvalues returns the eigenvalue of each wave of the lattice; the stencil is
// mirrored on walls. With the phases θ = k·a of a wave it is
//
//	Σ_taps w − Σ_pairs 2e·(1 − cos θ·o) + i Σ_pairs 2f·sin θ·o,
//
// which keeps the digits of long waves.
func (s *Stencil) eigenvalues() []complex128 {
	type turn struct{ versine, sine float64 } // 1 − cos, sin
	waves := s.l.Sites()
	dim := len(s.stride)
	tables := make([][][]turn, dim) // [axis][offset + reach][coefficient]
	for j := range dim {
		a := s.l.Axis(j)
		for o := -s.reach[j]; o <= s.reach[j]; o++ {
			table := make([]turn, a.Sites)
			for c := range table {
				p, q := phase(a, c)
				v, sin := turnBy(p*o, q)
				if !a.Periodic() {
					sin = 0 // the taps come in even pairs
				}
				table[c] = turn{v, sin}
			}
			tables[j] = append(tables[j], table)
		}
	}
	values := make([]complex128, waves)
	sum := s.rowSum()
	for i := range values {
		values[i] = complex(sum, 0)
	}
	each := func(o [3]int, add func(wave int, t turn)) {
		for wave := range waves {
			var t turn
			for j, stride := range s.stride {
				u := tables[j][o[j]+s.reach[j]][wave/stride%s.sites[j]]
				t = turn{
					t.versine + u.versine - float64(t.versine*u.versine) + float64(t.sine*u.sine),
					float64((1-t.versine)*u.sine) + float64(t.sine*(1-u.versine)),
				}
			}
			add(wave, t)
		}
	}
	for k, o := range s.pairs {
		if k < len(s.pairs)-len(s.form.Odd) {
			w := s.weight(o) + s.weight(opposite(o))
			each(o, func(wave int, t turn) { values[wave] -= complex(float64(w*t.versine), 0) })
		} else {
			w := s.weight(o) - s.weight(opposite(o))
			each(o, func(wave int, t turn) { values[wave] += complex(0, float64(w*t.sine)) })
		}
	}
	return values
}

// turnBy returns 1 − cos and sin of the angle 2πp/q, the sine exactly zero on
// half turns.
func turnBy(p, q int) (versine, sine float64) {
	p = ((p % q) + q) % q
	half := elementary.Sin(math.Pi * float64(p) / float64(q))
	if 2*p%q != 0 {
		sine = elementary.Sin(2 * math.Pi * float64(p) / float64(q))
	}
	return 2 * half * half, sine
}
