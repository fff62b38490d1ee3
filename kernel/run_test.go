package kernel

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nnfield/nnfield/kernel/display"
	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/nnfield/simulate"
)

var kg = nnfield.KleinGordon().Ring(64, 16).Packet(nnfield.Width(1))

func TestTryRun(t *testing.T) {
	r, err := TryRun(context.Background(), kg.Until(1))
	if err != nil || r.Stop.Reason != simulate.Finished {
		t.Errorf("run %v, error %v", r, err)
	}
	if _, err := TryRun(context.Background(), kg.Mass(-1).Until(1)); err == nil || !strings.Contains(err.Error(), "Mass(-1)") {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	r, err = TryRun(ctx, kg.Until(1e9).Frames(nnfield.Every(1<<20)))
	if !errors.Is(err, context.DeadlineExceeded) || r == nil || r.Stop.Reason != simulate.Cancelled {
		t.Errorf("run %v, error %v", r, err)
	}
}

// Run exits, so it is tried in a process of its own: this test again, with the
// name of the case in the environment.
func TestRunInACell(t *testing.T) {
	switch os.Getenv("NNFIELD_TEST_CELL") {
	case "bad":
		Run(kg.Mass(-1).Until(1))
		return
	case "long":
		r := Run(long)
		fmt.Printf("partial: %s, %d frames, last at step %d", r.Stop.Reason, r.Len(), r.Stop.Step)
		return
	}
	cell := func(name string) *exec.Cmd {
		c := exec.Command(os.Args[0], "-test.run=TestRunInACell")
		c.Env = append(os.Environ(), "NNFIELD_TEST_CELL="+name)
		return c
	}

	out, err := cell("bad").CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 || !strings.HasPrefix(string(out), "KleinGordon: Mass(-1): ") || strings.Count(string(out), "\n") != 1 {
		t.Errorf("%v: %s", err, out)
	}

	// Interrupted it says how far it came, and the next time goes on from there.
	first, reached := 0, 0
	for round := 0; round < 3 || round < 20 && reached <= first; round++ { // a busy machine may do no step in a round
		c := cell("long")
		var said strings.Builder
		c.Stdout, c.Stderr = &said, &said
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(500 * time.Millisecond)
		interrupted := time.Now()
		if err := c.Process.Signal(syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
		kill := time.AfterFunc(10*time.Second, func() { _ = c.Process.Kill() })
		err := c.Wait()
		kill.Stop()
		if took := time.Since(interrupted); took > 4*time.Second {
			t.Errorf("it stopped after %v; GoNB kills at 5 s", took)
		}
		said1, said2, _ := strings.Cut(said.String(), "partial: ")
		if err != nil || !strings.Contains(said1, "stopped at t = ") || !strings.Contains(said1, "of 1e+09; run it again to continue") {
			t.Fatalf("%v: %s", err, said.String())
		}
		var frames, step int
		if _, err := fmt.Sscanf(said2, "cancelled, %d frames, last at step %d", &frames, &step); err != nil || frames != 1+step>>10 || step < reached {
			t.Errorf("%q after step %d: %v", said2, reached, err)
		}
		if round == 0 {
			first = step
		}
		reached = step
	}
	if reached <= first {
		t.Errorf("it did not go on from step %d", first)
	}
}

var long = kg.Until(1e9).Frames(nnfield.Every(1 << 10))

// slow takes half a second or more.
var slow = nnfield.KleinGordon().Ring(4096, 512).Packet(nnfield.Width(4)).Until(8000).Frames(nnfield.Count(40))

// An interrupted run that is resumed is the run that was not interrupted.
func TestInterruptAndResume(t *testing.T) {
	t.Setenv("NNFIELD_STORE", t.TempDir())
	s := slow
	want, err := s.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	stops := 0
	for {
		ctx, cancel := context.WithTimeout(t.Context(), time.Duration(80+20*stops)*time.Millisecond)
		got, err := TryRun(ctx, s)
		cancel()
		if err == nil {
			a, _ := everything(got)
			if b, _ := everything(want); a != b {
				t.Error("resumed it has other bits")
			}
			break
		}
		if !errors.Is(err, context.DeadlineExceeded) || stops > 1000 {
			t.Fatal(err)
		}
		stops++
		// What there is so far is the beginning of it, and labelled.
		if got == nil {
			continue // still preparing
		}
		if got.Stop.Reason != simulate.Cancelled {
			t.Errorf("it stopped because %s", got.Stop.Reason)
		}
		for i := range got.Len() {
			a, err := got.Frame("phi", i)
			b, _ := want.Frame("phi", i)
			if err != nil || !slices.Equal(a, b) {
				t.Errorf("frame %d of the part differs, error %v", i, err)
			}
		}
	}
	if stops == 0 {
		t.Error("it was never interrupted: the test shows nothing")
	}
	// And now it is stored.
	if r, err := TryRun(t.Context(), s); err != nil || r.Elapsed != 0 {
		t.Errorf("computed again in %v, error %v", r.Elapsed, err)
	}
}

// picture is a figure for tests.
type picture string

func (p picture) Bundle() (display.Bundle, error) {
	if p == "" {
		return display.Bundle{}, errors.New("nothing to draw")
	}
	return display.Bundle{Data: map[string]any{"text/plain": string(p)}}, nil
}

// A preview is shown while the run goes on, in one place, and ends as the figure
// of the whole run.
func TestPreview(t *testing.T) {
	t.Setenv("NNFIELD_STORE", t.TempDir())
	var shown, ids []string
	s := slow
	for _, stored := range []bool{false, true} {
		shown, ids = nil, nil
		draw := Preview(func(r *simulate.Run) picture { return picture(fmt.Sprintf("%s %d", r.Stop.Reason, r.Len())) })
		r, err := TryRun(t.Context(), s, draw, func(j *job) {
			j.preview.live = true
			j.preview.show = func(id string, b display.Bundle) error {
				shown, ids = append(shown, b.Data["text/plain"].(string)), append(ids, id)
				return nil
			}
		})
		if err != nil || r.Len() != 40 {
			t.Fatal(r, err)
		}
		if n := len(shown); shown[n-1] != "finished 40" || stored && n != 1 || !stored && (n < 2 || !strings.HasPrefix(shown[0], "running ")) || ids[0] != ids[n-1] {
			t.Errorf("stored %v: showed %q under %q", stored, shown, ids)
		}
	}
	if _, err := TryRun(t.Context(), s, Preview(func(*simulate.Run) picture { return "" })); err == nil || !strings.Contains(err.Error(), "nothing to draw") {
		t.Errorf("error %v", err)
	}
}
