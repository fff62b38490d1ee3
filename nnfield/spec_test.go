package nnfield_test

import (
	"os"
	"strings"
	"testing"

	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/nnfield/all"
	"github.com/nnfield/nnfield/nnfield/simulate"
)

// A bad Spec gets one sentence that names the place, the value and what is
// allowed there.
func TestBadSpecs(t *testing.T) {
	good, err := os.ReadFile("testdata/klein-gordon/expression.json")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := all.Decode(good, simulate.NewArrays()); err != nil {
		t.Fatal(err)
	}
	kink, err := os.ReadFile("testdata/klein-gordon/kink.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ spec, old, new, want string }{
		{string(good), `"format":1`, `"format":2`, "spec: format 2; this version reads format 1"},
		{string(good), `"mass":1`, `"mas":1`, `did you mean "mass"`},
		{string(good), `"mass":1`, `"mass":"heavy"`, "mass"},
		{string(good), `"mass":1`, `"mass":-1`, "Mass(-1): the mass must be finite and not negative"},
		{string(good), `"mass":1`, `"mass":1e999`, "mass"},
		{string(good), `"theory":"klein-gordon"`, `"theory":"proca"`, `model.theory: "proca" is unknown here; use one of charged-dirac, charged-scalar, curved-klein-gordon, dirac, hamilton-jacobi, klein-gordon, learners, madelung, maxwell, minisuperspace, nelson-learners, network, schrodinger, string, training`},
		{string(good), `"theory":"klein-gordon"`, `"mass":2`, "mass"},
		{string(good), `"laplacian":"order-2"`, `"laplacian":"order-6"`, `use "order-2", "order-4" or "spectral"`},
		{string(good), `"sites":48`, `"sites":0`, "0 sites; an axis needs at least 2"},
		{string(good), `tanh(x)`, `tanh(z)`, "uses z, but the lattice has 1 axes"},
		{string(good), `tanh(x)`, `tan h(x)`, "Potential("},
		{string(good), `"kind":"expression"`, `"kind":"quartic"`, `potential.kind: "quartic" is unknown; use none, phi4`},
		{string(good), `"integrator":"leapfrog"`, `"integrator":"euler"`, "no such scheme; use leapfrog"},
		{string(good), `"step":0.06`, `"step":1`, "not below the stability limit"},
		{string(good), `"until":3.84`, `"until":-4`, "Until(-4): the time must be positive and finite"},
		{string(good), `{"count":3}`, `{"count":3,"every":2}`, "exactly one of the keys"},
		{string(good), `"observe":[]`, `"observe":[{"observer":{"kind":"charge"},"schedule":{"every":1}}]`, `"charge" is unknown here; use one of accuracy, amplitude, charge-density, current, distance, energy-density, histogram, loss, moments, point, spectrum`},
		{string(good), `"observe":[]`, `"observe":[{"observer":{"kind":"point"},"schedule":{"every":1}}]`, "0 coordinates for 1 axes"},
		{string(good), `"observe":[]`, `"observe":[{"observer":{"kind":"amplitude","at":[1]},"schedule":{"every":1}}]`, `it has no key "at"`},
		{string(kink), `"velocity":0.4`, `"velocity":1.4`, "between −1 and 1"},
		{string(kink), `"kind":"kink"`, `"kind":"soliton"`, `initial.kind: "soliton" is unknown; use antikink, breather`},
		{string(kink), `"kind":"kink"`, `"kind":"kink","seed":"7"`, "Kink: it has no option seed"},
		{string(kink), `"kind":"kink"`, `"kind":"thermal","temperature":1,"seed":"-1"`, "whole number from 0 to 18446744073709551615"},
		{string(good), `}`, ``, "spec:"},
		{string(good), string(good), `[]`, "spec:"},
		{string(good), string(good), ``, "spec:"},
	} {
		if !strings.Contains(c.spec, c.old) {
			t.Fatalf("the test is out of date: no %s", c.old)
		}
		s, err := all.Decode([]byte(strings.Replace(c.spec, c.old, c.new, 1)), simulate.NewArrays())
		if err == nil {
			err = s.Check()
		}
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s → %s:\n got %v\nwant %s", c.old, c.new, err, c.want)
		}
	}
}

