package nnfield

import (
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// DiracModel builds a Dirac field. Its setters return a changed copy.
type DiracModel struct {
	spinors[DiracModel, theory.Dirac]
}

var dirac = kind[DiracModel, theory.Dirac]{
	name: "Dirac",
	wrap: func(b builder[DiracModel, theory.Dirac]) DiracModel {
		return DiracModel{spinors[DiracModel, theory.Dirac]{b}}
	},
	places: func(p *theory.Dirac) (*lattice.Lattice, *[]theory.Initial) { return &p.Lattice, &p.Initial },
	dirac:  func(p *theory.Dirac) *theory.Dirac { return p },
	build:  theory.Dirac.Build,
}

// Dirac returns the builder of a Dirac field ψ = φ + iβ,
//
//	i∂ψ/∂t = (−iα_j∂_j + m(x)β_D + V(x))ψ          [F §4]
//
// of mass 1 in the representation of real matrices, without a Wilson term, a
// lattice or a state.
func Dirac() DiracModel {
	var m DiracModel
	m.kind, m.p = &dirac, theory.Dirac{Mass: 1}
	return m
}

// spinors are the setters that Dirac fields share.
type spinors[M, P any] struct {
	builder[M, P]
}

// Mass sets the same mass everywhere, of either sign (c = ħ = 1).
func (b spinors[M, P]) Mass(mass float64) M {
	d := b.of().dirac(&b.p)
	d.Mass, d.MassProfile = mass, theory.Profile{}
	return b.fail(theory.CheckDiracMass(mass))
}

// MassProfile sets a mass that depends on the place, such as
// Profile("tanh(x - 20)"), in place of Mass.
func (b spinors[M, P]) MassProfile(p theory.Profile) M {
	d := b.of().dirac(&b.p)
	d.Mass, d.MassProfile = 0, p
	return b.fail(p.Err())
}

// Wilson adds the term (r a/2)(−∇²)β_D, which gives the 2^d − 1 doublers of each
// wave the mass m + 2rn/a. Default: 0.
func (b spinors[M, P]) Wilson(r float64) M {
	b.of().dirac(&b.p).Wilson = r
	return b.fail(theory.CheckWilson(r))
}

// ScalarPotential sets V(x), an energy that depends on the place.
func (b spinors[M, P]) ScalarPotential(v theory.Profile) M {
	b.of().dirac(&b.p).Potential = v
	return b.fail(v.Err())
}

// Representation chooses α_j and β_D: [RealMatrices] (default), [DiracMatrices],
// [WeylMatrices], [MajoranaMatrices] or given [Matrices].
func (b spinors[M, P]) Representation(r theory.Representation) M {
	b.of().dirac(&b.p).Representation = r
	return b.fail(r.Err())
}

// PlaneWave adds a plane wave with |ψ|² = A², of a charged field with the charge
// density A²; options [WaveNumber] or [Mode],
// [Spinor], [EnergySign], [Amplitude], [Phase].
func (b spinors[M, P]) PlaneWave(options ...Option) M {
	return b.add(theory.SpinorPlaneWave(options...))
}

// Packet adds a Gaussian packet of one sign of the energy with Σ a^d|ψ|² = A², of a
// charged field with the charge A²; options [Width], [At], [WaveNumber], [Spinor], [EnergySign], [Amplitude],
// [Phase].
func (b spinors[M, P]) Packet(options ...Option) M {
	return b.add(theory.SpinorPacket(options...))
}

// Values adds given φ and β, the real and the imaginary part of ψ, in row-major
// order, component after component; of a charged field the real and the imaginary
// parts of each component of φ and of β.
func (b spinors[M, P]) Values(phi, beta []float64) M {
	return b.add(theory.Values(phi, beta))
}
