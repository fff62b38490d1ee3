package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// execute runs the command line in this process.
func execute(ctx context.Context, args ...string) (string, error) {
	root := newRoot()
	var out bytes.Buffer
	root.SetOut(&out)
	root.SetErr(&out)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	return out.String(), err
}

func TestSimulate(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "packet")
	out, err := execute(context.Background(), "simulate", "../../../docs/packet.json", "-o", dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"finished at t = 30 after 769 steps; 301 frames in ", "energy E = 6.92758, drift 2.7e-06", "shadow energy E_s = "} {
		if !strings.Contains(out, want) {
			t.Errorf("%q lacks %q", out, want)
		}
	}
	for _, name := range []string{"frames.npy", "times.npy", "energy.npy", "energy.times.npy", "spec.json", "manifest.json"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			t.Error(err)
		}
	}
}

func TestSimulateRefusesWithOneSentence(t *testing.T) {
	tmp := t.TempDir()
	bad := filepath.Join(tmp, "bad.json")
	good, err := os.ReadFile("../../../docs/packet.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(bad, bytes.Replace(good, []byte(`"mass": 1`), []byte(`"mass": -1`), 1), 0o666); err != nil {
		t.Fatal(err)
	}
	full := filepath.Join(tmp, "full")
	if err := os.MkdirAll(filepath.Join(full, "x"), 0o777); err != nil {
		t.Fatal(err)
	}
	fresh := filepath.Join(tmp, "fresh")
	for want, args := range map[string][]string{
		"simulate: 0 Specs; give one":             {"simulate", "-o", fresh},
		"no output directory; name one with -o":   {"simulate", "../../../docs/packet.json"},
		"cannot be read: no such file":            {"simulate", "none.json", "-o", fresh},
		"cannot be read: is a directory":          {"simulate", tmp, "-o", fresh},
		"not JSON":                                {"simulate", "../../../README.md", "-o", fresh},
		"Mass(-1): the mass must be finite":       {"simulate", bad, "-o", fresh},
		"it is not empty; name a new one":         {"simulate", "../../../docs/packet.json", "-o", full},
		"unknown shorthand flag: 'x' in -x":       {"simulate", "../../../docs/packet.json", "-x"},
		`unknown command "simulat" for "nnfield"`: {"simulat"},
	} {
		_, err := execute(context.Background(), args...)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: error %v, want one with %q", args, err, want)
		}
	}
	if _, err := os.Stat(fresh); err == nil {
		t.Error("a refused Spec left its output directory")
	}
}

// Interrupted, the command leaves a whole directory that says so.
func TestSimulateInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	dir := filepath.Join(t.TempDir(), "packet")
	if _, err := execute(ctx, "simulate", "../../../docs/packet.json", "-o", dir); err == nil {
		t.Error("no error")
	}
	b, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil || !strings.Contains(string(b), `"cancelled"`) {
		t.Errorf("manifest %s (%v)", b, err)
	}
}
