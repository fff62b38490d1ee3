// Package docs holds the pictures of the documentation to the code.
package docs

import (
	"bytes"
	"context"
	"flag"
	"os"
	"testing"

	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/plotting"
)

var update = flag.Bool("update", false, "write the pictures anew")

// The picture in the README is what its ten lines draw.
func TestPacket(t *testing.T) {
	kg := nnfield.KleinGordon().Ring(512, 40).Mass(1).
		Packet(nnfield.At(10), nnfield.Width(1.5), nnfield.WaveNumber(2))
	run, err := kg.Until(30).Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	got, err := plotting.Spacetime(run).SVG()
	if err != nil {
		t.Fatal(err)
	}
	if *update {
		if err := os.WriteFile("packet.svg", got, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile("packet.svg")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("docs/packet.svg is not what the code draws; look at it and run the test with -update")
	}
}
