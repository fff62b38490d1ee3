package quantum_test

import (
	"context"
	"flag"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/nnfield/nnfield/nnfield/internal/pool"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/quantum"
)

var learners = flag.Int("learners", 20_000, "the number of Nelson learners of a test")

func mean(q []float64) (m float64) {
	for _, x := range q {
		m += x
	}
	return m / float64(len(q))
}

// slit is the coordinate behind a double slit: two packets that spread and
// interfere.
func slit() quantum.Builder {
	return quantum.Schrodinger().Line(511, 40).
		Packet(quantum.Width(0.8), quantum.At(17)).Packet(quantum.Width(0.8), quantum.At(23))
}

// tunnel is a packet that half of crosses a barrier.
func tunnel() quantum.Builder {
	return quantum.Schrodinger().Line(511, 60).Potential("2*sech((x-30)*2)*sech((x-30)*2)").
		Packet(quantum.Width(2.5), quantum.At(24), quantum.WaveNumber(2))
}

// Learners with the forward drift stay at |ψ|² at every frame: their Kolmogorov
// distance is below 1.95/√n, which draws from |ψ|² itself exceed once in 1,000
// times. In the fringes before the barrier the step control must have worked, if
// rarely.
func TestNelsonLearners(t *testing.T) {
	for name, c := range map[string]struct {
		b             quantum.Builder
		step          float64
		frames, every int
		least, most   float64 // share of steps shortened near nodes
	}{
		"oscillator": {coherent(), 0.01, 8, 80, 0, 0},
		"slit":       {slit(), 0.01, 8, 80, 0, 1e-5},
		"tunnel":     {tunnel(), 0.005, 8, 100, 1e-6, 1e-4},
	} {
		l, err := quantum.NelsonLearners(c.b, *learners, 1, c.step)
		if err != nil {
			t.Fatal(name, err)
		}
		limit := 1.95 / math.Sqrt(float64(*learners))
		for frame := range c.frames + 1 {
			if d := l.Kolmogorov(); !(d <= limit) {
				t.Errorf("%s: t = %.2f: Kolmogorov distance %.5f, limit %.5f", name, l.Time(), d, limit)
			}
			if frame < c.frames {
				if err := l.Advance(context.Background(), c.every, nil); err != nil {
					t.Fatal(name, err)
				}
			}
		}
		share := float64(l.Capped()) / float64(*learners*c.frames*c.every)
		if share < c.least || share > c.most {
			t.Errorf("%s: a share of %.2g of the steps was shortened near nodes; want %v to %v", name, share, c.least, c.most)
		}
		t.Logf("%s: %d learners to t = %v, %d steps shortened near nodes", name, *learners, l.Time(), l.Capped())
	}
}

// The control: plain descent of V with the same noise relaxes to exp(−γV/D), here
// of variance 1, where Nelson learners revive.
func TestDescentLearnersRelax(t *testing.T) {
	nelson, err := quantum.NelsonLearners(coherent(), 20_000, 2, 0.02)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := quantum.DescentLearners(coherent(), 20_000, 2, 0.02)
	if err != nil {
		t.Fatal(err)
	}
	start := mean(nelson.Positions())
	for _, l := range []*quantum.Learners{nelson, plain} {
		if err := l.Advance(context.Background(), 314, nil); err != nil {
			t.Fatal(err)
		}
	}
	if m := mean(nelson.Positions()); math.Abs(m-start) > 0.03 {
		t.Errorf("Nelson learners: mean %v after a period, %v in the beginning", m, start)
	}
	relaxed := 9 + (start-9)*math.Exp(-nelson.Time()/2)
	if m := mean(plain.Positions()); math.Abs(m-relaxed) > 0.03 {
		t.Errorf("plain learners: mean %v, the Fokker-Planck equation says %v", m, relaxed)
	}
	if d := plain.Kolmogorov(); d < 0.3 {
		t.Errorf("plain learners: Kolmogorov distance %v; they must not follow ψ", d)
	}
}

// Learners depend on the seed and not on the number of workers.
func TestLearnersAreReproducible(t *testing.T) {
	positions := func(seed uint64, workers int) []float64 {
		defer pool.SetLimit(pool.SetLimit(workers))
		l, err := quantum.NelsonLearners(slit(), 2_000, seed, 0.05)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.Advance(context.Background(), 20, nil); err != nil {
			t.Fatal(err)
		}
		return slices.Clone(l.Positions())
	}
	one := positions(1, 1)
	if !slices.Equal(one, positions(1, 4)) {
		t.Error("another number of workers, other learners")
	}
	if slices.Equal(one, positions(2, 1)) {
		t.Error("another seed, the same learners")
	}
}

