package plotting

import (
	"context"
	"math"
	"strings"
	"testing"

	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// A torus with n quanta of flux has the same angle 2πn/sites in each plaquette:
// those of a run are what its links go round, whatever the gauge.
func TestLinksOfARun(t *testing.T) {
	const sites, quanta = 6, 2
	model := nnfield.ChargedScalar().Torus(sites, 3).Background(nnfield.MagneticFlux(quanta))
	r, err := model.Until(0.1).Frames(nnfield.Count(2)).Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	theta := r.Model.(theory.Linked).LinkPhases(r.State(1))
	l := r.Lattice()
	n := l.Sites()
	for x := range n {
		right, _ := l.Neighbour(x, 0, 1)
		up, _ := l.Neighbour(x, 1, 1)
		flux := math.Remainder(theta[x]+theta[n+right]-theta[up]-theta[n+x], 2*math.Pi)
		if want := 2 * math.Pi * quanta / float64(n); math.Abs(math.Abs(flux)-want) > 1e-12 {
			t.Errorf("plaquette %d has the angle %v, want ±%v", x, flux, want)
		}
	}
	if _, err := Links(r, -1).SVG(); err != nil {
		t.Error(err)
	}

	wave := nnfield.Maxwell().Ring(8, 4).LinkValues(make([]float64, 8), []float64{1, 1, 1, 1, 1, 1, 1, 1})
	r, err = wave.Charge(0.5).Until(1).Frames(nnfield.Count(2)).Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	// A constant field E = 1: θ = q a t on every link.
	for i, v := range r.Model.(theory.Linked).LinkPhases(r.State(1)) {
		if math.Abs(v-0.25*r.Times()[1]) > 1e-12 {
			t.Errorf("link %d has the phase %v", i, v)
		}
	}
	if _, err := Links(r, -1).SVG(); err != nil {
		t.Error(err)
	}

	scalar, err := nnfield.KleinGordon().Ring(8, 4).Until(1).Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if err := Links(scalar, 0).Err(); err == nil || !strings.Contains(err.Error(), "has no links") {
		t.Errorf("error %v", err)
	}
}
