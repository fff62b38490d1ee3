package weights

import (
	"fmt"
	"slices"
	"strings"
)

// Sum is a sum of tensors of one size. Make it with [Add].
type Sum struct {
	terms []Tensor
}

// Add returns the sum of the tensors, in as few terms as it can, so that a
// product with it is few passes over the field: stencils of one lattice become
// one [Stencil], diagonals one [Diagonal], spectral Laplacians of one lattice one
// [Spectral], and multiples of the identity go into the first of these. −∇² + m²
// is one stencil. A single tensor is returned as it is. Add keeps the tensors it
// does not merge, trainable ones as well.
//
// It panics without tensors and when sizes differ.
func Add(ts ...Tensor) Tensor {
	if len(ts) == 0 {
		panic("weights.Add: no tensors; give at least one")
	}
	if len(ts) == 1 {
		return ts[0]
	}
	n := ts[0].Size()
	a := adder{}
	for _, t := range ts {
		if t.Size() != n {
			panic(fmt.Sprintf("weights.Add: %v has %d neurons, %v has %d; sizes must agree", ts[0], n, t, t.Size()))
		}
		a.add(t)
	}
	return a.sum(n)
}

// adder collects the terms of a sum.
type adder struct {
	terms    []Tensor
	constant float64 // multiple of the identity
}

func (a *adder) add(t Tensor) {
	switch t := t.(type) {
	case *Sum:
		for _, term := range t.terms {
			a.add(term)
		}
		return
	case Identity:
		a.constant++
		return
	case *Scaled:
		if _, ok := t.w.(Identity); ok {
			a.constant += t.factor
			return
		}
	case Diagonal:
		if c, ok := t.constant(); ok {
			a.constant += c
			return
		}
	}
	for i, old := range a.terms {
		if m, ok := merge(old, t); ok {
			a.terms[i] = m
			return
		}
	}
	a.terms = append(a.terms, t)
}

// merge adds two tensors of one kind if that gives this kind.
func merge(a, b Tensor) (Tensor, bool) {
	switch a := a.(type) {
	case *Stencil:
		if b, ok := b.(*Stencil); ok && sameLattice(a.l, b.l) {
			return newStencil(a.l, a.name+" + "+b.name, slices.Concat(a.taps, b.taps)), true
		}
	case *Spectral:
		if b, ok := b.(*Spectral); ok && sameLattice(a.modes.l, b.modes.l) {
			return a.modes.spectral(a.scale+b.scale, a.constant+b.constant), true
		}
	case Diagonal:
		if b, ok := b.(Diagonal); ok {
			d := slices.Clone(a)
			for i, v := range b {
				d[i] += v
			}
			return d, true
		}
	}
	return nil, false
}

// sum returns what was collected.
func (a *adder) sum(n int) Tensor {
	if a.constant != 0 && !a.absorbConstant() {
		a.terms = append(a.terms, Scale(a.constant, Identity(n)))
	}
	switch len(a.terms) {
	case 0:
		return zero(n)
	case 1:
		return a.terms[0]
	}
	return &Sum{a.terms}
}

// absorbConstant puts the multiple of the identity into the first term that can
// hold it.
func (a *adder) absorbConstant() bool {
	for i, t := range a.terms {
		switch t := t.(type) {
		case *Stencil:
			name := fmt.Sprintf("%s + %.6g", t.name, a.constant)
			a.terms[i] = newStencil(t.l, name, append(t.Taps(), Tap{Weight: a.constant}))
			return true
		case *Spectral:
			a.terms[i] = t.modes.spectral(t.scale, t.constant+a.constant)
			return true
		case Diagonal:
			d := slices.Clone(t)
			for k := range d {
				d[k] += a.constant
			}
			a.terms[i] = d
			return true
		}
	}
	return false
}

// Terms returns the tensors that are added.
func (s *Sum) Terms() []Tensor { return slices.Clone(s.terms) }

// Size returns the number of neurons.
func (s *Sum) Size() int { return s.terms[0].Size() }

// AddApply adds the products of the terms, one after the other.
func (s *Sum) AddApply(dst []float64, alpha float64, x []float64) {
	for _, t := range s.terms {
		t.AddApply(dst, alpha, x)
	}
}

// Transpose returns the sum of the transposes.
func (s *Sum) Transpose() Tensor {
	ts := make([]Tensor, len(s.terms))
	for i, t := range s.terms {
		ts[i] = t.Transpose()
	}
	return Add(ts...)
}

// Row calls entry with the sums of the entries, added in the order of the terms.
func (s *Sum) Row(i int, entry func(j int, w float64)) {
	var row []column
	for _, t := range s.terms {
		t.Row(i, func(j int, w float64) { row = append(row, column{j, w}) })
	}
	slices.SortStableFunc(row, func(a, b column) int { return a.j - b.j })
	for k := 0; k < len(row); {
		j, w := row[k].j, row[k].w
		for k++; k < len(row) && row[k].j == j; k++ {
			w += row[k].w
		}
		entry(j, w)
	}
}

// String joins the names of the terms.
func (s *Sum) String() string {
	names := make([]string, len(s.terms))
	for i, t := range s.terms {
		names[i] = "[" + t.String() + "]"
	}
	return strings.Join(names, " + ")
}
