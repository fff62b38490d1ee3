package plotting

import (
	"math"
	"math/rand/v2"

	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// gallery returns one of each figure, from data made here.
func gallery() map[string]Figure {
	return map[string]Figure{
		"spacetime":   packet(),
		"space":       rings(),
		"lines":       lines(),
		"family":      family(7),
		"family-few":  family(3),
		"conserved":   energy(),
		"comparison":  comparison(),
		"convergence": orderOfConvergence(),
		"tensor":      tensor(),
		"tensor-real": realTensor(),
	}
}

// grid returns n numbers from lo to hi.
func grid(n int, lo, hi float64) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = lo + (hi-lo)*float64(i)/float64(n-1)
	}
	return x
}

// wave is a packet that runs to the right and spreads.
func wave(x, t float64) float64 {
	const k = 2.0
	omega := math.Sqrt(1 + k*k)
	width := 1.5 * math.Sqrt(1+t*t/60)
	u := x - 10 - k/omega*t
	return 1.5 / width * math.Exp(-u*u/(2*width*width)) * math.Cos(k*x-omega*t)
}

func packet() Figure {
	x, t := grid(512, 0, 39.92), grid(301, 0, 30)
	values := make([]float64, 0, len(x)*len(t))
	for _, t := range t {
		for _, x := range x {
			values = append(values, wave(x, t))
		}
	}
	return Image(Labels{
		Title: "Klein-Gordon: wave packet", X: "x", Y: "t",
		Caption: "m = 1, 512 sites on a ring of length 40, ε = 0.0312, leapfrog",
	}, Field{Symbol: "φ(t, x)", X: x, Y: t, Values: values})
}

func rings() Figure { return Image(ringField()) }

func ringField() (Labels, Field) {
	x, y := grid(120, 0, 12), grid(90, 0, 9)
	var values []float64
	for _, y := range y {
		for _, x := range x {
			r := math.Hypot(x-5, y-4)
			values = append(values, 3e-8*(1+math.Cos(3*r)*math.Exp(-r/3)))
		}
	}
	return Labels{Title: "energy density at t = 12.5", X: "x", Y: "y"},
		Field{Symbol: "energy density", X: x, Y: y, Values: values, Space: true}
}

func lines() Figure {
	x := grid(400, 0, 2*math.Pi)
	sin, cos, both := make([]float64, 400), make([]float64, 400), make([]float64, 400)
	for i, x := range x {
		sin[i], cos[i] = math.Sin(x), math.Cos(2*x)
		both[i] = sin[i] * cos[i]
	}
	return Lines(Labels{Title: "three standing waves", X: "k x", Y: "φ_{k}(x)"},
		Series{Name: "sin kx", X: x, Y: sin}, Series{Name: "cos 2kx", X: x, Y: cos},
		Series{Name: "their product, φ₁φ₂", X: x, Y: both})
}

func family(n int) Figure {
	x, times := grid(512, 0, 39.92), grid(n, 0, 24)
	frames := make([][]float64, n)
	for k, t := range times {
		for _, x := range x {
			frames[k] = append(frames[k], wave(x, t))
		}
	}
	return Family(Labels{Title: "Klein-Gordon: wave packet", X: "x", Y: "φ(t, x)", Caption: "m = 1, 512 sites"}, x, "t", times, frames)
}

func energy() Figure {
	t := grid(600, 0, 30)
	total, kinetic, potential := make([]float64, 600), make([]float64, 600), make([]float64, 600)
	for i, t := range t {
		total[i] = 2.6586 * (1 + 3e-5*math.Pow(math.Sin(2.2*t), 2))
		kinetic[i] = total[i] * (0.5 + 0.1*math.Sin(1.1*t))
		potential[i] = total[i] - kinetic[i]
	}
	return Conserved(Labels{Title: "energy", X: "t", Y: "energy", Caption: "m = 1, leapfrog, ε = 0.0312"}, "E", t, total,
		Series{Name: "kinetic", X: t, Y: kinetic}, Series{Name: "gradient and mass", X: t, Y: potential})
}

func comparison() Figure {
	r := rand.New(rand.NewPCG(1, 2))
	var k, measured, theory []float64
	for i := -64; i < 64; i++ {
		q := 2 * math.Pi * float64(i) / 40
		w := math.Sqrt(1 + math.Pow(6.4*math.Sin(q/6.4), 2))
		k, theory = append(k, q), append(theory, w)
		measured = append(measured, w+1e-11*math.Exp(4*r.NormFloat64()))
	}
	return Comparison(Labels{Title: "dispersion relation", X: "k", Y: "ω(k)", Caption: "128 sites, m = 1"}, "ω", k, measured, theory)
}

func orderOfConvergence() Figure {
	var h, two, four []float64
	for i := range 7 {
		s := 0.1 / math.Pow(2, float64(i))
		h = append(h, s)
		two = append(two, 0.3*s*s*(1+s))
		four = append(four, 2*math.Pow(s, 4)+1e-13)
	}
	return Convergence(Labels{Title: "error at t = 10 against the exact lattice solution", X: "ε", Y: "max |φ − φ_{exact}|"},
		Refinement{Name: "leapfrog", H: h, Error: two, Order: 2},
		Refinement{Name: "Yoshida 4", H: h, Error: four, Order: 4})
}

// dense is a small weight tensor.
type dense struct {
	n int
	w []float64
}

func (d dense) Size() int { return d.n }
func (d dense) AddApply(dst []float64, alpha float64, x []float64) {
	for i := range dst {
		for j := range x {
			dst[i] += alpha * d.w[i*d.n+j] * x[j]
		}
	}
}
func (d dense) Transpose() weights.Tensor {
	t := dense{d.n, make([]float64, len(d.w))}
	for i := range d.n {
		for j := range d.n {
			t.w[j*d.n+i] = d.w[i*d.n+j]
		}
	}
	return t
}
func (d dense) Row(i int, entry func(j int, w float64)) {
	for j, w := range d.w[i*d.n : (i+1)*d.n] {
		entry(j, w)
	}
}
func (d dense) String() string { return "dense" }

func tensor() Figure {
	r := rand.New(rand.NewPCG(3, 4))
	d := dense{48, make([]float64, 48*48)}
	for i := range d.w {
		d.w[i] = 0.02 * r.NormFloat64()
	}
	for i := range 24 {
		d.w[i*48+i] -= 2
		d.w[i*48+(i+1)%24]++
		d.w[i*48+24+i]++
		d.w[(24+i)*48+i]--
	}
	return Tensor(Labels{Title: "weights", Caption: "2 neuron types on 24 sites"}, d, "φ", "β")
}

func realTensor() Figure {
	l, err := lattice.New(lattice.Ring(256, 40))
	if err != nil {
		panic(err)
	}
	k, err := weights.Laplacian(l, 2)
	if err != nil {
		panic(err)
	}
	return Tensor(Labels{Title: "weights of the lattice Laplacian"}, k)
}
