package lorentz

import (
	"fmt"
	"math"
	"math/cmplx"

	"github.com/nnfield/nnfield/nnfield/internal/elementary"
	"github.com/nnfield/nnfield/nnfield/internal/fft"
)

// Packet is a wave packet at the middle of the lattice: a Gaussian of the given
// width and wave number along x, the first axis, and a plane wave along the others.
type Packet struct {
	WaveNumber float64 // k_x of the middle of the packet
	Width      float64 // σ of exp(−x²/2σ²)
	Across     []int   // the mode along each other axis
}

// BoostError tests that all inertial frames are alike: it compares the boost of
// the evolved packet with the evolution of the boosted packet. With B the boost to
// the velocity u along x, e^{Ht} the evolution and e^{Ps} the translation,
//
//	B e^{HT} = e^{Pγ u T} e^{HγT} B
//
// holds in the continuum. On both sides e^{H…} is the network as it runs and B acts
// on the initial data (φ, β) through the continuum's own solution
//
//	φ(x, t) = Re Σ_k A_k e^{i(kx − ωt)},   ω = √(k² + m²),   A = φ̂ + iβ̂/ω,
//
// summed wave by wave at the events (γx, −γux) that the boosted observer calls
// simultaneous: it has no error of discretisation. The result is the distance of
// the two sides, ‖A − A′‖/‖A′‖: round-off for a network with Lorentz symmetry, and
// otherwise what [Medium.BoostPrediction] says.
//
// It fails for a massless medium (at k = 0 there is no A), a speed that is not
// below that of light, a time that is not positive, and a packet that does not
// fit: seven widths on either side of where it goes must lie within the lattice,
// which the boosted observer sees shorter by γ, and its waves, boosted or not, must
// be below π/a by 6/σ.
func (m Medium) BoostError(p Packet, u, t float64) (float64, error) {
	if err := m.checkBoost("BoostError", p, u, t); err != nil {
		return 0, err
	}
	b := booster{m: m, plan: fft.NewPlan(m.l.Shape()), u: u, gamma: 1 / math.Sqrt(1-u*u)}
	b.k, b.omega = b.waves()

	evolved := b.packet(p)
	phi, beta := b.fields(evolved)
	if err := m.evolve(phi, beta, t); err != nil {
		return 0, err
	}
	boosted := b.amplitudes(b.boost(b.amplitudes(phi, beta)))

	phi, beta = b.boost(b.packet(p))
	if err := m.evolve(phi, beta, b.gamma*t); err != nil {
		return 0, err
	}
	other := b.amplitudes(phi, beta)
	distance, norm := 0.0, 0.0
	for i, c := range other {
		c = elementary.Times(c, cmplx.Exp(complex(0, b.k[i]*b.gamma*u*t)))
		d := boosted[i] - c
		distance += float64(real(d)*real(d)) + float64(imag(d)*imag(d))
		norm += float64(real(c)*real(c)) + float64(imag(c)*imag(c))
	}
	return math.Sqrt(distance / norm), nil
}

