package reference_test

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"

	"github.com/nnfield/nnfield/nnfield/reference"
)

func ray(t testing.TB, s reference.Spacetime, mass float64, x, k []float64, until float64) *reference.Ray {
	t.Helper()
	r, err := s.Ray(mass, x, k, until)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// rindler is flat space-time as an accelerated observer sees it, N = x: with
// X = x cosh t and T = x sinh t everything moves along straight lines.
var rindler = reference.Spacetime{Dim: 1, Lapse: func(_ float64, x []float64) float64 { return x[0] }}

func TestRindler(t *testing.T) {
	const until = 3.0
	light := ray(t, rindler, 0, []float64{1}, []float64{-2}, until)
	fall := ray(t, rindler, 1.5, []float64{2}, []float64{0}, until)
	for i := range 31 {
		at := until * float64(i) / 30
		// Light falls as e^{−t} towards the horizon x = 0 and its wave number grows.
		if x, k := light.Place(nil, at)[0], light.WaveVector(nil, at)[0]; math.Abs(x-math.Exp(-at)) > 1e-10 || math.Abs(k+2*math.Exp(at)) > 1e-8 {
			t.Errorf("light at t = %.1f: x = %.12f, k = %.12f", at, x, k)
		}
		if light.ProperTime(at) != 0 {
			t.Errorf("light is %v old", light.ProperTime(at))
		}
		// A body at rest at X = 2.
		if x, tau := fall.Place(nil, at)[0], fall.ProperTime(at); math.Abs(x-2/math.Cosh(at)) > 1e-9 || math.Abs(tau-2*math.Tanh(at)) > 1e-9 {
			t.Errorf("the body at t = %.1f: x = %.12f, τ = %.12f", at, x, tau)
		}
		if h := fall.Frequency(at); math.Abs(h-3) > 1e-9 {
			t.Errorf("the frequency of the body is %.12f at t = %.1f, want Nm = 3", h, at)
		}
		if w := fall.LocalFrequency(at); math.Abs(w-1.5*math.Cosh(at)) > 1e-8 {
			t.Errorf("the local frequency of the body is %.12f at t = %.1f, want mγ", w, at)
		}
	}
}

// Light on a sphere, seen in the stereographic plane, runs along great circles.
func TestGreatCircles(t *testing.T) {
	sphere := reference.Spacetime{Dim: 2, Inverse: func(dst []float64, _ float64, x []float64) {
		f := (1 + x[0]*x[0] + x[1]*x[1]) / 2
		dst[0], dst[1], dst[2], dst[3] = f*f, 0, 0, f*f
	}}
	point := func(x []float64) [3]float64 {
		s := 2 / (1 + x[0]*x[0] + x[1]*x[1])
		return [3]float64{s * x[0], s * x[1], s - 1}
	}
	r := ray(t, sphere, 0, []float64{0.7, 0.2}, []float64{1, 3}, 2*math.Pi)
	at := func(t float64) [3]float64 { return point(r.Place(nil, t)) }
	start, quarter := at(0), at(math.Pi/2)
	for i := range 41 {
		time := 2 * math.Pi * float64(i) / 40
		p, sin, cos := at(time), math.Sin(time), math.Cos(time)
		for j := range p {
			if want := cos*start[j] + sin*quarter[j]; math.Abs(p[j]-want) > 1e-8 {
				t.Fatalf("at t = %.2f: %v, component %d should be %.10f", time, p, j, want)
			}
		}
	}
}

// Straight lines of flat space-time, seen in coordinates that bend it: x = X + α sin Y
// − ut, y = Y + γ sin X. The metric has all components and a shift.
func TestBentCoordinates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		unit := rapid.Float64Range(-1, 1)
		alpha, gamma, u := 0.4*unit.Draw(t, "alpha"), 0.4*unit.Draw(t, "gamma"), 0.5*unit.Draw(t, "u")
		mass := rapid.SampledFrom([]float64{0, 1}).Draw(t, "mass")
		// flat returns X and Y of (x, y).
		flat := func(time float64, x []float64) (X, Y float64) {
			X, Y = x[0]+u*time, x[1]
			for range 200 {
				X, Y = x[0]+u*time-alpha*math.Sin(Y), x[1]-gamma*math.Sin(X)
			}
			return X, Y
		}
		space := reference.Spacetime{
			Dim: 2,
			Inverse: func(dst []float64, time float64, x []float64) {
				X, Y := flat(time, x)
				a, c := alpha*math.Cos(Y), gamma*math.Cos(X) // ∂x/∂Y, ∂y/∂X
				dst[0], dst[1], dst[2], dst[3] = 1+a*a, c+a, c+a, 1+c*c
			},
			// x stays behind X at the speed u.
			Shift: func(dst []float64, _ float64, _ []float64) { dst[0], dst[1] = u, 0 },
		}
		angle := rapid.Float64Range(0, 2*math.Pi).Draw(t, "angle")
		sin, cos := math.Sincos(angle)
		const until, size = 2.0, 3.0
		x0 := []float64{0.3, -0.2}
		X0, Y0 := flat(0, x0)
		// k_i = (∂X^j/∂x^i) K_j, by the inverse of ∂x/∂X.
		a, c := alpha*math.Cos(Y0), gamma*math.Cos(X0)
		det := 1 - a*c
		k := []float64{size * (cos - c*sin) / det, size * (sin - a*cos) / det}
		r, err := space.Ray(mass, x0, k, until)
		if err != nil {
			t.Fatal(err)
		}
		speed := size / math.Sqrt(size*size+mass*mass)
		for i := range 11 {
			at := until * float64(i) / 10
			X, Y := flat(at, r.Place(nil, at))
			if d := math.Hypot(X-X0-cos*speed*at, Y-Y0-sin*speed*at); d > 1e-8 {
				t.Fatalf("%.2g from the straight line at t = %.1f", d, at)
			}
			if w := r.LocalFrequency(at); math.Abs(w-size/speed) > 1e-8 {
				t.Fatalf("local frequency %.12f at t = %.1f, want %.12f", w, at, size/speed)
			}
			if tau := r.ProperTime(at); math.Abs(tau-at*mass*speed/size) > 1e-8 {
				t.Fatalf("proper time %.12f at t = %.1f, want %.12f", tau, at, at*mass*speed/size)
			}
		}
	})
}

