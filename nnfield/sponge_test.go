package nnfield_test

import (
	"fmt"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/nnfield/internal/sums"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// reflected returns the part of a packet's energy that comes back from an end.
func reflected(t testing.TB, k, width float64, end nnfield.End) float64 {
	t.Helper()
	const a = 0.125
	w := 4.0 // of the packet
	if k < 2 {
		w = 8 // slow packets spread less if they are wide
	}
	inner := 15 * w // the packet starts in the middle
	length := inner + width
	m := nnfield.KleinGordon().Line(int(length/a), length, nnfield.Neumann, end).
		Packet(nnfield.At(inner/2), nnfield.Width(w), nnfield.WaveNumber(k)).MustBuild()
	speed := k / math.Sqrt(1+k*k)
	until := (inner/2 + 2*width + 0.35*inner) / speed // there, through the layer twice, and back into the middle
	energy := func(s *theory.State) float64 {
		rho := make([]float64, m.Lattice().Sites())
		m.(theory.Dense).EnergyDensity(rho, s)
		return sums.Sum(0, len(rho), func(i int) float64 { return rho[i] })
	}
	n := int(until / (1 / m.MaxFrequency(m.Initial())))
	return energy(propagate(t, m, "leapfrog", until, n)) / energy(m.Initial())
}

// A sponge of width 10/m keeps back all but 1e-4 of the energy for k ≥ 2m, and
// the table in the docs says what it does elsewhere.
func TestSpongeReflectsWhatTheDocsSay(t *testing.T) {
	doc, err := os.ReadFile("../docs/sponge.md")
	if err != nil {
		t.Fatal(err)
	}
	widths := []float64{5, 10, 20}
	for _, k := range []float64{0.5, 1, 2, 3, 4} {
		measured := fmt.Sprintf("| %v |", k)
		documented := []string{}
		for _, line := range strings.Split(string(doc), "\n") {
			if strings.HasPrefix(line, measured) {
				documented = strings.Split(line, "|")[2:]
			}
		}
		for i, width := range widths {
			r := reflected(t, k, width, nnfield.Absorbing(width))
			if k >= 2 && width >= 10 && r > 1e-4 {
				t.Errorf("k = %v, width %v: %.2g of the energy comes back", k, width, r)
			}
			measured += fmt.Sprintf(" %.1e |", r)
			if i >= len(documented) {
				t.Errorf("k = %v, width %v is not in the table", k, width)
				continue
			}
			said, err := strconv.ParseFloat(strings.TrimSpace(documented[i]), 64)
			if err != nil || math.Abs(math.Log(said/r)) > 0.1 {
				t.Errorf("k = %v, width %v: measured %.1e, the table says %s", k, width, r, documented[i])
			}
		}
		t.Log(measured)
	}
	// The control: a bare wall sends everything back.
	if r := reflected(t, 2, 10, nnfield.Dirichlet); math.Abs(r-1) > 0.01 {
		t.Errorf("a Dirichlet wall reflects %.3f of the energy", r)
	}
}