// On a ring learners go around; the distribution knows them modulo its length.
func TestLearnersOnARing(t *testing.T) {
	b := quantum.Schrodinger().Ring(128, 8).Packet(quantum.Width(0.9), quantum.At(6), quantum.WaveNumber(math.Pi))
	l, err := quantum.NelsonLearners(b, 20_000, 3, 0.01)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Advance(context.Background(), 150, nil); err != nil {
		t.Fatal(err)
	}
	if d := l.Kolmogorov(); d > 1.95/math.Sqrt(20_000) {
		t.Errorf("Kolmogorov distance %v", d)
	}
	if m := mean(l.Positions()); math.Abs(m-6-1.5*math.Pi) > 0.05 {
		t.Errorf("the mean is at %v", m)
	}
}

// Neumann walls are mirrors.
func TestLearnersBetweenMirrors(t *testing.T) {
	neumann := lattice.Boundary{Kind: lattice.Neumann}
	b := quantum.Schrodinger().Lattice(lattice.Line(64, 4, neumann, neumann)).Fluid("1+0.8*cos(pi*x/4)", "0")
	l, err := quantum.NelsonLearners(b, 20_000, 5, 0.01)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if err := l.Advance(context.Background(), 60, nil); err != nil {
			t.Fatal(err)
		}
		if d := l.Kolmogorov(); d > 1.95/math.Sqrt(20_000) {
			t.Errorf("t = %.2f: Kolmogorov distance %v", l.Time(), d)
		}
	}
}

func TestLearnersStop(t *testing.T) {
	l, err := quantum.NelsonLearners(coherent(), 100, 1, 0.01)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	err = l.Advance(ctx, 50, func(done, of int) {
		if done == 7 {
			cancel()
		}
	})
	if err != context.Canceled || math.Abs(l.Time()-0.07) > 1e-12 {
		t.Errorf("stopped at %v: %v", l.Time(), err)
	}
}

func TestBadLearners(t *testing.T) {
	for want, f := range map[string]func() (*quantum.Learners, error){
		"NelsonLearners: 2 axes": func() (*quantum.Learners, error) {
			return quantum.NelsonLearners(quantum.Schrodinger().Box(16, 9).Packet(quantum.Width(1)), 10, 1, 0.1)
		},
		"use at least 1":                  func() (*quantum.Learners, error) { return quantum.NelsonLearners(coherent(), 0, 1, 0.1) },
		"DescentLearners: step -1":        func() (*quantum.Learners, error) { return quantum.DescentLearners(coherent(), 9, 1, -1) },
		"NelsonLearners: Schrodinger: no": func() (*quantum.Learners, error) { return quantum.NelsonLearners(quantum.Madelung(), 9, 1, 0.1) },
		"noise and quantum agree for μ = 4/ħ only": func() (*quantum.Learners, error) {
			return quantum.NelsonLearners(coherent().Learning(0.5, 0.5, 5), 9, 1, 0.1)
		},
	} {
		if _, err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

// 10⁶ learners × 1,000 steps are meant to take less than a minute on two cores: a
// step of one learner less than 60 ns.
func BenchmarkNelsonLearners(b *testing.B) {
	l, err := quantum.NelsonLearners(slit(), 1_000_000, 1, 0.005)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := l.Advance(context.Background(), 1, nil); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1e6, "ns/learner")
}

func ExampleNelsonLearners() {
	well := quantum.Schrodinger().
		Line(63, 16).
		Potential("(x-8)*(x-8)/2").
		Coherent(quantum.Frequency(1), quantum.At(10))
	learners, err := quantum.NelsonLearners(well, 10_000, 1, 0.01)
	if err != nil {
		fmt.Println(err)
		return
	}
	if err := learners.Advance(context.Background(), 314, nil); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("half a period later they are at %.1f on average\n", mean(learners.Positions()))
	fmt.Println("still distributed as |ψ|²:", learners.Kolmogorov() < 1.95/math.Sqrt(10_000))
	// Output:
	// half a period later they are at 6.0 on average
	// still distributed as |ψ|²: true
}

// The drift of a step is that of its middle: with long steps the mean still follows
// the centre of the packet, to the second order.
func TestDriftOfTheMiddle(t *testing.T) {
	const step = 0.1
	l, err := quantum.NelsonLearners(coherent(), 20_000, 4, step)
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Advance(context.Background(), 16, nil); err != nil {
		t.Fatal(err)
	}
	want := 9 + 1.5*math.Cos(16*step) + 0.5*math.Sin(16*step)
	if m := mean(l.Positions()); math.Abs(m-want) > 0.02 { // 4 standard errors
		t.Errorf("mean %v, centre %v", m, want)
	}
}
