package theory

import (
	"fmt"
	"slices"

	"github.com/nnfield/nnfield/nnfield/internal/elementary"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// covariant is a Hermitian operator on charged fields of n complex components,
//
//	(𝐡φ)(x) = Σ_k M_k d_k(x) φ(x) + Σ_j [T_j U_j(x) φ(x+ĵ) + T_jᴴ U_j*(x−ĵ) φ(x−ĵ)]      [F] §5,
//
// with U(1) links U_j = e^{iθ_j}. It is a weights.Tensor: a real symmetric matrix
// between neurons, each complex component being a doublet of them, (re, im). Type
// 2a is the real, 2a+1 the imaginary part of component a.
//
// Links are set before it is used; products are summed in the order of the bonds,
// by one goroutine.
type covariant struct {
	l          lattice.Lattice
	components int
	name       string
	onsite     []onsite
	hops       []hop
	theta      []float64 // θ_j(x), axis after axis
	cos, sin   []float64
}

// onsite is M d(x).
type onsite struct {
	entries []hopEntry
	d       []float64
}

// newCovariant returns the operator without links: U = 1.
func newCovariant(l lattice.Lattice, components int, name string) *covariant {
	n := l.Dim() * l.Sites()
	w := &covariant{l: l, components: components, name: name, theta: make([]float64, n), cos: make([]float64, n), sin: make([]float64, n)}
	for i := range w.cos {
		w.cos[i] = 1
	}
	return w
}

// withLinks returns the same operator with links of its own.
func (w *covariant) withLinks() *covariant {
	c := *w
	c.theta, c.cos, c.sin = slices.Clone(w.theta), slices.Clone(w.cos), slices.Clone(w.sin)
	return &c
}

func (w *covariant) addOnsite(m matrix, d []float64) {
	if largest(d) != 0 {
		w.onsite = append(w.onsite, onsite{entries(m), d})
	}
}

// turnLinks sets U = e^{iθ} from theta.
func (w *covariant) turnLinks() {
	for i, t := range w.theta {
		w.cos[i], w.sin[i] = elementary.Cos(t), elementary.Sin(t)
	}
}

// Size returns the number of neurons: two for each component on each site.
func (w *covariant) Size() int { return 2 * w.components * w.l.Sites() }

// Transpose returns the tensor itself.
func (w *covariant) Transpose() weights.Tensor { return w }

// String names the operator.
func (w *covariant) String() string { return w.name }

// AddApply adds α𝐡x to dst.
func (w *covariant) AddApply(dst []float64, alpha float64, x []float64) {
	n := w.l.Sites()
	if len(dst) != w.Size() || len(x) != w.Size() {
		panic(fmt.Sprintf("theory: %s on %d neurons: operands of %d and %d", w.name, w.Size(), len(dst), len(x)))
	}
	part := func(v []float64, component int) (re, im []float64) {
		return v[2*component*n : (2*component+1)*n], v[(2*component+1)*n : (2*component+2)*n]
	}
	for _, o := range w.onsite {
		for _, e := range o.entries {
			outRe, outIm := part(dst, e.a)
			re, im := part(x, e.b)
			mr, mi := alpha*e.re, alpha*e.im
			if e.im == 0 {
				for i, d := range o.d {
					f := mr * d
					outRe[i] += float64(f * re[i])
					outIm[i] += float64(f * im[i])
				}
				continue
			}
			for i, d := range o.d {
				outRe[i] += float64(d * (float64(mr*re[i]) - float64(mi*im[i])))
				outIm[i] += float64(d * (float64(mr*im[i]) + float64(mi*re[i])))
			}
		}
	}
	for j, h := range w.hops {
		cos, sin := w.cos[j*n:(j+1)*n], w.sin[j*n:(j+1)*n]
		for _, e := range h.entries {
			hereRe, hereIm := part(dst, e.a)
			thereRe, thereIm := part(dst, e.b)
			fromRe, fromIm := part(x, e.b)
			backRe, backIm := part(x, e.a)
			mr, mi := alpha*e.re, alpha*e.im
			for i, y := range h.next {
				if y < 0 {
					continue
				}
				gr := float64(mr*cos[i]) - float64(mi*sin[i])
				gi := float64(mr*sin[i]) + float64(mi*cos[i])
				hereRe[i] += float64(gr*fromRe[y]) - float64(gi*fromIm[y])
				hereIm[i] += float64(gr*fromIm[y]) + float64(gi*fromRe[y])
				thereRe[y] += float64(gr*backRe[i]) + float64(gi*backIm[i])
				thereIm[y] += float64(gr*backIm[i]) - float64(gi*backRe[i])
			}
		}
	}
}

// Row calls entry for the weights of neuron i.
func (w *covariant) Row(i int, entry func(j int, w float64)) {
	n := w.l.Sites()
	kind, x := i/n, i%n
	a, imaginary := kind/2, kind%2 == 1
	row := map[int]float64{}
	add := func(b, y int, re, im float64) {
		if imaginary {
			row[2*b*n+y] += im
			row[(2*b+1)*n+y] += re
		} else {
			row[2*b*n+y] += re
			row[(2*b+1)*n+y] -= im
		}
	}
	for _, o := range w.onsite {
		for _, e := range o.entries {
			if e.a == a {
				add(e.b, x, e.re*o.d[x], e.im*o.d[x])
			}
		}
	}
	for j, h := range w.hops {
		element := func(e hopEntry, site int) (re, im float64) {
			c, s := w.cos[j*n+site], w.sin[j*n+site]
			return float64(e.re*c) - float64(e.im*s), float64(e.re*s) + float64(e.im*c)
		}
		for _, e := range h.entries {
			if y := h.next[x]; y >= 0 && e.a == a {
				re, im := element(e, x)
				add(e.b, y, re, im)
			}
			if y := h.last[x]; y >= 0 && e.b == a {
				re, im := element(e, y)
				add(e.a, y, re, -im)
			}
		}
	}
	columns := make([]int, 0, len(row))
	for j := range row {
		columns = append(columns, j)
	}
	slices.Sort(columns)
	for _, j := range columns {
		if row[j] != 0 {
			entry(j, row[j])
		}
	}
}

// addFlow adds to dst, axis after axis, the current that the bonds carry for the
// field f: −a·scale·Im f(x)†T_jU_j(x)f(x+ĵ) from x to x+ĵ.
func (w *covariant) addFlow(dst []float64, scale float64, f []float64) {
	for j := range w.hops {
		w.eachBond(j, f, func(x int, _, im float64) {
			dst[j*w.l.Sites()+x] -= w.l.Spacing(j) * scale * im
		})
	}
}

// eachBond calls g with the real and the imaginary part of f(x)†T_jU_j(x)f(x+ĵ)
// for each bond of an axis.
func (w *covariant) eachBond(j int, f []float64, g func(x int, re, im float64)) {
	n := w.l.Sites()
	h := w.hops[j]
	for x, y := range h.next {
		if y < 0 {
			continue
		}
		c, s := w.cos[j*n+x], w.sin[j*n+x]
		var re, im float64
		for _, e := range h.entries {
			gr, gi := float64(e.re*c)-float64(e.im*s), float64(e.re*s)+float64(e.im*c)
			ar, ai := f[2*e.a*n+x], f[(2*e.a+1)*n+x]
			br, bi := f[2*e.b*n+y], f[(2*e.b+1)*n+y]
			pr, pi := float64(ar*br)+float64(ai*bi), float64(ar*bi)-float64(ai*br) // f_a* f_b
			re += float64(gr*pr) - float64(gi*pi)
			im += float64(gr*pi) + float64(gi*pr)
		}
		g(x, re, im)
	}
}
