package twofold_test

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/nnfield/nnfield/nnfield/geometry/twofold"
	"github.com/nnfield/nnfield/nnfield/quantum"
)

// well holds q around 20, where a coherent state swings by 5 with the frequency ½.
var (
	learning = quantum.Particle(1, 2)
	well     = quantum.Schrodinger().Line(511, 40).Potential("(x-20)*(x-20)/8").
			Learning(learning.Rate, learning.Diffusion, learning.Multiplier).
			Coherent(quantum.Frequency(0.5), quantum.At(25))
)

func config(networks int) twofold.Config {
	return twofold.Config{Problem: well, Learning: learning, Networks: networks, Neurons: 16, Mode: 3, Step: 0.02, Seed: 1}
}

func ensemble(t testing.TB, c twofold.Config, steps int) *twofold.Networks {
	t.Helper()
	e, err := twofold.New(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := e.Advance(context.Background(), steps); err != nil {
		t.Fatal(err)
	}
	return e
}

// One run, both descriptions: the density of q is |ψ|² of a run of Schrödinger's
// equation by itself, the metric read off the states is q, and waves turn by ∫ω dt,
// not as if q had stayed. The control with plain learners relaxes and is not |ψ|².
func TestBoth(t *testing.T) {
	const networks, steps = 2000, 300
	r, err := well.Until(0.02 * steps).Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	e := ensemble(t, config(networks), steps)
	d, err := twofold.Distance(e.Trainable(), r)
	if err != nil || d > 1.95/math.Sqrt(networks) {
		t.Errorf("learners are off |ψ|² by %.4f (%v), noise is %.4f", d, err, 1.95/math.Sqrt(networks))
	}
	read, trained, err := e.Metric()
	if err != nil {
		t.Fatal(err)
	}
	for i, q := range trained {
		if math.Abs(read[i]/q-1) > 1e-9 {
			t.Fatalf("network %d: metric %v, trained %v", i, read[i], q)
		}
	}
	w := e.Wave()
	t.Logf("distance %.4f, waves %+v", d, w)
	if w.Apart > 0.1 || w.Frozen < 1 || w.Turned < 25 {
		t.Errorf("waves turned by %.1f, apart from ∫ω dt by %.3f, from ω(0)t by %.3f", w.Turned, w.Apart, w.Frozen)
	}
	// The step adds a part of (ωε)² = 1 %, which the measurement here hardly sees.
	if math.Abs(w.Heating.Value-w.Predicted) > 4*w.Heating.Error+0.02*w.Predicted || w.Heating.Error > 0.05*w.Predicted {
		t.Errorf("waves are heated by %v, predicted %.5f", w.Heating, w.Predicted)
	}
	c := config(networks)
	c.Plain = true
	if d, err := twofold.Distance(ensemble(t, c, steps).Trainable(), r); err != nil || d < 0.2 {
		t.Errorf("plain learners are off |ψ|² by %.4f only (%v)", d, err)
	}
}

// The heating is that of the noise: a quarter of the diffusion, a quarter of it.
func TestQuiet(t *testing.T) {
	c := config(500)
	c.Learning = quantum.Particle(1, 0.5)
	w := ensemble(t, c, 150).Wave()
	if math.Abs(w.Heating.Value-w.Predicted) > 4*w.Heating.Error+0.02*w.Predicted || w.Predicted > 7e-4 || w.Heating.Error > 0.1*w.Predicted {
		t.Errorf("heated by %v, predicted %.2e", w.Heating, w.Predicted)
	}
}

func TestErrors(t *testing.T) {
	made := func(change func(*twofold.Config)) error {
		c := config(10)
		change(&c)
		_, err := twofold.New(c)
		return err
	}
	r, err := quantum.Schrodinger().Box(15, 4).Packet(quantum.Width(0.5), quantum.At(2, 2)).Until(0.1).Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	_, box := twofold.Distance(nil, r)
	for want, err := range map[string]error{
		"mode 8 on 16 neurons":          made(func(c *twofold.Config) { c.Mode = 8 }),
		"mode 1 on 3 neurons":           made(func(c *twofold.Config) { c.Neurons, c.Mode = 3, 1 }),
		"0 learners":                    made(func(c *twofold.Config) { c.Networks = 0 }),
		"Learning(γ = 0":                made(func(c *twofold.Config) { c.Learning = quantum.Learning{} }),
		"step 0.3 is too long":          made(func(c *twofold.Config) { c.Step = 0.3 }),
		"a run of \"schrodinger\" on 2": box,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %q; it must say %q", fmt.Sprint(err), want)
		}
	}
	c := config(200)
	c.Problem = quantum.Schrodinger().Ring(64, 4).Packet(quantum.Width(0.3), quantum.At(0.5))
	around, err := twofold.New(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := around.Advance(context.Background(), 50); err == nil || !strings.Contains(err.Error(), "negative couplings carry no waves") {
		t.Errorf("learners that go around the ring to q < 0: error %v", err)
	}
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	e, err := twofold.New(config(10))
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := e.Metric(); err == nil || !strings.Contains(err.Error(), "0 steps done") {
		t.Errorf("Metric before two steps: error %v", err)
	}
	if err := e.Advance(cancelled, 1); err == nil {
		t.Error("a cancelled Advance returns nil")
	}
}

// The metric that the states of a network move in is its trainable variable.
func ExampleNetworks_Metric() {
	e, err := twofold.New(config(3))
	if err == nil {
		err = e.Advance(context.Background(), 10)
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	read, trained, err := e.Metric()
	if err != nil {
		fmt.Println(err)
		return
	}
	for i := range read {
		fmt.Println(math.Abs(read[i]-trained[i]) < 1e-9*trained[i])
	}
	// Output:
	// true
	// true
	// true
}
