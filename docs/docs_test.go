// Package docs holds the pictures of the documentation to the code.
package docs

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"os"
	"testing"

	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/plotting"
	"github.com/nnfield/nnfield/plotting/gallery"
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

// The gallery page shows every figure there is; its pictures are the golden
// images of package gallery.
func TestGallery(t *testing.T) {
	var page bytes.Buffer
	page.WriteString("# Gallery\n\nEvery figure of package plotting, drawn from small runs; each is one call and labels itself from the model.\n" +
		"The pictures are the golden images that the tests compare with; the code is in [plotting/gallery](../plotting/gallery).\n" +
		"Interactive charts and movies are in [notebooks/gallery.ipynb](../notebooks/gallery.ipynb).\n")
	for _, e := range gallery.Entries() {
		fmt.Fprintf(&page, "\n## %s\n\n%s\n\n![%s](../plotting/gallery/testdata/%s-notebook.png)\n", e.Name, e.Shows, e.Name, e.Name)
		if _, err := os.Stat("../plotting/gallery/testdata/" + e.Name + "-notebook.png"); err != nil {
			t.Error(err)
		}
	}
	if *update {
		if err := os.WriteFile("gallery.md", page.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("gallery.md")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, page.Bytes()) {
		t.Error("docs/gallery.md is out of date; run the test with -update")
	}
}
