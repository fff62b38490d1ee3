package say

import (
	"math"
	"testing"
)

func TestNumber(t *testing.T) {
	for x, want := range map[float64]string{0.25: "0.25", math.Inf(1): "infinite", math.Inf(-1): "infinite"} {
		if got := Number(x); got != want {
			t.Errorf("%v is said %q", x, got)
		}
	}
	if got := Number(math.NaN()); got != "not a number" {
		t.Error(got)
	}
}
