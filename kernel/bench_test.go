package kernel_test

import (
	"context"
	"testing"

	"github.com/nnfield/nnfield/kernel"
	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/plotting"
)

// BenchmarkStoredFrame is what a cell does that draws a frame of a stored run of
// 1 GB, after its start: build the model, find the run, map it, verify the frame
// and draw it.
func BenchmarkStoredFrame(b *testing.B) {
	b.Setenv("NNFIELD_STORE", b.TempDir())
	frame := 0
	cell := func() {
		simulation := nnfield.KleinGordon().Torus(512, 64).Packet(nnfield.Width(4)).Until(30).Frames(nnfield.Count(256))
		r, err := kernel.TryRun(context.Background(), simulation)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := plotting.Frame(r, frame%r.Len()).Bundle(); err != nil {
			b.Fatal(err)
		}
		frame++
	}
	cell() // computes it
	for b.Loop() {
		cell()
	}
}
