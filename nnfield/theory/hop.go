package theory

import "github.com/nnfield/nnfield/nnfield/lattice"

// hop is the coupling of neighbours along one axis: the matrix T between the
// components at x and those at the next site x+ĵ, Tᴴ standing on the way back.
type hop struct {
	entries    []hopEntry
	next, last []int // the sites after and before each, −1 beyond a wall
}

// hopEntry is an element of a matrix between components.
type hopEntry struct {
	a, b   int
	re, im float64
}

// newHop returns the coupling T along an axis.
func newHop(l lattice.Lattice, axis int, t matrix) hop {
	next := forward(l, axis)
	h := hop{entries: entries(t), next: next, last: make([]int, len(next))}
	for x := range h.last {
		h.last[x] = -1
	}
	for x, y := range next {
		if y >= 0 {
			h.last[y] = x
		}
	}
	return h
}

// entries lists the elements of a matrix that are not zero.
func entries(m matrix) (all []hopEntry) {
	for a, row := range m {
		for b, v := range row {
			if v != 0 {
				all = append(all, hopEntry{a, b, real(v), imag(v)})
			}
		}
	}
	return all
}

// forward returns the site after each along an axis, −1 beyond a wall.
func forward(l lattice.Lattice, axis int) []int {
	next := make([]int, l.Sites())
	stride, n := l.Stride(axis), l.Axis(axis).Sites
	for site := range next {
		switch i := site / stride % n; {
		case i+1 < n:
			next[site] = site + stride
		case l.Axis(axis).Periodic():
			next[site] = site - (n-1)*stride
		default:
			next[site] = -1
		}
	}
	return next
}
