package verify_test

import (
	"math"
	"testing"

	"github.com/nnfield/nnfield/nnfield/geometry/einstein"
	"github.com/nnfield/nnfield/nnfield/reference"
	"github.com/nnfield/nnfield/nnfield/verify"
)

// Universes that learn are green, by any rule that can arrive; with another Onsager
// tensor, or a rule that cannot, they are not.
func TestUniverses(t *testing.T) {
	between := func(b einstein.Builder, e reference.Expansion) einstein.Builder {
		return b.Times(41, e.Duration).From(e.First()...).To(e.Last()...).Neurons(e.Neurons)
	}
	frw := between(einstein.FRW(), reference.DeSitterExpansion(1, 0, 1))
	ks := between(einstein.KantowskiSachs(), reference.KantowskiSachsExpansion(0.9, 0.4, 1.5))
	for name, c := range map[string]struct {
		b     einstein.Builder
		green bool
		rows  int
	}{
		"ascent":          {frw, true, 8},
		"crooked":         {frw.Start("1 + 1.718*t + 0.3*sin(5*pi*t)").Guess(1, 0), true, 8},
		"covariant":       {frw.Learn(einstein.Covariant), true, 8},
		"Kantowski-Sachs": {ks, true, 7},
		"Nariai":          {between(einstein.KantowskiSachs(), reference.NariaiExpansion(1.3, 0.1, 1.4)).Start("1.007 + 0.961*t", "0.877 + 0.1*sin(pi*t/1.3)"), true, 7},
		"saddle, ascent":  {ks.Learn(einstein.Ascent), false, 7},
		"another Onsager": {frw.Onsager(einstein.Onsager{-1. / 4, 0.3}), false, 8},
		"tiny":            {einstein.FRW().Times(5, 0.1).From(1).To(math.E).Neurons(6.4), true, 8},
	} {
		r := verify.Model(c.b)
		if r.Passed() != c.green || len(r.Rows) != c.rows {
			t.Errorf("%s: green %v, %d rows; want %v, %d\n%s", name, r.Passed(), len(r.Rows), c.green, c.rows, r)
		}
	}
}