// checkBoost returns why a boost cannot be measured, if it cannot.
func (m Medium) checkBoost(call string, p Packet, u, t float64) error {
	x := m.l.Axis(0)
	switch {
	case len(p.Across) != m.l.Dim()-1:
		return fmt.Errorf("%s: %d modes across for %d other axes; give one each", call, len(p.Across), m.l.Dim()-1)
	case m.mass == 0:
		return fmt.Errorf("%s: a massless medium; the data at k = 0 say nothing about φ at other times, use a mass", call)
	case !(math.Abs(u) < 1):
		return fmt.Errorf("%s: velocity %v; it must be between −1 and 1, the speed of light", call, u)
	case !(t > 0) || !(p.Width > 0):
		return fmt.Errorf("%s: time %v and width %v; both must be positive", call, t, p.Width)
	}
	gamma := 1 / math.Sqrt(1-u*u)
	w := m.frequency(p)
	v, boosted := p.WaveNumber/w, gamma*(p.WaveNumber+float64(u*w))
	if limit := math.Pi/x.Spacing() - 6/p.Width; !(math.Max(math.Abs(p.WaveNumber), math.Abs(boosted)) < limit) {
		return fmt.Errorf("%s: wave numbers %.6g and, boosted, %.6g; both must be below π/a − 6/σ = %.6g, use a finer lattice", call, p.WaveNumber, boosted, limit)
	}
	// As the boosted observer sees it a packet of velocity v is shorter by γ(1 + uv)
	// and has the velocity (u + v)/(1 + uv).
	squeeze := gamma * (1 + float64(u*v))
	reach := math.Max(float64(math.Abs(v)*t)+float64(7*p.Width), math.Max(
		gamma*(float64(math.Abs(v)*t)+float64(7*p.Width))/squeeze,
		gamma*t*math.Abs(u+v)/(1+float64(u*v))+7*p.Width/squeeze))
	if reach > x.Length/2 {
		return fmt.Errorf("%s: the packet reaches %.6g from the middle, half of the lattice is %.6g; use a longer lattice, a narrower packet or a shorter time", call, reach, x.Length/2)
	}
	return nil
}

// frequency returns √(k² + m²) of the middle of a packet.
func (m Medium) frequency(p Packet) float64 {
	w2 := float64(p.WaveNumber*p.WaveNumber) + float64(m.mass*m.mass)
	for j, n := range p.Across {
		k := m.waveNumber(j+1, n)
		w2 += float64(k * k)
	}
	return math.Sqrt(w2)
}

// BoostPrediction predicts [Medium.BoostError] on weights of [Standard]. A network
// gives the wave k the frequency ω + δω(k), with δω = k²E/ω and E the [PhaseError]
// of light. Between the two orders of evolving and boosting the phase of a wave
// then differs by
//
//	T (δω(k) − γ δω(k′)),   k′_x = γ(k_x + uω),
//
// T times two terms of the operator's order; the result is the root of the mean
// square over the waves of the boosted packet, |A′|²dk′ = |A|²(ω/ω′)dk. It leaves
// out terms smaller by 1/ωT. It fails where BoostError does, and for other weights.
func (m Medium) BoostPrediction(p Packet, u, t float64) (float64, error) {
	if err := m.checkBoost("BoostPrediction", p, u, t); err != nil {
		return 0, err
	}
	if _, _, err := Passing(m.name, 1); err != nil {
		return 0, fmt.Errorf("BoostPrediction: %w", err)
	}
	a := m.l.Spacing(0)
	k := make([]float64, m.l.Dim())
	across := 0.0
	for j, n := range p.Across {
		k[j+1] = m.waveNumber(j+1, n)
		across += float64(k[j+1] * k[j+1])
	}
	shift := func(kx float64) (omega, delta float64) {
		k[0] = kx
		k2 := float64(kx*kx) + across
		omega = math.Sqrt(k2 + float64(m.mass*m.mass))
		return omega, k2 * PhaseError(m.name, math.Sqrt(k2)*a, k...) / omega
	}
	gamma := 1 / math.Sqrt(1-u*u)
	sum, norm := 0.0, 0.0
	for i := -60; i <= 60; i++ {
		s := float64(i) / 10 // in units of 1/σ
		kx := p.WaveNumber + s/p.Width
		omega, delta := shift(kx)
		boosted, deltaBoosted := shift(gamma * (kx + float64(u*omega)))
		phase := t * (delta - gamma*deltaBoosted)
		weight := math.Exp(-s*s) * omega / boosted
		sum += float64(weight * phase * phase)
		norm += weight
	}
	return math.Sqrt(sum / norm), nil
}

// booster does the sums over waves.
type booster struct {
	m        Medium
	plan     *fft.Plan
	u, gamma float64
	k, omega []float64 // k_x and ω of each coefficient of the transform
}

