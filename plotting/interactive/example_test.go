package interactive_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/plotting/interactive"
)

func ExampleSpacetime() {
	r, err := nnfield.KleinGordon().Ring(64, 16).Mass(1).
		Packet(nnfield.At(4), nnfield.Width(1), nnfield.WaveNumber(2)).
		Until(4).Frames(nnfield.Every(2)).Run(context.Background())
	if err != nil {
		fmt.Println(err)
		return
	}
	chart := interactive.Spacetime(r)
	dir, err := os.MkdirTemp("", "charts")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	fmt.Println(chart.Save(filepath.Join(dir, "packet.html")))
	// Output: <nil>
}
