package geodesics_test

import (
	"context"
	"flag"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/nnfield/nnfield/nnfield/geometry"
	"github.com/nnfield/nnfield/nnfield/geometry/geodesics"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/reference"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// In the plane the default is what a test can afford; CI takes 4.
var halvings = flag.Int("halvings", 2, "how often the wavelength is halved in the plane")

var (
	ctx  = context.Background()
	wall = lattice.Boundary{Kind: lattice.Dirichlet}
)

// sites returns the sites of a length for waves of length wavelength, points of them
// to a wave of length 1. Their number grows as λ^{−1/4}, so that the error of the
// lattice, of order 4, falls as λ.
func sites(length, wavelength, points float64) int {
	return int(math.Ceil(length / wavelength * points * math.Pow(wavelength, -0.25)))
}

// slope is the flight over a slope of the lapse, N = 1 + 0.3 tanh(x − 9), whose judge
// writes it a second time.
func slope(mass, wavelength, points, width float64) geodesics.Flight {
	return geodesics.Flight{
		Field: geometry.KleinGordon().Line(sites(18, wavelength, points), 18, wall, wall).
			Mass(mass).Order(4).Lapse("1 + 0.3*tanh(x - 9)"),
		Packet:    reference.Packet{At: []float64{4}, WaveNumber: []float64{2 * math.Pi / wavelength}, Width: width},
		Spacetime: reference.Spacetime{Dim: 1, Lapse: func(_ float64, x []float64) float64 { return 1 + 0.3*math.Tanh(x[0]-9) }},
		Mass:      mass,
		Until:     10,
	}
}

// Thresholds, set before: the distance from the geodesic falls with order 1 in λ
// within 0.1, between the two shortest waves, and is below 0.1 % of the path at the
// shortest; the bundle is four times closer.
const shortest = 1e-3

func checkStudy(t *testing.T, s geodesics.Study, nearest float64) {
	t.Helper()
	t.Logf("\n%v%v", s.Ray, s.Bundle)
	last := len(s.Ray.Errors) - 1
	if order := s.Ray.Pairwise[last-1]; math.Abs(order-1) > 0.1 {
		t.Errorf("order %.3f in λ, want 1", order)
	}
	if e := s.Ray.Errors[last]; e > nearest {
		t.Errorf("%.2g of the path away from the geodesic, want %.2g", e, nearest)
	}
	for i, e := range s.Bundle.Errors {
		if e > s.Ray.Errors[i]/4 {
			t.Errorf("λ = %v: the bundle is %.2g away, the ray %.2g; want a quarter", s.Ray.Sizes[i], e, s.Ray.Errors[i])
		}
	}
}

func converge(t *testing.T, flight func(wavelength float64) geodesics.Flight, wavelengths ...float64) geodesics.Study {
	t.Helper()
	s, err := geodesics.Converge(ctx, flight, wavelengths...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSlope(t *testing.T) {
	checkStudy(t, converge(t, func(wavelength float64) geodesics.Flight {
		return slope(1, wavelength, 12, 0.8*math.Sqrt(wavelength))
	}, 1, 0.5, 0.25, 0.125, 0.0625), shortest)
}

// The bundle is met to the next order, λ², on a lattice whose error falls as fast.
// The order comes from below; threshold, set before: 1.5 or more.
func TestBundleOrder(t *testing.T) {
	s := converge(t, func(wavelength float64) geodesics.Flight {
		return slope(1, wavelength, 24*math.Pow(wavelength, -0.25), 0.8*math.Sqrt(wavelength))
	}, 1, 0.5, 0.25)
	t.Logf("\n%v", s.Bundle)
	if order := s.Bundle.Pairwise[1]; order < 1.5 || order > 2.3 {
		t.Errorf("order %.2f in λ, want about 2", order)
	}
}

// lens is the flight past a hollow of the lapse, N = 1 − A exp(−r²/2s²).
func lens(wavelength, width float64) geodesics.Flight {
	const depth, size, impact, path = 0.25, 2.5, 0.7, 6.0
	margin := 4.7 * width // where a packet begins and ends to be seen
	from := []float64{margin, margin + 0.4}
	x, y := from[0]+path/2, from[1]-impact
	line := func(length float64) lattice.Axis {
		return lattice.Line(sites(length, wavelength, 13), length, wall, wall)
	}
	return geodesics.Flight{
		Field: geometry.KleinGordon().Lattice(line(path+2*margin), line(0.4+2*margin)).Mass(0).Order(4).
			Lapse("1 - depth*exp(-(pow(x - cx, 2) + pow(y - cy, 2))/(2*size*size))",
				geometry.Params{"depth": depth, "size": size, "cx": x, "cy": y}),
		Packet: reference.Packet{At: from, WaveNumber: []float64{2 * math.Pi / wavelength, 0}, Width: width},
		Spacetime: reference.Spacetime{Dim: 2, Lapse: func(_ float64, at []float64) float64 {
			return 1 - depth*math.Exp(-((at[0]-x)*(at[0]-x)+(at[1]-y)*(at[1]-y))/(2*size*size))
		}},
		Until: path,
	}
}

func TestLens(t *testing.T) {
	wavelengths := []float64{2, 1, 0.5, 0.25, 0.125, 0.0625}[:*halvings+1]
	s := converge(t, func(wavelength float64) geodesics.Flight {
		return lens(wavelength, 0.8*math.Sqrt(wavelength))
	}, wavelengths...)
	// 0.1 % at λ = 1/8, and on that line before.
	checkStudy(t, s, shortest*8*wavelengths[*halvings])

	// The packet turns as its rays do.
	l := s.Landings[*halvings]
	turn := func(p geodesics.Path) float64 {
		a, b := p.Places[len(p.Places)-2], p.Places[len(p.Places)-1]
		return math.Atan2(b[1]-a[1], b[0]-a[0])
	}
	packet, ray, bundle := turn(l.Path), turn(l.Path.Sample(l.Ray.Place)), turn(l.Path.Sample(l.Bundle.Centroid))
	t.Logf("the packet is deflected by %.4f, its bundle by %.4f, its ray by %.4f", packet, bundle, ray)
	if math.Abs(packet/bundle-1) > 0.01 || math.Abs(packet/ray-1) > 0.1 {
		t.Errorf("the packet is deflected by %.4f, its bundle by %.4f, its ray by %.4f", packet, bundle, ray)
	}
}

// What the first-order theory of a lens, −∫∂_yN dx along the straight line, leaves
// out of the deflection falls as the square of its depth.
func TestFirstOrderDeflection(t *testing.T) {
	var missed []float64
	for _, depth := range []float64{0.04, 0.02, 0.01} {
		s := reference.Spacetime{Dim: 2, Lapse: func(_ float64, x []float64) float64 {
			return 1 - depth*math.Exp(-(x[0]*x[0]+x[1]*x[1])/2)
		}}
		r, err := s.Ray(0, []float64{-8, 1}, []float64{1, 0}, 16)
		if err != nil {
			t.Fatal(err)
		}
		k := r.WaveVector(nil, 16)
		first := -depth * math.Sqrt(2*math.Pi) * math.Exp(-0.5)
		missed = append(missed, math.Abs(math.Atan2(k[1], k[0])-first))
	}
	for i := range 2 {
		if order := math.Log2(missed[i] / missed[i+1]); math.Abs(order-2) > 0.1 {
			t.Errorf("first-order theory misses %.3g of the deflection: order %.2f, want 2", missed, order)
		}
	}
}

// Controls: what must not agree does not.
func TestControls(t *testing.T) {
	// A packet that stays as wide for shorter waves stays away from the geodesic.
	s := converge(t, func(wavelength float64) geodesics.Flight {
		return slope(1, wavelength, 12, 0.8)
	}, 1, 0.5, 0.25)
	t.Logf("fixed width\n%v%v", s.Ray, s.Bundle)
	if order := s.Ray.Pairwise[1]; order > 0.2 || s.Ray.Errors[2] < 5e-3 {
		t.Errorf("at fixed width the distance from the ray falls with order %.2f to %.2g; it should stay", order, s.Ray.Errors[2])
	}
	if e := s.Bundle.Errors[2]; e > s.Ray.Errors[2]/10 {
		t.Errorf("the bundle, which knows the width, is %.2g away, the ray %.2g", e, s.Ray.Errors[2])
	}
	// Neither the geodesic of flat space is followed, nor that of another mass.
	f := slope(1, 0.5, 12, 0.5)
	r := run(t, f.Simulation())
	flat, heavier := f, f
	flat.Spacetime.Lapse = nil
	heavier.Mass = 4
	for name, f := range map[string]geodesics.Flight{"flat space": flat, "another mass": heavier} {
		l, err := f.Judge(r)
		if err != nil {
			t.Fatal(err)
		}
		if l.ToRay < 0.02 || l.ToBundle < 0.02 {
			t.Errorf("%s: the packet is %.2g from the ray and %.2g from the bundle; it must not follow them", name, l.ToRay, l.ToBundle)
		}
	}
}

// The metric read off the weights gives the same geodesics as its formula.
func TestEmergent(t *testing.T) {
	// All components, on a torus.
	const length = 12.0
	wave := 2 * math.Pi / length
	params := geometry.Params{"q": wave}
	model := geometry.KleinGordon().Torus(96, length).Mass(0.5).Order(4).
		Lapse("1 + 0.2*cos(q*x)*cos(q*y)", params).
		Space(0, 0, "1 + 0.3*sin(q*y)", params).
		Space(0, 1, "0.2*cos(q*x)", params).
		Space(1, 1, "1.5 - 0.2*sin(q*x)", params).MustBuild()
	net, err := model.Network(0.01)
	if err != nil {
		t.Fatal(err)
	}
	reading, err := geometry.Metric(net.Network(), model.Lattice())
	if err != nil {
		t.Fatal(err)
	}
	g, mass, _, err := reading.SpaceTime()
	if err != nil {
		t.Fatal(err)
	}
	emergent, err := geodesics.Emergent(g)
	if err != nil {
		t.Fatal(err)
	}
	exact := reference.Spacetime{
		Dim:   2,
		Lapse: func(_ float64, x []float64) float64 { return 1 + 0.2*math.Cos(wave*x[0])*math.Cos(wave*x[1]) },
		Inverse: func(dst []float64, _ float64, x []float64) {
			xx, xy, yy := 1+0.3*math.Sin(wave*x[1]), 0.2*math.Cos(wave*x[0]), 1.5-0.2*math.Sin(wave*x[0])
			det := xx*yy - xy*xy
			dst[0], dst[1], dst[2], dst[3] = yy/det, -xy/det, -xy/det, xx/det
		},
	}
	// Across the seams of the torus, one down and one up.
	from, k := []float64{5, 6}, []float64{-2, 4}
	want, err := exact.Ray(0.5, from, k, 15)
	if err != nil {
		t.Fatal(err)
	}
	got, err := emergent.Ray(mass, from, k, 15)
	if err != nil {
		t.Fatal(err)
	}
	d := 0.0
	for i := range 16 {
		a, b := want.Place(nil, float64(i)), got.Place(nil, float64(i))
		d = max(d, math.Hypot(a[0]-b[0], a[1]-b[1]))
	}
	t.Logf("mass %v, distance %.2g, %d and %d steps", mass, d, want.Steps(), got.Steps())
	if end := want.Place(nil, 15); end[0] > 0 || end[1] < length {
		t.Errorf("the ray ends at %v, on this side of the seams", end)
	}
	if !(d <= 2e-4) { // order 4 of the reading
		t.Errorf("the geodesics of the weights and of the formula are %.2g apart", d)
	}
}

// In a universe that grows to twice its size the frequency of a packet falls as that
// of its ray. Thresholds, set before: on the way, where the expansion is a part H/ω of
// a wave, 0.5 % at k = 8 and order 1.5 or more in 1/k; when it has ended 0.1 %. Its
// path is that of the bundle within 0.5 %.
func TestRedshift(t *testing.T) {
	const until = 6.0
	a := func(t float64) float64 { return 1.5 + 0.5*math.Tanh(t-3) }
	for _, clock := range []geometry.Clock{geometry.CosmicTime, geometry.ConformalTime} {
		judge := reference.FRW(2, a)
		if clock == geometry.ConformalTime {
			judge = reference.ConformalFRW(2, a)
		}
		for _, mass := range []float64{0, 3} {
			var errors []float64
			for _, k := range []float64{4, 8} {
				r := run(t, geometry.KleinGordon().Lattice(lattice.Ring(int(32*k), 12), lattice.Ring(24, 12)).
					Mass(mass).Order(4).ScaleFactor(clock, "1.5 + 0.5*tanh(t - 3)").
					Packet(theory.At(4, 6), theory.WaveNumber(k, 0), theory.Width(1.5)).
					Until(until).Integrator("yoshida4").Frames(simulate.Count(13)))
				omega, kx, ky := frequency(t, r), waveNumber(t, r, 0), waveNumber(t, r, 1)
				// The ray that starts with the root mean square of the wave numbers.
				ray, err := judge.Ray(mass, []float64{4, 6}, []float64{kx[0], ky[0]}, until)
				if err != nil {
					t.Fatal(err)
				}
				bundle, err := judge.Bundle(mass, reference.Packet{At: []float64{4, 6}, WaveNumber: []float64{k, 0}, Width: 1.5}, 64, until)
				if err != nil {
					t.Fatal(err)
				}
				path, err := geodesics.Follow(r)
				if err != nil {
					t.Fatal(err)
				}
				if away := path.Distance(bundle.Centroid) / path.Length(); !(away <= 5e-3) {
					t.Errorf("%s time, mass %v, k = %v: the packet is %.2g of its path from the bundle", clock, mass, k, away)
				} else {
					t.Logf("%s time, mass %v, k = %v: %.2g of the path from the bundle", clock, mass, k, away)
				}
				worst, end := 0.0, 0.0
				for i, at := range r.Times() {
					end = math.Abs(omega[i]/ray.Frequency(min(at, until)) - 1)
					worst = max(worst, end)
				}
				errors = append(errors, worst)
				// At k = 4 the spread of the packet's wave numbers is seen: with a mass the
				// shorter of them lose more height, and the mean falls by 0.16 % too much.
				if k == 8 && end > 1e-3 {
					t.Errorf("%s time, mass %v, k = %v: in the end the frequency is %.2g off", clock, mass, k, end)
				}
			}
			order := math.Log2(errors[0] / errors[1])
			t.Logf("%s time, mass %v: off by %.2g for k = 4, 8, order %.2f", clock, mass, errors, order)
			if errors[1] > 5e-3 || order < 1.5 {
				t.Errorf("%s time, mass %v: the frequency is off by %.2g for k = 4, 8, order %.2f", clock, mass, errors, order)
			}
		}
	}
}

// Control: on a line a massless field does not feel the expansion at all.
func TestNoRedshift(t *testing.T) {
	field := geometry.KleinGordon().Ring(256, 20).Mass(0).
		Packet(theory.At(5), theory.WaveNumber(4), theory.Width(1))
	last := func(b geometry.Builder) []float64 { return run(t, b.Until(6).Step(0.02)).Last.Arrays[0] }
	grows := field.ScaleFactor(geometry.ConformalTime, "1.5 + 0.5*tanh(t - 3)")
	if !slices.Equal(last(field), last(grows)) {
		t.Error("the massless field on a line feels a conformal scale factor")
	}
	if slices.Equal(last(field.Mass(1)), last(grows.Mass(1))) {
		t.Error("the massive field on a line does not feel the scale factor")
	}
}

// A packet falls towards the horizon of N = tanh x, where light obeys sinh x =
// sinh(x₀)e^{−t}: it gets there never, and its waves get shorter for ever. Thresholds,
// set before: the path within 1 % of the ray and 0.1 % of the bundle, the rates of
// both exponentials at the end within 1 % of 1.
func TestHorizon(t *testing.T) {
	const until, start = 6.0, 4.5
	f := geodesics.Flight{
		Field:     geometry.KleinGordon().Line(4000, 8, wall, wall).Mass(0).Order(4).Lapse("tanh(x)"),
		Packet:    reference.Packet{At: []float64{start}, WaveNumber: []float64{-12}, Width: 0.5},
		Spacetime: reference.Spacetime{Dim: 1, Lapse: func(_ float64, x []float64) float64 { return math.Tanh(x[0]) }},
		Until:     until,
	}
	// The step of the flight is one for waves of their first length.
	r := run(t, f.Simulation().Step(8e-4))
	l, err := f.Judge(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%.2g of the path from the ray, %.2g from the bundle", l.ToRay, l.ToBundle)
	if !(l.ToRay <= 1e-2 && l.ToBundle <= 1e-3) {
		t.Errorf("the packet is %.2g of its path from the ray and %.2g from the bundle", l.ToRay, l.ToBundle)
	}
	k, last := waveNumber(t, r, 0), r.Len()-1
	for i, at := range r.Times() {
		if x, want := l.Ray.Place(nil, at)[0], math.Asinh(math.Sinh(start)*math.Exp(-at)); math.Abs(x-want) > 1e-9 {
			t.Errorf("the ray is at %.12f at t = %.2f, want %.12f", x, at, want)
		}
		if growth, want := k[i]/k[0], l.Ray.WaveVector(nil, at)[0]/-12; math.Abs(growth/want-1) > 0.08 {
			t.Errorf("at t = %.2f waves are %.3f times as short, want %.3f", at, growth, want)
		}
	}
	rates := func(x, k []float64) (slows, shortens float64) {
		dt := r.Times()[last] - r.Times()[last-1]
		return math.Log(x[last-1]/x[last]) / dt, math.Log(k[last]/k[last-1]) / dt
	}
	waves := geodesics.Path{Times: r.Times()}.Sample(l.Ray.WaveVector)
	slows, shortens := rates(l.Path.Coordinate(0), k)
	raySlows, rayShortens := rates(l.Path.Sample(l.Ray.Place).Coordinate(0), waves.Coordinate(0))
	t.Logf("packet: x ∝ e^{−%.4ft}, k ∝ e^{%.4ft}, ray: x ∝ e^{−%.4ft}, k ∝ e^{%.4ft}, k from %.1f to %.1f", slows, shortens, raySlows, rayShortens, k[0], k[last])
	if math.Abs(slows-raySlows) > 0.01 || math.Abs(shortens-rayShortens) > 0.01 || math.Abs(raySlows-1) > 0.02 {
		t.Errorf("packet: x ∝ e^{−%.4ft}, k ∝ e^{%.4ft}, ray: x ∝ e^{−%.4ft}, k ∝ e^{%.4ft}", slows, shortens, raySlows, rayShortens)
	}
}

// Where space flows to the left faster than light, v > 1, light to the right is
// dragged along: tan(qx/2) = tan(qx₀/2)e^{−Aqt} for v = 1 + A sin qx. Of two packets
// at the sides of the horizon, with a mass that is small beside k, one gets away and
// one falls in, with negative energy. Thresholds, set before: 1 % of the path from the
// ray, 0.1 % from the bundle.
func TestFlow(t *testing.T) {
	const until, length = 3.0, 12.0
	const q = 2 * math.Pi / length
	flight := func(from float64) geodesics.Flight {
		return geodesics.Flight{
			Field:  geometry.KleinGordon().Ring(1400, length).Mass(1).Order(4).Shift(0, "1 + 0.8*sin(q*x)", geometry.Params{"q": q}),
			Packet: reference.Packet{At: []float64{from}, WaveNumber: []float64{26}, Width: 0.15},
			Spacetime: reference.Spacetime{Dim: 1, Shift: func(dst []float64, _ float64, x []float64) {
				dst[0] = 1 + 0.8*math.Sin(q*x[0])
			}},
			Mass:  1,
			Until: until,
		}
	}
	for _, side := range []float64{-1, 1} {
		from := 6 + side
		f := flight(from)
		r := run(t, f.Simulation())
		l, err := f.Judge(r)
		if err != nil {
			t.Fatal(err)
		}
		end := l.Path.Places[len(l.Path.Places)-1][0]
		want := 6 + 2/q*math.Atan(math.Tan(0.5*q*side)*math.Exp(0.8*q*until))
		t.Logf("from %.2f to %.4f, light to %.4f; %.2g of the path from the ray, %.2g from the bundle", from, end, want, l.ToRay, l.ToBundle)
		light, err := f.Spacetime.Ray(0, f.Packet.At, f.Packet.WaveNumber, until)
		if err != nil {
			t.Fatal(err)
		}
		if got := light.Place(nil, until)[0]; math.Abs(got-want) > 1e-8 {
			t.Errorf("light ends at %.10f, want %.10f", got, want)
		}
		if !(l.ToRay <= 1e-2 && l.ToBundle <= 1e-3 && (end-from)*side >= 1) {
			t.Errorf("from %.2f the packet gets to %.4f, %.2g of its path from the ray and %.2g from the bundle", from, end, l.ToRay, l.ToBundle)
		}
		if e, err := r.Invariant("energy"); err != nil || e.Values[0]*side <= 0 {
			t.Errorf("from %.2f: energy %v, %v", from, e.Values, err)
		}
	}
	// Control: without the flow the left one goes to the right as well.
	f := flight(5)
	f.Field = geometry.KleinGordon().Ring(1400, length).Mass(1).Order(4)
	l, err := f.Run(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if end := l.Path.Places[len(l.Path.Places)-1][0]; math.Abs(end-5-until) > 0.01 {
		t.Errorf("without the flow the packet goes from 5 to %.4f", end)
	}
}

// A path goes on where it passes the seam of a ring.
func TestFollowPassesSeam(t *testing.T) {
	f := geodesics.Flight{
		Field:     geometry.KleinGordon().Lattice(lattice.Ring(160, 8), lattice.Ring(40, 8)).Mass(0).Order(4),
		Packet:    reference.Packet{At: []float64{6, 0.2}, WaveNumber: []float64{10, 0}, Width: 1},
		Spacetime: reference.Spacetime{Dim: 2},
		Until:     10,
	}
	l, err := f.Run(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if end := l.Path.Places[len(l.Path.Places)-1]; math.Abs(end[0]-16) > 0.05 || math.Abs(end[1]-0.2) > 1e-3 || l.ToBundle > 1e-3 {
		t.Errorf("the path ends at %v, %.2g of it from the bundle; want about [16 0.2]", end, l.ToBundle)
	}
	if d := l.Path.Distance(l.Ray.Place); math.Abs(d/l.Path.Length()-l.ToRay) > 1e-12 {
		t.Errorf("distance %v over length %v is not %v", d, l.Path.Length(), l.ToRay)
	}
}

func TestRefuses(t *testing.T) {
	good := slope(1, 1, 12, 0.8)
	ran := run(t, good.Simulation())
	empty := run(t, good.Field.Until(1).Frames(simulate.AtTimes(0, 1)))
	none := *ran
	none.Model = unseen{ran.Model}
	for name, c := range map[string]struct {
		err    error
		reason string
	}{
		"no energy density": {second(geodesics.Follow(&none)), "Follow: curved-klein-gordon has no energy density"},
		"no field":          {second(geodesics.Follow(empty)), "Follow: frame 0 has the energy 0"},
		"frequency of none": {second(geodesics.Frequency(empty)), "Frequency: the field is zero in frame 0"},
		"no such axis":      {second(geodesics.WaveNumber(ran, 1)), "WaveNumber: axis 1; the lattice has 1"},
		"negative axis":     {second(geodesics.WaveNumber(ran, -1)), "WaveNumber: axis -1"},
		"no frames":         {second(geodesics.Follow(&simulate.Run{Model: ran.Model})), "Follow: the run has no frames"},
		"no frames, waves":  {second(geodesics.WaveNumber(&simulate.Run{Model: ran.Model}, 0)), "WaveNumber: the run has no frames"},
		"other dimension": {second(func() (geodesics.Landing, error) {
			f := good
			f.Spacetime.Dim = 2
			return f.Run(ctx)
		}()), "Judge: reference.Spacetime.Ray: a place of 1 and a wave vector of 1 components in 2 dimensions"},
		"one frame": {second(good.Judge(run(t, good.Simulation().Frames(simulate.AtTimes(0))))), "Judge: the packet does not move in 1 frames"},
		"bad field": {second(func() (geodesics.Landing, error) {
			f := good
			f.Field = f.Field.Mass(-1)
			return f.Run(ctx)
		}()), "Mass(-1)"},
		"bad metric":  {second(geodesics.Emergent(geometry.SpaceTime{})), "SpaceTime: no lattice"},
		"small axis":  {second(geodesics.Emergent(geometry.Flat(ring(t, 7)))), "Emergent: 7 sites along axis 0; the polynomials need 8"},
		"wavelengths": {second(geodesics.Converge(ctx, func(float64) geodesics.Flight { return good }, 1)), "an order needs at least 2"},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.reason) {
			t.Errorf("%s: error %v, want %q", name, c.err, c.reason)
		}
	}
}

// unseen hides what else a model can do.
type unseen struct{ theory.Model }

func second[T any](_ T, err error) error { return err }

func ring(t *testing.T, sites int) lattice.Lattice {
	t.Helper()
	l, err := lattice.New(lattice.Ring(sites, 1))
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func run(t *testing.T, s simulate.Simulation) *simulate.Run {
	t.Helper()
	r, err := s.Run(ctx)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func frequency(t *testing.T, r *simulate.Run) []float64 {
	t.Helper()
	omega, err := geodesics.Frequency(r)
	if err != nil {
		t.Fatal(err)
	}
	return omega
}

func waveNumber(t *testing.T, r *simulate.Run, axis int) []float64 {
	t.Helper()
	k, err := geodesics.WaveNumber(r, axis)
	if err != nil {
		t.Fatal(err)
	}
	return k
}
