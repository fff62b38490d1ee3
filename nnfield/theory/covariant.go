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
// Links are set before it is used. AddApply sums for each component of a site first
// the terms of the site, then axis after axis and element after element of T_j what
// the neighbour behind sends, if the element stands in the column of the component,
// and what the neighbour ahead sends, if it stands in its row; α times the sum is
// added.
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
	var sum bondSums
	for c := range w.components {
		for lo := 0; lo < n; lo += len(sum.re) {
			m := min(len(sum.re), n-lo)
			w.sum(&sum, c, x, lo, m)
			for i := range m {
				dst[2*c*n+lo+i] += float64(alpha * sum.re[i])
				dst[(2*c+1)*n+lo+i] += float64(alpha * sum.im[i])
			}
		}
	}
}

// bondSums are the sums of some sites.
type bondSums struct{ re, im [256]float64 }

// sum sets the first m sums to component c of 𝐡x from site lo on.
func (w *covariant) sum(s *bondSums, c int, x []float64, lo, m int) {
	n := w.l.Sites()
	part := func(component int) (re, im []float64) {
		return x[2*component*n : (2*component+1)*n], x[(2*component+1)*n : (2*component+2)*n]
	}
	clear(s.re[:m])
	clear(s.im[:m])
	for _, o := range w.onsite {
		for _, e := range o.entries {
			if e.a != c {
				continue
			}
			re, im := part(e.b)
			for i, d := range o.d[lo : lo+m] {
				p, q := re[lo+i], im[lo+i]
				if e.im == 0 {
					f := float64(e.re * d)
					s.re[i] += float64(f * p)
					s.im[i] += float64(f * q)
				} else {
					s.re[i] += float64(d * (float64(e.re*p) - float64(e.im*q)))
					s.im[i] += float64(d * (float64(e.re*q) + float64(e.im*p)))
				}
			}
		}
	}
	for j, h := range w.hops {
		for _, e := range h.entries {
			if e.b == c {
				re, im := part(e.a)
				for i, z := range h.last[lo : lo+m] {
					if z >= 0 {
						gr, gi := w.link(e, j*n+z)
						s.re[i] += float64(gr*re[z]) + float64(gi*im[z])
						s.im[i] += float64(gr*im[z]) - float64(gi*re[z])
					}
				}
			}
			if e.a == c {
				re, im := part(e.b)
				for i, y := range h.next[lo : lo+m] {
					if y >= 0 {
						gr, gi := w.link(e, j*n+lo+i)
						s.re[i] += float64(gr*re[y]) - float64(gi*im[y])
						s.im[i] += float64(gr*im[y]) + float64(gi*re[y])
					}
				}
			}
		}
	}
}

// link returns the product of an element of a matrix with a link. Products with a
// part that is zero are left out, so that a real and an imaginary element give two
// products.
func (w *covariant) link(e hopEntry, i int) (re, im float64) {
	switch {
	case e.im == 0:
		return float64(e.re * w.cos[i]), float64(e.re * w.sin[i])
	case e.re == 0:
		return -float64(e.im * w.sin[i]), float64(e.im * w.cos[i])
	}
	return float64(e.re*w.cos[i]) - float64(e.im*w.sin[i]), float64(e.re*w.sin[i]) + float64(e.im*w.cos[i])
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
				add(e.b, x, float64(e.re*o.d[x]), float64(e.im*o.d[x]))
			}
		}
	}
	for j, h := range w.hops {
		for _, e := range h.entries {
			if y := h.next[x]; y >= 0 && e.a == a {
				re, im := w.link(e, j*n+x)
				add(e.b, y, re, im)
			}
			if y := h.last[x]; y >= 0 && e.b == a {
				re, im := w.link(e, j*n+y)
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
