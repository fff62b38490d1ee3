package kernel

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"hash/fnv"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nnfield/nnfield/kernel/internal/store"
	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/nnfield/observe"
	"github.com/nnfield/nnfield/nnfield/simulate"
)

var (
	faults    = flag.Int("faults", 50, "kill this many processes in TestFaults")
	faultSeed = flag.Uint64("fault-seed", 0, "draw the times of TestFaults from this seed; 0 for a new one")
)

// faultSimulation is one that has a few checkpoints.
func faultSimulation(i int) simulate.Simulation {
	return nnfield.KleinGordon().Ring(512, 64).Mass(1+float64(i)/64).Packet(nnfield.At(20), nnfield.Width(2), nnfield.WaveNumber(1)).
		Until(100).Frames(nnfield.Count(6)).Observe(observe.Amplitude(), nnfield.Every(500))
}

// everything returns a hash of all that a run holds.
func everything(r *simulate.Run) (string, error) {
	h := fnv.New128a()
	number := func(v float64) { fmt.Fprintf(h, "%x ", math.Float64bits(v)) }
	for i := range r.Len() {
		for _, f := range r.Fields() {
			values, err := r.Frame(f.Name, i)
			if err != nil {
				return "", err
			}
			for _, v := range values {
				number(v)
			}
		}
		number(r.Times()[i])
	}
	for _, all := range [][]simulate.Series{r.Observables, r.Invariants} {
		for _, s := range all {
			fmt.Fprintln(h, s.Name, s.Symbol, s.Shape, s.Steps)
			number(s.Scale)
			for i, v := range s.Values {
				number(v)
				number(s.Times[i/max(1, len(s.Values)/len(s.Times))])
			}
		}
	}
	for _, a := range r.Last.Arrays {
		for _, v := range a {
			number(v)
		}
	}
	fmt.Fprintln(h, r.Stop, r.Warnings)
	return fmt.Sprintf("%x", h.Sum(nil)), nil
}

// child is what the process that is killed does: it takes one run from the store
// or computes it into it, and says so.
func child(task string) {
	checkpointInterval = 0
	i, err := strconv.Atoi(task)
	if err != nil {
		panic(err)
	}
	s := faultSimulation(i)
	j, err := s.Prepare()
	if err != nil {
		panic(err)
	}
	st, err := store.Create(os.Getenv("NNFIELD_STORE"))
	if err != nil {
		panic(err)
	}
	verb := "computed"
	if _, err := st.Find(j.Key()); err == nil {
		verb = "loaded"
	}
	r, err := TryRun(context.Background(), s)
	if err != nil {
		panic(err)
	}
	bits, err := everything(r)
	if err != nil {
		panic(err)
	}
	fmt.Println(verb, bits)
}

// Processes that compute runs are killed from outside, at any time: while they
// write, take checkpoints, resume, give a run its name. No run that was reported
// as stored is lost, none is ever loaded with other bits, and nothing is left
// over. Some of them have too few file descriptors to get through.
func TestFaults(t *testing.T) {
	if task := os.Getenv("NNFIELD_TEST_FAULT"); task != "" {
		child(task)
		os.Exit(0)
	}
	seed := *faultSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("repeat with -fault-seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	dir := t.TempDir()
	start := func(task, descriptors int) (*exec.Cmd, *bytes.Buffer) {
		t.Helper()
		var out bytes.Buffer
		c := exec.Command(os.Args[0], "-test.run=^TestFaults$")
		if descriptors > 0 {
			c = exec.Command("sh", "-c", fmt.Sprintf(`ulimit -n %d; exec "$0" "$@"`, descriptors), os.Args[0], "-test.run=^TestFaults$")
		}
		c.Env = append(os.Environ(), "NNFIELD_STORE="+dir, "NNFIELD_TEST_FAULT="+strconv.Itoa(task))
		c.Stdout, c.Stderr = &out, &out
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		return c, &out
	}
	want := func(task int) string {
		r, err := faultSimulation(task).Run(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		bits, err := everything(r)
		if err != nil {
			t.Fatal(err)
		}
		return bits
	}

	// How long one takes when nobody kills it.
	began := time.Now()
	c, out := start(0, 0)
	if err := c.Wait(); err != nil || out.String() != "computed "+want(0)+"\n" {
		t.Fatalf("%v: %s", err, out)
	}
	whole := time.Since(began)

	reported := []int{0}
	task, kills, resumed, starved, bits := 1, 0, 0, 0, want(1)
	for kills < *faults {
		descriptors := 0
		if random.IntN(4) == 0 {
			descriptors = 8 + random.IntN(30) // a run needs 20 or so
		}
		c, out := start(task, descriptors)
		// Log-uniform: early faults and late ones.
		after := time.Duration(float64(whole) * math.Pow(50, random.Float64()-1) * 0.8)
		timer := time.AfterFunc(after, func() { _ = c.Process.Kill() })
		err := c.Wait()
		timer.Stop()
		if err != nil && descriptors > 0 && strings.Contains(out.String(), "too many open files") {
			starved++
			continue
		}
		if err != nil && !strings.Contains(err.Error(), "killed") {
			t.Fatalf("kill %d, task %d, with %d descriptors: %v: %s", kills, task, descriptors, err, out)
		}
		if checkpoints, _ := filepath.Glob(filepath.Join(dir, "parts", "*", "checkpoint.json")); len(checkpoints) > 0 {
			resumed++
		}
		if err != nil {
			kills++
		}
		switch said := out.String(); said {
		case "computed " + bits + "\n", "loaded " + bits + "\n":
			reported = append(reported, task)
			task++
			bits = want(task)
		case "":
		default:
			if descriptors > 0 && !strings.Contains(said, "computed") && !strings.Contains(said, "loaded") {
				break // killed while it said that it has none left
			}
			t.Fatalf("kill %d, task %d: it said %q and not %s", kills, task, said, bits)
		}
	}
	// What was begun is finished, without faults.
	c, out = start(task, 0)
	if err := c.Wait(); err != nil || !strings.HasSuffix(out.String(), bits+"\n") {
		t.Fatalf("%v: %s", err, out)
	}
	reported = append(reported, task)
	for _, i := range reported {
		c, out := start(i, 0)
		if err := c.Wait(); err != nil || out.String() != "loaded "+want(i)+"\n" {
			t.Errorf("task %d was reported as stored: %v: %s", i, err, out)
		}
	}
	t.Logf("%d kills, %d with a checkpoint to resume from, %d starved of descriptors, %d runs stored, %v for one", kills, resumed, starved, len(reported), whole)
	if resumed < kills/5 {
		t.Errorf("only %d of %d kills left a checkpoint: the test shows little", resumed, kills)
	}
	left(t, dir, len(reported))
}

// left fails for files that do not belong to so many stored runs.
func left(t *testing.T, dir string, runs int) {
	t.Helper()
	if _, err := store.Create(dir); err != nil { // sweeps
		t.Fatal(err)
	}
	if all, _ := os.ReadDir(filepath.Join(dir, "runs")); len(all) != runs {
		t.Errorf("%d runs in the store; %d were reported as stored", len(all), runs)
	}
	for _, sub := range []string{"parts", "trash", "kept"} {
		if all, _ := os.ReadDir(filepath.Join(dir, sub)); len(all) > 0 {
			t.Errorf("left in %s: %v", sub, all)
		}
	}
	_ = filepath.WalkDir(filepath.Join(dir, "runs"), func(path string, d os.DirEntry, err error) error {
		name := d.Name()
		if err != nil || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "state-") || name == "checkpoint.json" {
			t.Errorf("left %s: %v", path, err)
		}
		return nil
	})
}
