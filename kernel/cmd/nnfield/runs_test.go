package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nnfield/nnfield/internal/npy"
	"github.com/nnfield/nnfield/kernel"
	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// stored computes a simulation into the store of the test and returns its ID.
func stored(t *testing.T, s simulate.Simulation) string {
	t.Helper()
	if _, err := kernel.TryRun(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	j, err := s.Prepare()
	if err != nil {
		t.Fatal(err)
	}
	return j.Key()
}

func TestRuns(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "store")
	t.Setenv("NNFIELD_STORE", dir)
	expect := func(want string, args ...string) string {
		t.Helper()
		out, err := command(t, append([]string{"runs"}, args...)...)
		if err != nil {
			out += err.Error()
		}
		for part := range strings.SplitSeq(want, "|") {
			if !strings.Contains(out, part) {
				t.Errorf("runs %v: %q lacks %q", args, out, part)
			}
		}
		return out
	}
	expect("no runs in "+dir, "list")
	if _, err := os.Stat(dir); err == nil {
		t.Error("looking at a store made one")
	}

	ring := nnfield.KleinGordon().Ring(96, 12).Values(make([]float64, 96), make([]float64, 96)).Packet(nnfield.Width(1))
	a, b := stored(t, ring.Until(1)), stored(t, ring.Mass(2).Until(1))
	mine := stored(t, ring.Until(1).Observe(simulate.ObserverFunc("mine", func(s theory.Snapshot) float64 { return s.Time }), nnfield.Every(1)))
	expect("Klein-Gordon|ID|"+a[:12]+"|"+b[:12], "list")
	expect("run "+a+"|finished at t = 1 |energy|drift|numbers of version", "show", a[:8])
	expect("model.mass|the last states differ by at most", "compare", a[:8], b[:8])
	if out := expect("differ by at most 0,", "compare", a[:8], a[:8]); strings.Contains(out, "model") {
		t.Errorf("a run differs from itself: %s", out)
	}
	expect("3 runs are as they were stored", "verify")

	// JSON, for scripts.
	out, err := command(t, "runs", "list", "--json")
	var rows []map[string]any
	if err := json.Unmarshal([]byte(out), &rows); err != nil || len(rows) != 3 {
		t.Errorf("%s: %v", out, err)
	}
	if err != nil {
		t.Error(err)
	}
	out, _ = command(t, "runs", "show", "--json", b)
	var shown struct {
		Manifest map[string]any
		Spec     struct{ Model struct{ Mass float64 } }
	}
	if err := json.Unmarshal([]byte(out), &shown); err != nil || shown.Spec.Model.Mass != 2 || shown.Manifest["id"] != b {
		t.Errorf("%s: %v", out, err)
	}

	// Exported arrays are those of the run.
	to := filepath.Join(t.TempDir(), "exported")
	r, err := ring.Until(1).Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	expect("frames in "+to, "export", a, "-o", to)
	frames, err := npy.ReadFloats(filepath.Join(to, "frames.npy"))
	last := frames[len(frames)-96:]
	for i, v := range r.Last.Arrays[1] {
		if last[i] != v {
			t.Fatalf("β at site %d is %v, want %v; error %v", i, last[i], v, err)
		}
	}
	for _, name := range []string{"manifest.json", "energy.npy", "spec.json", "spec.arrays"} {
		if _, err := os.Stat(filepath.Join(to, name)); err != nil {
			t.Error(err)
		}
	}
	expect("not empty", "export", a, "-o", to)
	expect("name one with -o", "export", a)
	expect("what only its notebook knows", "export", mine, "-o", filepath.Join(to, "x"))

	expect("", "pin", a)
	expect("pinned", "list")
	expect("", "pin", "--off", a)
	if out := expect("", "list"); strings.Contains(out, "pinned") {
		t.Error(out)
	}
	expect("none in", "show", "zzzz")
	for _, verb := range []string{"show", "pin", "rm"} { // as with an empty variable of the shell
		expect("at least 4 digits|nnfield runs list", verb, "")
	}
	expect("at least 4 digits", "export", "", "-o", filepath.Join(t.TempDir(), "out"))
	expect(a[:12]+"|"+b[:12]+"|"+mine[:12], "list")
	expect("a process has it open", "rm", a) // this one

	// A flipped bit is found, and named.
	path := filepath.Join(dir, "runs", b, "frames.npy")
	bytes, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	bytes[len(bytes)-5] ^= 1
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, bytes, 0o666); err != nil {
		t.Fatal(err)
	}
	expect("of frames (step |is damaged|1 of 3 runs are damaged", "verify")
	expect("is damaged", "export", b, "-o", filepath.Join(to, "y"))
}

// What a stored file says cannot do anything to a terminal.
func TestRunsPrintsPlainText(t *testing.T) {
	if got := plainText("a\x1b]0;owned\x07<script>\n"); got != "a?]0;owned?<script>?" {
		t.Errorf("%q", got)
	}
}
