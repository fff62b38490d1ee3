package simulate

import (
	"fmt"

	"github.com/nnfield/nnfield/nnfield/theory"
)

// Observer is what is observed; a [Schedule] says when. Package observe has
// the usual ones.
type Observer interface {
	// Name names the record; observers of one run have different names.
	Name() string
	// Bind prepares the observer for a model.
	Bind(m theory.Model) (Probe, error)
	// Spec returns the observer as a value for canonical JSON, an object with the
	// key "kind", or an error if it cannot be written down (user code).
	Spec() (any, error)
}

// Probe is an observer bound to a model.
type Probe struct {
	Symbol string
	Shape  []int // of one record; empty for a number
	// Value writes one record to dst.
	Value func(dst []float64, s theory.Snapshot)
	// Transforms marks values that come out of a library's Fourier transform or
	// eigenvalue solver; see theory.Portable.
	Transforms bool
}

// ObserverFunc observes one number by user code under a name. A Spec that holds
// it cannot be run elsewhere.
func ObserverFunc(name string, f func(s theory.Snapshot) float64) Observer {
	return observerFunc{name, f}
}

type observerFunc struct {
	name string
	f    func(theory.Snapshot) float64
}

func (o observerFunc) Name() string { return o.name }

func (o observerFunc) Bind(theory.Model) (Probe, error) {
	if o.name == "" || o.f == nil {
		return Probe{}, fmt.Errorf("ObserverFunc(%q): needs a name and a function", o.name)
	}
	return Probe{Symbol: o.name, Value: func(dst []float64, s theory.Snapshot) { dst[0] = o.f(s) }}, nil
}

func (o observerFunc) Spec() (any, error) {
	return map[string]any{"kind": "function", "name": o.name}, nil
}
