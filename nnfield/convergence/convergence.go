// Package convergence measures with which power of a step or a spacing an error falls.
package convergence

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"text/tabwriter"
)

// Order is the outcome of a refinement: an error for each size, and with which
// power of the size it falls.
type Order struct {
	Name     string
	Sizes    []float64 // steps ε or spacings a, descending
	Errors   []float64 // one for each size
	Pairwise []float64 // log(e_i/e_{i+1})/log(h_i/h_{i+1}), one less than sizes
	Fitted   float64   // slope of the straight line through all points (log h, log e)
}

// Measure measures the order of convergence of anything that has a size h, such as the
// time step ε or the spacing a, and an error: it calls err for each size.
//
// Sizes are positive and descend; there are at least two. It fails for other
// sizes, for an error that err returns and for an error value that is negative
// or not finite. An error of 0 has no order: the pairs it is part of are ±Inf or
// NaN, and the fit leaves it out.
func Measure(name string, sizes []float64, err func(h float64) (float64, error)) (Order, error) {
	if len(sizes) < 2 {
		return Order{}, fmt.Errorf("Convergence(%q): %d sizes; an order needs at least 2", name, len(sizes))
	}
	for i, h := range sizes {
		if !(h > 0) || math.IsInf(h, 1) || i > 0 && h >= sizes[i-1] {
			return Order{}, fmt.Errorf("Convergence(%q): sizes %v; they must be positive, finite and descending", name, sizes)
		}
	}
	o := Order{Name: name, Sizes: slices.Clone(sizes)}
	for _, h := range sizes {
		e, failed := err(h)
		if failed != nil {
			return Order{}, fmt.Errorf("Convergence(%q): at size %v: %w", name, h, failed)
		}
		if !(e >= 0) || math.IsInf(e, 1) {
			return Order{}, fmt.Errorf("Convergence(%q): the error at size %v is %v; it must be finite and not negative", name, h, e)
		}
		o.Errors = append(o.Errors, e)
	}
	for i := 1; i < len(sizes); i++ {
		o.Pairwise = append(o.Pairwise, math.Log(o.Errors[i-1]/o.Errors[i])/math.Log(sizes[i-1]/sizes[i]))
	}
	o.Fitted = o.fit()
	return o, nil
}

// fit returns the least-squares slope of log e over log h, NaN for fewer than
// two errors above 0.
func (o Order) fit() float64 {
	var x, y []float64
	for i, e := range o.Errors {
		if e > 0 {
			x, y = append(x, math.Log(o.Sizes[i])), append(y, math.Log(e))
		}
	}
	n := float64(len(x))
	var mx, my float64
	for i := range x {
		mx += x[i] / n
		my += y[i] / n
	}
	var top, bottom float64
	for i := range x {
		top += float64((x[i] - mx) * (y[i] - my))
		bottom += float64((x[i] - mx) * (x[i] - mx))
	}
	return top / bottom
}

// String returns the refinement as a text table.
func (o Order) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: order %.2f\n", o.Name, o.Fitted)
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprint(w, "size\terror\torder\t\n")
	for i, h := range o.Sizes {
		order := "–"
		if i > 0 {
			order = fmt.Sprintf("%.2f", o.Pairwise[i-1])
		}
		fmt.Fprintf(w, "%.4g\t%.2g\t%s\t\n", h, o.Errors[i], order)
	}
	w.Flush() // a strings.Builder takes everything
	return b.String()
}
