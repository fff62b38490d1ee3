// Package goldentest compares what tests find with files that were committed:
// Specs, and the bits of runs. With -update it writes them.
package goldentest

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"flag"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/nnfield/nnfield/nnfield/simulate"
)

var update = flag.Bool("update", false, "write the golden files anew; raise the numerics version if bits changed")

// Bits returns the hash of all bits of the last state.
func Bits(r *simulate.Run) string {
	h := sha256.New()
	var b [8]byte
	for _, a := range r.Last.Arrays {
		for _, x := range a {
			binary.LittleEndian.PutUint64(b[:], math.Float64bits(x))
			h.Write(b[:])
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// Everything returns the hash of all bits of a run: frames, observables, invariants and
// the last state.
func Everything(t *testing.T, r *simulate.Run) string {
	h := sha256.New()
	write := func(values []float64) {
		var b [8]byte
		for _, x := range values {
			binary.LittleEndian.PutUint64(b[:], math.Float64bits(x))
			h.Write(b[:])
		}
	}
	for i := range r.Len() {
		for _, f := range r.Fields() {
			values, err := r.Frame(f.Name, i)
			if err != nil {
				t.Fatal(err)
			}
			write(values)
		}
	}
	for _, s := range append(append([]simulate.Series{}, r.Observables...), r.Invariants...) {
		write(s.Times)
		write(s.Values)
		write([]float64{s.Scale})
	}
	for _, a := range r.Last.Arrays {
		write(a)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// Compare compares with a file, or writes it. Files of bits, *.txt, are of one
// processor architecture each and may be missing for another.
func Compare(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if os.IsNotExist(err) && strings.HasSuffix(path, ".txt") {
		t.Logf("no golden bits for %s; run with -update to record them", runtime.GOARCH)
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != got {
		t.Errorf("%s changed; bits that do need a higher numerics version of the theory or of the integrators:\n got %s\nwant %s", path, got, want)
	}
}