// De Sitter space, a = e^{Ht}, where everything has a closed form.
func TestRedshift(t *testing.T) {
	const hubble, until = 0.4, 3.0
	a := func(t float64) float64 { return math.Exp(hubble * t) }
	cosmic := reference.FRW(3, a)
	k := []float64{2, -1, 2} // |k| = 3
	light := ray(t, cosmic, 0, []float64{0, 0, 0}, k, until)
	body := ray(t, cosmic, 4, []float64{0, 0, 0}, k, until)
	// Conformal time η = (1 − e^{−Ht})/H, a = 1/(1 − Hη).
	eta := func(t float64) float64 { return (1 - 1/a(t)) / hubble }
	conformal := reference.ConformalFRW(3, func(eta float64) float64 { return 1 / (1 - hubble*eta) })
	same := ray(t, conformal, 4, []float64{0, 0, 0}, k, eta(until))
	for i := range 11 {
		at := until * float64(i) / 10
		if x := light.Place(nil, at); math.Abs(x[0]-2./3*eta(at)) > 1e-9 || math.Abs(x[1]+1./3*eta(at)) > 1e-9 {
			t.Errorf("light at t = %.1f is at %v", at, x)
		}
		if w := light.LocalFrequency(at); math.Abs(w-3/a(at)) > 1e-9 {
			t.Errorf("light of frequency %.12f at t = %.1f, want 3/a", w, at)
		}
		if w := body.LocalFrequency(at); math.Abs(w-math.Sqrt(9/(a(at)*a(at))+16)) > 1e-9 {
			t.Errorf("a body of energy %.12f at t = %.1f", w, at)
		}
		if d := distance(body.At(nil, at), same.At(nil, eta(at))); d > 1e-8 {
			t.Errorf("%.2g between cosmic and conformal time at t = %.1f", d, at)
		}
	}
	if d := distance(body.WaveVector(nil, until), k); d > 1e-12 {
		t.Errorf("the comoving wave vector changes by %.2g", d)
	}
}

