package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/nnfield/nnfield/nnfield/weights"
)

// The test binary is the program of nnfield, and one that cheats.
func TestMain(m *testing.M) {
	if len(os.Args) > 2 && os.Args[1] == worker {
		if err := perform(os.Args[2:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

func perform(args []string) error {
	if args[0] != "cheat" {
		return work(args, os.Stdin, os.Stdout)
	}
	e, err := newEngine(args[1:])
	if err != nil {
		return err
	}
	return serve(cheat{e}, os.Stdin, os.Stdout)
}

// cheat does half the steps.
type cheat struct{ engine }

func (c cheat) advance(n int) error { return c.engine.advance(n / 2) }

// harness is a bench with short samples on a machine that is always free.
func harness(t *testing.T) *bench {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return &bench{
		shop:    &workshop{dir: t.TempDir(), self: self, absent: map[string]string{cTool: "no gcc"}},
		gate:    &gate{threads: 1, measure: func(int) float64 { return 1 }, sleep: func(context.Context, time.Duration) {}},
		log:     io.Discard,
		threads: 1, rounds: 2, attempts: 1, samples: 2, sample: time.Millisecond,
	}
}

// Programs that agree are timed; one that cheats and one that dies are refused; one
// that is absent is a blank.
func TestRun(t *testing.T) {
	c := lattice("KG", "kg", 1, 64, 0)
	args := c.programs[0].args
	c.programs = []program{
		{name: "nnfield", tool: goTool, args: args},
		{name: "peer", tool: goTool, args: args, env: plain},
		{name: "cheat", tool: goTool, args: append([]string{"cheat"}, args...)},
		{name: "dead", tool: goTool, args: []string{"nothing"}},
		{name: naive, tool: cTool},
	}
	b := harness(t)
	r, err := b.run(context.Background(), c)
	if err != nil {
		t.Fatal(err)
	}
	for i, row := range r.Programs {
		timed := i < 2
		if (row.Median > 0) != timed || (len(row.Turns) == 2) != timed || (row.VsPeer > 0) != timed || (row.Quiet == 1) != timed {
			t.Errorf("%+v", row)
		}
		if row.VsNaive != 0 {
			t.Errorf("%s: a ratio to a program that was not there", row.Name)
		}
		if timed && (row.Best < row.Median || row.Median > 1e5) {
			t.Errorf("%s: median %v, best %v", row.Name, row.Median, row.Best)
		}
	}
	if s := r.Programs[2].Refused; !strings.Contains(s, "does not agree with nnfield") {
		t.Errorf("the cheat: %q", s)
	}
	if s := r.Programs[3].Refused; !strings.Contains(s, "no such program") {
		t.Errorf("the dead: %q", s)
	}
	if row := r.Programs[4]; row.Absent != "no gcc" || row.Refused != "" {
		t.Errorf("the absent: %+v", row)
	}
	if len(r.refused()) != 2 {
		t.Errorf("refused: %v", r.refused())
	}
	var report Report
	if err := b.runCases(context.Background(), []problem{c}, &report); err == nil || !strings.Contains(err.Error(), "cheat") {
		t.Errorf("the command ends with %v", err)
	}
	for _, text := range []string{report.Details(), printed(r)} {
		for _, want := range []string{"absent: no gcc", "does not agree"} {
			if !strings.Contains(text, want) {
				t.Errorf("%q does not say %q", text, want)
			}
		}
	}
}

func printed(r Result) string {
	var b strings.Builder
	r.write(&b)
	return b.String()
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := harness(t).run(ctx, lattice("KG", "kg", 1, 64, 0)); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v", err)
	}
}

// An engine does the steps that the other programs do: judged by plain loops.
func TestEngines(t *testing.T) {
	const n, steps = 16, 30
	check := func(name string, e engine, components, dim int, force func(p []float64, i int) float64) {
		t.Helper()
		size := components * int(math.Pow(n, float64(dim)))
		p, q := make([]float64, size), make([]float64, size)
		start(p, q)
		for range steps {
			for i := range p {
				p[i] += step * q[i]
			}
			for i := range q {
				q[i] += step * force(p, i)
			}
		}
		if err := e.advance(steps); err != nil {
			t.Fatal(err)
		}
		if err := agreeOn(size)(sums(p, q), e.sums(), steps); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	square := func(p []float64, i int) float64 {
		x, y := i%n, i/n
		return p[y*n+(x+1)%n] + p[y*n+(x+n-1)%n] + p[(y+1)%n*n+x] + p[(y+n-1)%n*n+x] - 4*p[i]
	}
	kg, err := newField("kg", 2, n)
	if err != nil {
		t.Fatal(err)
	}
	check("kg", kg, 1, 2, func(p []float64, i int) float64 { return square(p, i) - mass*mass*p[i] })
	phi4, err := newField("phi4", 2, n)
	if err != nil {
		t.Fatal(err)
	}
	check("phi4", phi4, 1, 2, func(p []float64, i int) float64 { return square(p, i) - quarticLambda*p[i]*(p[i]*p[i]-1) })
	for kind, k := range map[string]func() (weights.Tensor, error){"csr": fivePoint(n), "dense": dense(n * n)} {
		w, err := k()
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		if err := writeMatrix(dir, w, kind == "dense"); err != nil {
			t.Fatal(err)
		}
		m, err := newMatrix(kind, n*n, dir)
		if err != nil {
			t.Fatal(err)
		}
		check(kind, m, 1, 2, func(p []float64, i int) float64 {
			sum := 0.
			w.Row(i, func(j int, v float64) { sum -= v * p[j] })
			return sum
		})
	}
}

// Half the steps of learners show in their moments, all of them do not.
func TestMoments(t *testing.T) {
	const n = 20_000
	agree := agreeOnMoments(n)
	for _, steps := range []int{10, 5} {
		l, err := newLearners(n)
		if err != nil {
			t.Fatal(err)
		}
		if err := l.advance(steps); err != nil {
			t.Fatal(err)
		}
		if err := agree([4]float64{}, l.sums(), 10); (err == nil) != (steps == 10) {
			t.Errorf("%d steps of 10: %v", steps, err)
		}
	}
	if m := normalMoments(0, 2); m != [9]float64{1, 0, 2, 0, 12, 0, 120, 0, 1680} {
		t.Errorf("moments %v", m)
	}
}

func TestAgree(t *testing.T) {
	want := [4]float64{10, -20, 30, 40}
	agree := agreeOn(5)
	for _, c := range []struct {
		i    int
		by   float64
		good bool
	}{{2, 29e-12, true}, {2, 31e-12, false}, {3, 41e-12, false}, {0, 54e-12, true}, {0, 56e-12, false}, {1, 113e-12, false}, {2, math.NaN(), false}} {
		got := want
		got[c.i] += c.by
		if err := agree(want, got, 0); (err == nil) != c.good {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

// The gate opens when the machine is as fast as it has been, and not later than it
// is told to.
func TestGate(t *testing.T) {
	speeds := []float64{10, 5, 5, 8.4, 8.6}
	looks, slept := 0, 0
	g := &gate{threads: 1,
		measure: func(int) float64 { looks++; return speeds[min((looks-1)/2, len(speeds)-1)] },
		sleep:   func(context.Context, time.Duration) { slept++ },
	}
	if !g.quiet() {
		t.Error("the best so far is not quiet")
	}
	if quiet, left := g.wait(context.Background(), time.Minute); !quiet || slept != 3 || left < 50*time.Second {
		t.Errorf("after 3 disturbed looks: quiet %v after %d, %v left", quiet, slept, left)
	}
	g.measure = func(int) float64 { return 1 }
	if quiet, left := g.wait(context.Background(), 0); quiet || left != 0 {
		t.Errorf("a disturbed machine: quiet %v, %v left", quiet, left)
	}
	g = &gate{threads: 2, measure: func(threads int) float64 { return [3]float64{0, 1, 2}[threads] }}
	g.quiet()
	g.measure = func(int) float64 { return 1 }
	if g.quiet() {
		t.Error("two threads that share a core pass for free")
	}
}

// A turn that was disturbed is taken again; if that does not help the best attempt
// stays and is marked.
func TestTurn(t *testing.T) {
	b := harness(t)
	b.attempts = 3
	c := lattice("KG", "kg", 1, 64, 0)
	p, err := b.shop.start(context.Background(), c.programs[0], 1)
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	for name, k := range map[string]struct {
		disturbed func(look int) bool
		limit     time.Duration
		quiet     bool
	}{
		"always free":         {func(int) bool { return false }, time.Hour, true},
		"disturbed at first":  {func(look int) bool { return look < 2 }, time.Hour, true},
		"disturbed meanwhile": {func(look int) bool { return look == 2 }, time.Hour, true},
		"never free":          {func(int) bool { return true }, 0, false},
	} {
		looks := -1
		b.gate = &gate{threads: 1, free: [2]float64{1, 1}, sleep: func(context.Context, time.Duration) {}, measure: func(int) float64 {
			looks++
			if k.disturbed(looks) {
				return 0.5
			}
			return 1
		}}
		who := &contestant{program: c.programs[0], process: p, row: &Row{}, steps: 1}
		if _, err := b.turn(context.Background(), c, who, k.limit); err != nil {
			t.Fatal(err)
		}
		if all := who.row.Turns; len(all) != 1 || all[0].Quiet != k.quiet || len(all[0].Samples) != b.samples {
			t.Errorf("%s: %+v", name, all)
		}
	}
}

func TestCompare(t *testing.T) {
	r := Result{Roof: 1000, Programs: []Row{
		{Name: "nnfield", Turns: []Turn{{true, []float64{100, 700}}, {true, []float64{600, 200}}, {true, []float64{100, 800}}}},
		{Name: naive, Turns: []Turn{{false, []float64{300, 350}}, {false, []float64{200, 100}}, {false, []float64{400, 100}}}},
		{Name: "C tiled", Turns: []Turn{{true, []float64{500, 400}}, {false, []float64{900, 100}}, {false, []float64{100}}}},
		{Name: "numba", Absent: "no numba"},
	}}
	r.compare()
	own := r.Programs[0]
	if own.Median != 700 || own.Best != 800 || own.VsNaive != 2 || own.VsPeer != 1.4 || own.OfRoof != 0.7 || own.Quiet != 1 {
		t.Errorf("%+v", own)
	}
	if row := r.Programs[3]; row.Median != 0 || row.VsNaive != 0 || row.OfRoof != 0 {
		t.Errorf("the absent: %+v", row)
	}
	if median([]float64{4, 1, 3, 2}) != 2.5 {
		t.Error("median of an even number")
	}
	r.Name = "KG 2-D 64²"
	table := Report{Cases: []Result{r}, Machine: Machine{"a processor", 2, map[string]string{"go": "1", "gcc": "2"}}}.Summary()
	want := "| KG 2-D 64² | 700 | ~ | 1.4 × |  |  |  | 70 % |\n" +
		"\nMeasured with 2 threads of a processor, gcc 2, go 1; 44 % of the turns found it free. \"~\" is a ratio without such turns.\n"
	if !strings.HasSuffix(table, want) {
		t.Errorf("table\n%s does not end with\n%s", table, want)
	}
}

func TestLimits(t *testing.T) {
	l, err := limits(nil).merge("flops 1 0 50\nupdate 1 100 300\nupdate 1 1000 100\nupdate 1 10000 20\nread 1 1000 40\n")
	if err != nil {
		t.Fatal(err)
	}
	if l, err = l.merge("update 1 1000 110\nupdate 1 10000 10\nflops 2 0 90\n"); err != nil || len(l) != 6 {
		t.Fatalf("%v, %v", l, err)
	}
	for _, c := range []struct{ bytes, want float64 }{{0, 300}, {100, 300}, {101, 110}, {5000, 20}, {1e9, 20}} {
		if got := l.at("update", 1, c.bytes); got != c.want {
			t.Errorf("%v bytes: %v, want %v", c.bytes, got, c.want)
		}
	}
	if l.at("update", 2, 1) != 0 {
		t.Error("a speed that was not measured")
	}
	roof, onePass := l.roofs(problem{bytes: 32, flops: 10, working: 1e4}, 1)
	if roof != 20e3/32. || onePass != 20e3/32. {
		t.Errorf("roofs %v and %v", roof, onePass)
	}
	levels := limits{{Kind: "flops", Threads: 1, Speed: 1e3}, {"update", 1, nearest, 64}, {"update", 1, own, 32}, {"update", 1, 1 << 30, 16}}
	for chain, want := range map[bool]float64{true: 2e3, false: 1e3} {
		if roof, onePass := levels.roofs(problem{bytes: 32, flops: 1, working: 1 << 29, chain: chain}, 1); roof != want || onePass != 500 {
			t.Errorf("chain %v: roofs %v and %v", chain, roof, onePass)
		}
	}
	roof, _ = l.roofs(problem{bytes: 32, flops: 100, working: 1}, 1)
	if roof != 500 {
		t.Errorf("roof of computing %v", roof)
	}
	if _, err := l.merge("nonsense"); err == nil {
		t.Error("nonsense is taken")
	}
}

func TestSizes(t *testing.T) {
	for want, c := range map[string][2]int{"10⁵": {100_000, 1}, "256²": {256, 2}, "64³": {64, 3}, "1000²": {1000, 2}} {
		if got := size(c[0], c[1]); got != want {
			t.Errorf("size%v = %s, want %s", c, got, want)
		}
	}
}

// Case names choose cases and key the results: they differ.
func TestNames(t *testing.T) {
	for _, quick := range []bool{true, false} {
		seen := map[string]bool{}
		for _, name := range names(cases(quick)) {
			if seen[name] {
				t.Errorf("two cases are called %s", name)
			}
			seen[name] = true
		}
	}
}

func TestBadArguments(t *testing.T) {
	for want, args := range map[string][]string{
		"no case has it":      {"-cases", "nothing"},
		"at least 1":          {"-rounds", "0"},
		"use -cases KG":       {"KG"},
		"no such program":     nil,
		"not defined: -fast":  {"-fast"},
		"invalid value \"x\"": {"-rounds", "x"},
	} {
		var err error
		if args == nil {
			_, err = newEngine([]string{"lattice"})
		} else {
			err = run(context.Background(), args, io.Discard)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: %v, want %q", args, err, want)
		}
	}
}

// Results of an earlier run of this machine stay where this one has none, in the order
// of the cases and with today's limits.
func TestReport(t *testing.T) {
	b := harness(t)
	name := filepath.Join(t.TempDir(), "results.json")
	first, err := b.report(name)
	if err != nil || len(first.Cases) != 0 {
		t.Fatalf("no earlier run: %+v, %v", first, err)
	}
	first.Cases = []Result{{Name: "c"}, {Name: "a", Steps: 1}, {Name: "gone"}}
	first.Cases[0].Programs = []Row{{Name: "nnfield", Turns: []Turn{{true, []float64{100}}}}}
	if err := writeJSON(name, first); err != nil {
		t.Fatal(err)
	}
	r, err := b.report(name)
	if err != nil {
		t.Fatal(err)
	}
	r.Cases = append(r.Cases, Result{Name: "b"}, Result{Name: "a", Steps: 2})
	r.Limits = limits{{"flops", 0, 0, 1}, {"update", 0, 100, 1}}
	r.arrange([]problem{{name: "a"}, {name: "b"}, {name: "c", flops: 5, bytes: 1}})
	if got := fmt.Sprint(r.Cases[0].Name, r.Cases[0].Steps, r.Cases[1].Name, r.Cases[2].Name, len(r.Cases)); got != "a2bc3" {
		t.Errorf("kept %s", got)
	}
	if c := r.Cases[2]; c.Roof != 200 || c.Programs[0].OfRoof != 0.5 {
		t.Errorf("roof %+v", c)
	}
	b.threads = 7
	if _, err := b.report(name); err == nil || !strings.Contains(err.Error(), "give another file") {
		t.Errorf("the results of another machine: %v", err)
	}
}