// The same for fields of spinors and links.
func TestBadFieldSpecs(t *testing.T) {
	for _, c := range []struct{ file, old, new, want string }{
		{"dirac/wall", `"name":"real"`, `"name":"chiral"`, `representation.name: "chiral"; use real, dirac, weyl, majorana, or given`},
		{"dirac/wall", `"name":"real"`, `"name":"given"`, "Matrices: 0 matrices α and a β of 0 rows"},
		{"dirac/wall", `"name":"real"`, `"name":"given","alpha":[[0,0,1,0,1,0,0,0]],"beta":[1,0,0,0,0,0,1]`, "Matrices: 1 matrices α and a β of 0 rows"},
		{"dirac/wall", `"name":"real"`, `"name":"given","alpha":[[0,0,1,0,1,0,0,0]],"beta":[1,0,0,0,0,0,1,0]`, "the matrices must obey the Clifford relations"},
		{"dirac/wall", `"wilson":1`, `"wilson":-1`, "Wilson(-1): r must be finite and not negative"},
		{"dirac/wall", `"expression":"m*tanh(x-6)"`, `"expression":"m*tanh(t-6)"`, "depends on t"},
		{"dirac/wall", `"mass_profile":{`, `"mass_profile":{"values":[1],`, "give exactly one of the keys expression and values"},
		{"dirac/wall", `"kind":"values"`, `"kind":"kink"`, `initial.kind: "kink" is no state of this theory; use spinor-packet`},
		{"charged-dirac/pushed", `"charge":1`, `"charge":0`, "Charge(0): the charge must be finite and not zero"},
		{"charged-dirac/pushed", `"vector":{"x":`, `"vector":{"w":`, "gauge.vector.w: no such axis; use x, y, z"},
		{"charged-dirac/pushed", `"electric":[0.4]`, `"electric":[0.4,1]`, "2 components for 1 axes"},
		{"charged-dirac/pushed", `"electric":[0.4]`, `"dynamics":"big","electric":[0.4]`, `use "compact" or "non-compact"`},
		{"charged-dirac/pushed", `"flux":0.9`, `"flux":0.9,"quanta":1`, "it needs a torus"},
		{"maxwell/compact", `"action":"compact"`, `"action":"wilson"`, `use "compact" or "non-compact"`},
		{"maxwell/compact", `"polarisation":[0,1,1]`, `"polarisation":[0,1]`, "Polarisation has 2 components, the lattice 3 axes"},
		{"maxwell/compact", `"kind":"link-wave"`, `"kind":"spinor-packet"`, "it has no option"},
	} {
		good, err := os.ReadFile("testdata/" + c.file + ".json")
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(good), c.old) {
			t.Fatalf("the test is out of date: no %s in %s", c.old, c.file)
		}
		theory, name, _ := strings.Cut(c.file, "/")
		arrays := simulate.NewArrays()
		if _, err := golden()[theory][name].Spec(arrays); err != nil {
			t.Fatal(err)
		}
		s, err := all.Decode([]byte(strings.Replace(string(good), c.old, c.new, 1)), arrays)
		if err == nil {
			err = s.Check()
		}
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s, %s → %s:\n got %v\nwant %s", c.file, c.old, c.new, err, c.want)
		}
	}
}

// Large arrays stand in the Spec by their content; a Spec without them says so.
func TestSpecWithoutItsArrays(t *testing.T) {
	s := nnfield.KleinGordon().Ring(96, 12).Values(make([]float64, 96), make([]float64, 96)).Until(1)
	arrays := simulate.NewArrays()
	spec, err := s.Spec(arrays)
	if err != nil {
		t.Fatal(err)
	}
	if len(arrays.Names()) != 1 { // φ and β are the same zeros
		t.Errorf("stored %v", arrays.Names())
	}
	if len(spec) > 1000 {
		t.Errorf("the Spec has %d bytes", len(spec))
	}
	if _, err := all.Decode(spec, simulate.NewArrays()); err == nil || !strings.Contains(err.Error(), "is not stored") {
		t.Errorf("error %v", err)
	}
}
