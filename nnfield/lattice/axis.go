package lattice

import (
	"fmt"
	"math"
)

// Kind is what a boundary does to the field.
type Kind string

const (
	// Periodic joins both ends of the axis.
	Periodic Kind = "periodic"
	// Dirichlet holds φ = 0 on a wall node one spacing outside the last site.
	Dirichlet Kind = "dirichlet"
	// Neumann holds ∂φ = 0 on a wall face half a spacing outside the last site
	// (cell-centred: the ghost is φ₋₁ = φ₀, else the weights were not symmetric).
	Neumann Kind = "neumann"
	// Driven makes the last site a boundary neuron that is clamped to a signal
	// (the boundary dynamics of the learning system).
	Driven Kind = "driven"
)

// Side names an end of an axis.
type Side string

const (
	Low  Side = "low"  // the end at coordinate 0
	High Side = "high" // the end at coordinate Length
)

// Sponge is an absorbing layer in front of a wall: the bias β is damped at the
// rate σ(s) = Strength·(1 − s/Width)³, s being the distance from the wall.
// The zero value absorbs nothing.
type Sponge struct {
	Width    float64 // thickness of the layer, in units of length
	Strength float64 // σ at the wall, in units of 1/time
}

// Rate returns σ at a distance from the wall.
func (s Sponge) Rate(distance float64) float64 {
	if s.Width <= 0 || distance >= s.Width {
		return 0
	}
	u := 1 - math.Max(distance, 0)/s.Width
	return s.Strength * u * u * u
}

// Boundary is one end of an axis.
type Boundary struct {
	Kind   Kind
	Sponge Sponge
}

// Absorbing returns a Dirichlet wall behind a sponge of the given width, with
// the strength σ = 28/width: a wave of unit speed that crosses the layer twice
// keeps exp(−14) ≈ 1e-6 of its energy. What really comes back depends on k and
// on the width; the measured curve is in docs/sponge.md. With a sponge every
// integrator has order 2 at most: damping and kicks do not commute.
func Absorbing(width float64) Boundary {
	return Boundary{Kind: Dirichlet, Sponge: Sponge{Width: width, Strength: 28 / width}}
}

// Axis is one direction of a lattice.
//
// Sites sit at x_i = (i + o)·a with the offset o of the low end (0 periodic and
// driven, ½ Neumann, 1 Dirichlet) and the spacing
//
//	a = Length/Sites                          periodic
//	a = Length/(Sites − 1 + o_low + o_high)   otherwise.
type Axis struct {
	Sites     int
	Length    float64
	Low, High Boundary
}

// Ring returns a periodic axis.
func Ring(sites int, length float64) Axis {
	return Axis{Sites: sites, Length: length, Low: Boundary{Kind: Periodic}, High: Boundary{Kind: Periodic}}
}

// Line returns an axis with two ends.
func Line(sites int, length float64, low, high Boundary) Axis {
	return Axis{Sites: sites, Length: length, Low: low, High: high}
}

// Validate returns what is wrong with the axis: fewer than 2 sites, a length
// that is not positive, one periodic end only, an unknown kind, a sponge that
// is negative or thicker than the axis.
func (a Axis) Validate() error {
	if a.Sites < 2 {
		return fmt.Errorf("%d sites; an axis needs at least 2", a.Sites)
	}
	if !positive(a.Length) {
		return fmt.Errorf("length %v; it must be positive and finite", a.Length)
	}
	for _, side := range []Side{Low, High} {
		b := a.Boundary(side)
		switch b.Kind {
		case Periodic, Dirichlet, Neumann, Driven:
		default:
			return fmt.Errorf("%s boundary %q; use periodic, dirichlet, neumann or driven", side, b.Kind)
		}
		s := b.Sponge
		if s == (Sponge{}) {
			continue
		}
		if b.Kind == Periodic || b.Kind == Driven {
			return fmt.Errorf("%s boundary: a sponge needs a wall behind it, not a %s end; use dirichlet or neumann", side, b.Kind)
		}
		if !positive(s.Width) || s.Width > a.Length {
			return fmt.Errorf("%s sponge of width %v; it must be positive and at most the length %v", side, s.Width, a.Length)
		}
		if least := 2 * a.Spacing(); s.Width < least {
			return fmt.Errorf("%s sponge of width %v, thinner than two spacings: it absorbs next to nothing; use a width of at least %.3g, and of about 10/m to absorb all", side, s.Width, least)
		}
		if !(s.Strength >= 0) || math.IsInf(s.Strength, 1) {
			return fmt.Errorf("%s sponge of strength %v; it must be finite and not negative", side, s.Strength)
		}
	}
	if (a.Low.Kind == Periodic) != (a.High.Kind == Periodic) {
		return fmt.Errorf("one end periodic, the other %s/%s; both ends of an axis are periodic or neither", a.Low.Kind, a.High.Kind)
	}
	return nil
}

// Periodic tells whether the ends of the axis are joined.
func (a Axis) Periodic() bool { return a.Low.Kind == Periodic }

// Boundary returns the boundary of a side.
func (a Axis) Boundary(side Side) Boundary {
	if side == Low {
		return a.Low
	}
	return a.High
}

// offset returns the distance of the outermost site from its wall, in spacings.
func offset(k Kind) float64 {
	switch k {
	case Dirichlet:
		return 1
	case Neumann:
		return 0.5
	}
	return 0
}

// Spacing returns the lattice spacing a.
func (a Axis) Spacing() float64 {
	if a.Periodic() {
		return a.Length / float64(a.Sites)
	}
	return a.Length / (float64(a.Sites-1) + offset(a.Low.Kind) + offset(a.High.Kind))
}

// Coordinate returns x_i of site i.
func (a Axis) Coordinate(i int) float64 {
	return float64((float64(i) + offset(a.Low.Kind)) * a.Spacing())
}

// Fold returns where the field at index i, which may lie outside the axis, is
// found inside: φ(i) = sign·φ(site). See the package comment.
//
// Beyond a driven end the field is continued as beyond a Dirichlet wall; the
// value there acts on the clamped neuron only, which does not listen.
func (a Axis) Fold(i int) (site int, sign float64) {
	n := a.Sites
	if i >= 0 && i < n {
		return i, 1
	}
	if a.Periodic() {
		return ((i % n) + n) % n, 1
	}
	sign = 1
	for i < 0 || i >= n {
		kind, wall := a.Low.Kind, -1 // the mirror in half-spacings is 2·wall (node) or 2·wall+1 (face)
		if i >= n {
			kind, wall = a.High.Kind, n
		}
		if kind == Neumann {
			if i < 0 {
				i = -1 - i
			} else {
				i = 2*n - 1 - i
			}
			continue
		}
		if i == wall {
			return i - sgn(i-n/2), 0 // on the wall node φ = 0; name the site beside it
		}
		i, sign = 2*wall-i, -sign
	}
	return i, sign
}

func sgn(i int) int {
	if i < 0 {
		return -1
	}
	return 1
}

// String describes the axis in one line.
func (a Axis) String() string {
	s := fmt.Sprintf("%d sites, length %v, spacing %.6g", a.Sites, a.Length, a.Spacing())
	if a.Periodic() {
		return s + ", periodic"
	}
	return s + ", " + a.Low.String() + " | " + a.High.String()
}

// String describes the boundary in a few words.
func (b Boundary) String() string {
	if b.Sponge != (Sponge{}) {
		return fmt.Sprintf("%s behind a sponge of width %v, σ ≤ %.4g", b.Kind, b.Sponge.Width, b.Sponge.Strength)
	}
	return string(b.Kind)
}
