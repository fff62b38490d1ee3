package stencil

import "github.com/nnfield/nnfield/nnfield/internal/elementary"

// SineGordon is the force F = sin x, with the bits of elementary.Sin.
type SineGordon struct{ assembly bool }

// NewSineGordon returns the force, by a kernel where there is one.
func NewSineGordon() *SineGordon { return &SineGordon{Assembly()} }

// AddForce adds α·sin(x).
func (f *SineGordon) AddForce(g []float64, alpha float64, x []float64, at int) {
	var sin [64]float64
	for len(g) > 0 {
		n := min(len(g), len(sin))
		f.sines(sin[:n], x[at:at+n])
		for i, s := range sin[:n] {
			g[i] += float64(alpha * s)
		}
		g, at = g[n:], at+n
	}
}

// sines sets y to sin(x).
func (f *SineGordon) sines(y, x []float64) {
	m := 0
	if f.assembly {
		m = sinesAssembly(y, x)
	}
	for i := m; i < len(y); i++ {
		y[i] = elementary.Sin(x[i])
	}
}