// The path of a body has more proper time than its neighbours with the same ends.
func TestExtremalProperTime(t *testing.T) {
	const until, n = 4.0, 4000
	lapse := func(x float64) float64 { return 1 + 0.3*math.Tanh(x) }
	s := reference.Spacetime{Dim: 1, Lapse: func(_ float64, x []float64) float64 { return lapse(x[0]) }}
	r := ray(t, s, 1, []float64{-0.5}, []float64{0.8}, until)
	// By the midpoint rule.
	proper := func(detour float64, nodes int) float64 {
		x := func(t float64) float64 {
			return r.Place(nil, t)[0] + detour*math.Sin(math.Pi*float64(nodes)*t/until)
		}
		sum, dt := 0.0, until/n
		for i := range n {
			t := dt * float64(i)
			v := (x(t+dt) - x(t)) / dt
			l := lapse(x(t + dt/2))
			sum += math.Sqrt(l*l-v*v) * dt
		}
		return sum
	}
	tau := proper(0, 1)
	if math.Abs(tau-r.ProperTime(until)) > 1e-6 {
		t.Errorf("proper time %.9f, the path says %.9f", r.ProperTime(until), tau)
	}
	for _, nodes := range []int{1, 2, 5} {
		plus, minus := proper(0.02, nodes)-tau, proper(-0.02, nodes)-tau
		if !(plus < 0 && minus < 0) || math.Abs(plus-minus) > 0.1*math.Abs(plus+minus) {
			t.Errorf("detours with %d nodes change the proper time by %.3g and %.3g; want equal losses", nodes, plus, minus)
		}
	}
}

// In flat space the centroid moves with the mean velocity of energy, and the packet
// has the moments of its Wigner function.
func TestBundle(t *testing.T) {
	const mass, width, until = 1.0, 1.2, 5.0
	p := reference.Packet{At: []float64{1}, WaveNumber: []float64{1.5}, Width: width}
	b, err := reference.Spacetime{Dim: 1}.Bundle(mass, p, 500, until)
	if err != nil {
		t.Fatal(err)
	}
	if len(b.Rays()) != 1000 {
		t.Fatalf("%d rays for 500 pairs", len(b.Rays()))
	}
	// ⟨v⟩ = ∫W(k) ω² k/ω / ∫W(k) ω².
	var up, down float64
	for i := -2000; i <= 2000; i++ {
		k := 1.5 + float64(i)*0.002
		w := math.Exp(-width * width * (k - 1.5) * (k - 1.5))
		up += w * k * math.Hypot(k, mass)
		down += w * (k*k + mass*mass)
	}
	if got, want := b.Centroid(nil, until)[0]-b.Centroid(nil, 0)[0], until*up/down; math.Abs(got-want) > 2e-3 {
		t.Errorf("the centroid moves by %.5f, want %.5f", got, want)
	}
	if single := until * 1.5 / math.Hypot(1.5, mass); math.Abs(single-until*up/down) < 0.05 {
		t.Error("the packet is too wide to tell its bundle from its ray")
	}
	var x2, k2, xk float64
	for _, r := range b.Rays() {
		x, k := r.Place(nil, 0)[0]-1, r.WaveVector(nil, 0)[0]-1.5
		x2, k2, xk = x2+x*x/1000, k2+k*k/1000, xk+x*k/1000
	}
	for _, m := range []struct{ got, want float64 }{{x2, width * width / 2}, {k2, 1 / (2 * width * width)}, {xk, 0}} {
		if math.Abs(m.got-m.want) > 1e-12 {
			t.Errorf("second moment %.4f, want %.4f", m.got, m.want)
		}
	}
}

// A packet at the same height everywhere has more energy where √h (k² h^ij … ) is
// large: the weights are those of the action.
func TestBundleWeights(t *testing.T) {
	// h_ij = diag(4, 1/4)·(1+x²/4) about x = 0, with no motion to speak of.
	s := reference.Spacetime{
		Dim:   2,
		Lapse: func(_ float64, x []float64) float64 { return math.Exp(0.3 * x[0]) },
		Inverse: func(dst []float64, _ float64, x []float64) {
			dst[0], dst[1], dst[2], dst[3] = 0.25*math.Exp(-x[0]), 0, 0, 4
		},
	}
	const width = 0.5
	p := reference.Packet{At: []float64{0, 0}, WaveNumber: []float64{0, 1e4}, Width: width}
	b, err := s.Bundle(0, p, 400, 1e-9)
	if err != nil {
		t.Fatal(err)
	}
	// √h ∝ e^{x/2}, √(h^ij k_i k_j) is constant, H ∝ e^{0.3x}: a Gaussian of variance
	// w²/2 times e^{0.8x} has the mean 0.8 w²/2.
	if got, want := b.Centroid(nil, 0), 0.8*width*width/2; math.Abs(got[0]-want) > 5e-4 || math.Abs(got[1]) > 5e-4 {
		t.Errorf("centroid %.5f, want [%.5f 0]", got, want)
	}
}

