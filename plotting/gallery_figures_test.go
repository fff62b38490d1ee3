package plotting_test

import (
	"testing"

	"github.com/nnfield/nnfield/plotting"
	"github.com/nnfield/nnfield/plotting/gallery"
)

// No label of any figure of the gallery leaves the paper or touches another.
func TestLabelsOfTheGallery(t *testing.T) {
	for _, e := range gallery.Entries() {
		plotting.KeepDistance(t, e.Name, e.Make(), true)
	}
}

func TestSVGOfTheGallery(t *testing.T) {
	for _, name := range []string{"multiples", "orbits", "graph", "stencil", "links", "histogram", "print"} {
		plotting.SVGLikePNG(t, name, gallery.Figure(name))
	}
}
