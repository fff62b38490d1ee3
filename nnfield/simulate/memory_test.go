//go:build !race

package simulate_test

import (
	"runtime"
	"testing"

	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// A million steps need no more memory than a thousand. (The race detector makes
// sync.Pool forget at random, so this test is not for it.)
func TestSteadyMemory(t *testing.T) {
	m := ring(t, 64, theory.Potential{})
	allocated := func(steps int) uint64 {
		s := simulate.New(m, float64(steps)*0.0625).Step(0.0625).Frames(simulate.Count(2))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := s.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		return after.TotalAlloc - before.TotalAlloc
	}
	allocated(1000)
	few, many := allocated(1000), allocated(1_000_000)
	if many > few+1<<16 {
		t.Errorf("%d bytes allocated in a thousand steps, %d in a million", few, many)
	}
}
