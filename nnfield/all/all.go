// Package all knows every theory and every observer, and reads any Spec. The
// command line imports it; a notebook cell, which names its theory, does not
// need to link the others.
package all

import (
	"github.com/nnfield/nnfield/nnfield/geometry"
	"github.com/nnfield/nnfield/nnfield/geometry/einstein"
	"github.com/nnfield/nnfield/nnfield/geometry/strings"
	"github.com/nnfield/nnfield/nnfield/observe"
	"github.com/nnfield/nnfield/nnfield/quantum"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// Decode reads a simulation from its canonical JSON; see simulate.Simulation.Spec.
// Arrays that the Spec names are taken from arrays.
func Decode(spec []byte, arrays theory.Arrays) (simulate.Simulation, error) {
	models := theory.Decoders()
	for _, name := range []string{"schrodinger", "madelung", "hamilton-jacobi"} {
		models[name] = quantum.Decode
	}
	models["curved-klein-gordon"] = geometry.Decode
	models["string"] = strings.Decode
	models["minisuperspace"] = einstein.Decode
	return simulate.Registry{
		Models:    models,
		Observers: observe.Observers(),
	}.Decode(spec, arrays)
}
