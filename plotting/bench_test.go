package plotting

import (
	"math"
	"testing"
)

// Goal: at most 60 ms.
func BenchmarkSpacetimePNG(b *testing.B) {
	f := Image(Labels{Title: "packet", X: "x", Y: "t"}, benchField())
	b.ResetTimer()
	for range b.N {
		if _, err := f.PNG(144); err != nil {
			b.Fatal(err)
		}
	}
}

// From the numbers to the output of a notebook.
func BenchmarkSpacetimeBundle(b *testing.B) {
	field := benchField()
	b.ResetTimer()
	for range b.N {
		if _, err := Image(Labels{Title: "packet", X: "x", Y: "t"}, field).Bundle(); err != nil {
			b.Fatal(err)
		}
	}
}

// The same in colours of phase and modulus.
func BenchmarkComplexPNG(b *testing.B) {
	f := benchField()
	c := Complex(Labels{Title: "packet", X: "x", Y: "t"}, ComplexField{Symbol: "ψ", X: f.X, Y: f.Y, Re: f.Values, Im: f.Values})
	b.ResetTimer()
	for range b.N {
		if _, err := c.PNG(144); err != nil {
			b.Fatal(err)
		}
	}
}

// Small pictures cost about what the field costs, not the number of them.
func BenchmarkMultiplesPNG(b *testing.B) {
	var titles []string
	var fields []Field
	for i := range 9 {
		titles = append(titles, []string{"a", "b", "c"}[i%3])
		fields = append(fields, field(256, 256, func(k int) float64 { return math.Sin(float64(k*(i+1)) / 99) }))
	}
	f := Multiples(Labels{Title: "field", X: "x", Y: "y"}, titles, fields...)
	b.ResetTimer()
	for range b.N {
		if _, err := f.PNG(144); err != nil {
			b.Fatal(err)
		}
	}
}

func benchField() Field {
	x, t := grid(1024, 0, 39.92), grid(2000, 0, 30)
	values := make([]float64, 0, len(x)*len(t))
	for _, t := range t {
		for _, x := range x {
			values = append(values, wave(x, t))
		}
	}
	return Field{Symbol: "φ", X: x, Y: t, Values: values}
}

func benchLine(b *testing.B, n int) {
	x, y := grid(n, 0, 100), make([]float64, n)
	for i, x := range x {
		y[i] = math.Sin(x) + 0.1*math.Sin(1e4*x)
	}
	b.ResetTimer()
	for range b.N {
		if _, err := Lines(Labels{}, Series{X: x, Y: y}).PNG(144); err != nil {
			b.Fatal(err)
		}
	}
}

// Goal: at most 50 ms.
func BenchmarkLine1e6(b *testing.B) { benchLine(b, 1_000_000) }

func BenchmarkLine1e7(b *testing.B) { benchLine(b, 10_000_000) }
