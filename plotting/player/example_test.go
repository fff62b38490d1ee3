package player_test

import (
	"fmt"

	"github.com/nnfield/nnfield/plotting"
	"github.com/nnfield/nnfield/plotting/player"
)

func ExampleFields() {
	film := player.Fields(plotting.Labels{Title: "A bright cell", X: "x", Y: "y"}, player.Stack{
		Symbol: "φ", X: []float64{0, 1}, Y: []float64{0},
		Frames: [][]float64{{1, 0}, {0, 1}},
		Names:  []string{"t = 0", "t = 1"},
	})
	fmt.Println(film)
	// Output:
	// A bright cell
	// 2 frames, t = 0 to t = 1
}