// waves returns k_x and ω = √(k² + m²) of all coefficients.
func (b *booster) waves() (k, omega []float64) {
	l := b.m.l
	k, omega = make([]float64, l.Sites()), make([]float64, l.Sites())
	at := make([]int, l.Dim())
	for i := range k {
		w2 := b.m.mass * b.m.mass
		for j, c := range l.Position(at, i) {
			if n := l.Axis(j).Sites; 2*c > n {
				c -= n
			}
			kj := b.m.waveNumber(j, c)
			w2 += float64(kj * kj)
			if j == 0 {
				k[i] = kj
			}
		}
		omega[i] = math.Sqrt(w2)
	}
	return k, omega
}

// packet returns A of a packet.
func (b *booster) packet(p Packet) []complex128 {
	l := b.m.l
	a := make([]complex128, l.Sites())
	at := make([]int, l.Dim())
	x := l.Axis(0)
	for i := range a {
		l.Position(at, i)
		s := float64(at[0]-x.Sites/2) * x.Spacing()
		angle := p.WaveNumber * s
		for j, n := range p.Across {
			angle += float64(b.m.waveNumber(j+1, n) * l.Axis(j+1).Coordinate(at[j+1]))
		}
		a[i] = cmplx.Rect(math.Exp(-s*s/(2*p.Width*p.Width)), angle)
	}
	b.plan.Forward(a)
	return a
}

// fields returns φ = Re Σ A e^{ikx} and β = Re Σ −iωA e^{ikx}.
func (b *booster) fields(a []complex128) (phi, beta []float64) {
	x, y := make([]complex128, len(a)), make([]complex128, len(a))
	for i, c := range a {
		x[i], y[i] = c, elementary.Times(complex(0, -b.omega[i]), c)
	}
	b.plan.Inverse(x)
	b.plan.Inverse(y)
	return realParts(x), realParts(y)
}

// amplitudes returns A = φ̂ + iβ̂/ω; fields undoes it.
func (b *booster) amplitudes(phi, beta []float64) []complex128 {
	x, y := make([]complex128, len(phi)), make([]complex128, len(phi))
	for i := range phi {
		x[i], y[i] = complex(phi[i], 0), complex(beta[i], 0)
	}
	b.plan.Forward(x)
	b.plan.Forward(y)
	for i, w := range b.omega {
		x[i] += elementary.Times(complex(0, 1/w), y[i])
	}
	return x
}

func realParts(z []complex128) []float64 {
	x := make([]float64, len(z))
	for i, c := range z {
		x[i] = real(c)
	}
	return x
}

// boost returns φ′(x) = φ(γx, −γux) and β′ = ∂φ′/∂t′ of the continuum field with
// the amplitudes A: the waves k′ = γ(k + uω), ω′ = γ(ω + uk). The lattice holds one
// period, in which the packet is; beyond it, |γx| ≥ L/2, both are 0.
func (b *booster) boost(a []complex128) (phi, beta []float64) {
	l := b.m.l
	x := l.Axis(0)
	n, across := x.Sites, l.Stride(0)
	most := 0.0
	for _, c := range a {
		most = max(most, cmplx.Abs(c))
	}
	f, g := make([]complex128, len(a)), make([]complex128, len(a))
	for i, c := range a {
		if cmplx.Abs(c) < 1e-18*most {
			continue
		}
		k, w := b.gamma*(b.k[i]+float64(b.u*b.omega[i])), b.gamma*(b.omega[i]+float64(b.u*b.k[i]))
		c = elementary.Times(c, cmplx.Rect(1/float64(n), b.k[i]*float64(n/2)*x.Spacing())) // x = 0 in the middle
		for row := range n {
			s := float64(row-n/2) * x.Spacing()
			if math.Abs(b.gamma*s) >= x.Length/2 {
				continue
			}
			z := elementary.Times(c, cmplx.Rect(1, k*s))
			f[row*across+i%across] += z
			g[row*across+i%across] += elementary.Times(complex(0, -w), z)
		}
	}
	if across > 1 {
		rows := fft.NewPlan(l.Shape()[1:])
		for row := range n {
			rows.Inverse(f[row*across : (row+1)*across])
			rows.Inverse(g[row*across : (row+1)*across])
		}
	}
	return realParts(f), realParts(g)
}
