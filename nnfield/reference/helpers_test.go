package reference_test

import (
	"math"
	"math/rand/v2"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/reference"
)

const module = "github.com/nnfield/nnfield/"

// A judge that shared code with what it judges would prove nothing. (The lattice asks room
// whether there is memory for it.)
func TestImportsOnlyLattice(t *testing.T) {
	out, err := exec.Command("go", "list", "-deps", ".").Output()
	if err != nil {
		t.Fatal(err)
	}
	var own []string
	for _, path := range strings.Fields(string(out)) {
		if rest, ok := strings.CutPrefix(path, module); ok {
			own = append(own, rest)
		}
	}
	slices.Sort(own)
	if want := []string{"internal/room", "nnfield/lattice", "nnfield/reference"}; !slices.Equal(own, want) {
		t.Errorf("the package depends on %v of the project, want %v", own, want)
	}
}

var (
	dirichlet = lattice.Boundary{Kind: lattice.Dirichlet}
	neumann   = lattice.Boundary{Kind: lattice.Neumann}
	driven    = lattice.Boundary{Kind: lattice.Driven}
	orders    = []reference.Order{2, 4, reference.Continuum}
)

// ends names the five pairs of boundaries that a free field may have.
var ends = map[string][2]lattice.Boundary{
	"ring":                {{Kind: lattice.Periodic}, {Kind: lattice.Periodic}},
	"dirichlet-dirichlet": {dirichlet, dirichlet},
	"neumann-neumann":     {neumann, neumann},
	"dirichlet-neumann":   {dirichlet, neumann},
	"neumann-dirichlet":   {neumann, dirichlet},
}

var endNames = []string{"ring", "dirichlet-dirichlet", "neumann-neumann", "dirichlet-neumann", "neumann-dirichlet"}

func newLattice(t testing.TB, axes ...lattice.Axis) lattice.Lattice {
	t.Helper()
	l, err := lattice.New(axes...)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// drawLattice draws a lattice of one to three axes with any boundaries.
func drawLattice(t *rapid.T, maxSites int) lattice.Lattice {
	axes := make([]lattice.Axis, rapid.IntRange(1, 3).Draw(t, "axes"))
	for j := range axes {
		pair := ends[rapid.SampledFrom(endNames).Draw(t, "ends")]
		sites := rapid.IntRange(2, maxSites).Draw(t, "sites")
		length := rapid.Float64Range(1, 3).Draw(t, "spacing") * float64(sites)
		axes[j] = lattice.Line(sites, length, pair[0], pair[1])
	}
	l, err := lattice.New(axes...)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// noise returns n numbers of unit size.
func noise(n int, seed uint64) []float64 {
	r, x := rand.New(rand.NewPCG(seed, 7)), make([]float64, n)
	for i := range x {
		x[i] = r.NormFloat64()
	}
	return x
}

// distance returns the largest difference of two fields.
func distance(x, y []float64) float64 {
	if len(x) != len(y) {
		return math.Inf(1)
	}
	d := 0.0
	for i := range x {
		diff := math.Abs(x[i] - y[i])
		if math.IsNaN(diff) {
			return math.Inf(1) // NaN must not pass for small
		}
		d = max(d, diff)
	}
	return d
}

// wantError fails unless err says what it must.
func wantError(t *testing.T, err error, parts ...string) {
	t.Helper()
	if err == nil {
		t.Errorf("no error; want one with %q", parts)
		return
	}
	for _, part := range parts {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("error %q lacks %q", err, part)
		}
	}
}
