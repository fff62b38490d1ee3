package theory

import "github.com/nnfield/nnfield/nnfield/internal/stencil"

// newSweptCharged returns the fast evolution of a charged field, or false if its
// links move or are neurons, or its matrices have elements that are neither real
// nor imaginary.
func newSweptCharged(e *transported) (*sweptHalves, bool) {
	if e.moving || !e.still || e.plaquettes != nil {
		return nil, false
	}
	w, ok := linkWeights(e.tensor)
	if !ok {
		return nil, false
	}
	k := stencil.NewLinks(w)
	h := k.Scalar()
	if e.spinor {
		h = k.Spinor()
	}
	return newSweptHalves(e, e.step, h, 4*w.Components+1+2*e.tensor.l.Dim()), true
}

// linkWeights are the numbers of a covariant operator for the kernels.
func linkWeights(t *covariant) (w stencil.LinkWeights, ok bool) {
	d, n := t.l.Dim(), t.l.Sites()
	unused := 3 - d
	w.Shape, w.Components = [3]int{1, 1, 1}, t.components
	for _, o := range t.onsite {
		for _, e := range o.entries {
			if e.im != 0 {
				return w, false
			}
			w.Sites = append(w.Sites, stencil.SiteTerm{A: e.a, B: e.b, M: e.re, D: o.d})
		}
	}
	for j, h := range t.hops {
		axis := unused + j
		w.Shape[axis], w.Wall[axis] = t.l.Axis(j).Sites, !t.l.Axis(j).Periodic()
		w.Cos[axis], w.Sin[axis] = t.cos[j*n:(j+1)*n], t.sin[j*n:(j+1)*n]
		for _, e := range h.entries {
			term := stencil.HopTerm{A: e.a, B: e.b, T: e.re}
			switch {
			case e.re == 0:
				term.T, term.Imaginary = e.im, true
			case e.im != 0:
				return w, false
			}
			w.Hops[axis] = append(w.Hops[axis], term)
		}
	}
	return w, true
}