func TestRayRefuses(t *testing.T) {
	flat := reference.Spacetime{Dim: 1}
	x, k := []float64{1}, []float64{1}
	for _, c := range []struct {
		s      reference.Spacetime
		mass   float64
		x, k   []float64
		until  float64
		reason string
	}{
		{reference.Spacetime{}, 0, nil, nil, 1, "set Dim"},
		{flat, 0, []float64{1, 2}, k, 1, "a place of 2 and a wave vector of 1 components in 1 dimensions"},
		{flat, -1, x, k, 1, "mass -1"},
		{flat, 0, x, []float64{0}, 1, "give a wave vector"},
		{flat, 0, x, []float64{math.NaN()}, 1, "finite"},
		{flat, 0, x, k, 0, "until 0"},
		{reference.Spacetime{Dim: 1, Scale: -1}, 0, x, k, 1, "a Scale of -1"},
		{rindler, 1, []float64{-1}, k, 1, "outside of the horizon"},
		{reference.Spacetime{Dim: 1, Inverse: func(dst []float64, _ float64, _ []float64) { dst[0] = -1 }}, 2, x, k, 1, "positive definite"},
		// A metric that ends.
		{reference.Spacetime{Dim: 1, Lapse: func(_ float64, x []float64) float64 { return math.Sqrt(2 - x[0]) }}, 0, x, k, 9, "singularity"},
	} {
		_, err := c.s.Ray(c.mass, c.x, c.k, c.until)
		wantError(t, err, "reference.Spacetime.Ray: ", c.reason)
	}
	_, err := flat.Bundle(0, reference.Packet{At: x, WaveNumber: k, Width: 1}, 1, 1)
	wantError(t, err, "reference.Spacetime.Bundle: ", "1 pairs of rays; give at least 2")
	_, err = flat.Bundle(0, reference.Packet{At: x, WaveNumber: k}, 2, 1)
	wantError(t, err, "reference.Spacetime.Bundle: ", "width 0")
	_, err = rindler.Bundle(0, reference.Packet{At: x, WaveNumber: k, Width: 3}, 50, 1)
	wantError(t, err, "the ray from x = [", "outside of the horizon")
}

// A ray of light that falls towards the horizon of an accelerated observer never
// gets there.
func ExampleSpacetime_Ray() {
	accelerated := reference.Spacetime{Dim: 1, Lapse: func(_ float64, x []float64) float64 { return x[0] }}
	r, err := accelerated.Ray(0, []float64{1}, []float64{-1}, 3)
	if err != nil {
		fmt.Println(err)
		return
	}
	for t := range 4 {
		fmt.Printf("t = %d: x = %.5f, k = %.5f\n", t, r.Place(nil, float64(t))[0], r.WaveVector(nil, float64(t))[0])
	}
	// Output:
	// t = 0: x = 1.00000, k = -1.00000
	// t = 1: x = 0.36788, k = -2.71828
	// t = 2: x = 0.13534, k = -7.38906
	// t = 3: x = 0.04979, k = -20.08554
}

// The energy of a packet moves faster than the ray of its centre: its shorter waves
// carry more of it.
func ExampleSpacetime_Bundle() {
	packet := reference.Packet{At: []float64{0}, WaveNumber: []float64{2}, Width: 1}
	flat := reference.Spacetime{Dim: 1}
	centre, err := flat.Ray(1, packet.At, packet.WaveNumber, 10)
	if err != nil {
		fmt.Println(err)
		return
	}
	bundle, err := flat.Bundle(1, packet, 200, 10)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("ray %.2f, bundle %.2f\n", centre.Place(nil, 10)[0], bundle.Centroid(nil, 10)[0])
	// Output: ray 8.94, bundle 9.02
}
