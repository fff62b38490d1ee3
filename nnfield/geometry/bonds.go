package geometry

import (
	"fmt"
	"math"
	"slices"
	"sync"

	"github.com/nnfield/nnfield/nnfield/internal/pool"
	"github.com/nnfield/nnfield/nnfield/lattice"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// bonds is a symmetric weight tensor of neighbours on a lattice whose weights
// depend on the place: neuron x listens to itself with the weight centre(x), and x
// and x+o listen to each other with the weight strength(x) of their bond,
//
//	(Wφ)(x) = centre(x)φ(x) + Σ_o [strength_o(x)φ(x+o) + strength_o(x−o)φ(x−o)].
//
// Sites are counted round every axis; a bond that would cross a wall has the
// strength 0. The order of operations is that of [bonds.line].
type bonds struct {
	name    string
	l       lattice.Lattice
	centre  []float64
	along   []bond
	scratch sync.Pool // of *[]float64, one line
}

// bond holds the bonds of one offset, whose first entry that is not 0 is positive.
type bond struct {
	offset   [3]int
	strength []float64 // of the bond between x and x + offset
}

func newBonds(name string, l lattice.Lattice) *bonds {
	b := &bonds{name: name, l: l, centre: make([]float64, l.Sites())}
	line := l.Axis(l.Dim() - 1).Sites
	b.scratch.New = func() any { v := make([]float64, line); return &v }
	return b
}

// end is one end of a difference: a position along each axis, on periodic axes
// counted on past the last site, and the factor of φ there.
type end struct {
	at     [3]int
	factor float64
}

// siteAt returns the site of a position, counted round every axis.
func siteAt(l lattice.Lattice, at [3]int) int {
	s := 0
	for j := range l.Dim() {
		n := l.Axis(j).Sites
		s += ((at[j]%n + n) % n) * l.Stride(j)
	}
	return s
}

// add adds v·φ(p.at)φ(q.at)·p.factor·q.factor to the quadratic form φᵀWφ.
func (b *bonds) add(v float64, p, q end) {
	v = float64(v * float64(p.factor*q.factor))
	var o [3]int
	sign := 0
	for j := range o {
		o[j] = q.at[j] - p.at[j]
		if sign == 0 {
			sign = o[j]
		}
	}
	switch {
	case sign == 0:
		b.centre[siteAt(b.l, p.at)] += v
		return
	case sign < 0:
		p, q = q, p
		o = [3]int{-o[0], -o[1], -o[2]}
	}
	b.strengths(o)[siteAt(b.l, p.at)] += v / 2 // φᵀWφ holds a bond twice
}

// strengths returns the bonds of an offset.
func (b *bonds) strengths(o [3]int) []float64 {
	for _, a := range b.along {
		if a.offset == o {
			return a.strength
		}
	}
	s := make([]float64, len(b.centre))
	b.along = append(b.along, bond{o, s})
	return s
}

// Size returns the number of sites.
func (b *bonds) Size() int { return len(b.centre) }

// Transpose returns the tensor itself.
func (b *bonds) Transpose() weights.Tensor { return b }

// String names the tensor.
func (b *bonds) String() string { return fmt.Sprintf("%s on %d sites", b.name, len(b.centre)) }

// bondsTask is a product shared out among workers, line by line.
type bondsTask struct {
	b      *bonds
	dst, x []float64
	alpha  float64
}

var bondsTasks = sync.Pool{New: func() any { return new(bondsTask) }}

// grain is the number of sites below which sharing out costs more than it saves.
const grain = 16384

// AddApply adds α·W·x to dst.
func (b *bonds) AddApply(dst []float64, alpha float64, x []float64) {
	n := len(b.centre)
	if len(dst) != n || len(x) != n {
		panic(fmt.Sprintf("geometry: AddApply: len(dst) = %d, len(x) = %d; both must be %d", len(dst), len(x), n))
	}
	line := b.l.Axis(b.l.Dim() - 1).Sites
	t := bondsTasks.Get().(*bondsTask)
	*t = bondsTask{b, dst, x, alpha}
	pool.Run(n/line, max(1, grain/line), t)
	*t = bondsTask{}
	bondsTasks.Put(t)
}

// Do does the lines lo ≤ i < hi along the last axis.
func (t *bondsTask) Do(lo, hi int) {
	sum := t.b.scratch.Get().(*[]float64)
	for i := lo; i < hi; i++ {
		t.b.line(*sum, i, t.x)
		from := i * len(*sum)
		dst := t.dst[from : from+len(*sum)]
		for j, v := range *sum {
			dst[j] += float64(t.alpha * v)
		}
	}
	t.b.scratch.Put(sum)
}

// line writes Wx of a line of sites along the last axis to sum: first the centre,
// then, offset by offset, the bonds ahead and the bonds behind, each product being
// rounded by itself.
func (b *bonds) line(sum []float64, i int, x []float64) {
	n := len(sum)
	base := i * n
	for j, c := range b.centre[base : base+n] {
		sum[j] = float64(c * x[base+j])
	}
	last := b.l.Dim() - 1
	for _, a := range b.along {
		ahead, behind := b.lineAt(base, a.offset, 1), b.lineAt(base, a.offset, -1)
		o := a.offset[last]
		// ahead: strength(x)·φ(x+o)
		addProducts(sum, a.strength[base:base+n], 0, x[ahead:ahead+n], o)
		// behind: strength(x−o)·φ(x−o)
		addProducts(sum, a.strength[behind:behind+n], -o, x[behind:behind+n], -o)
	}
}

// lineAt returns where the line begins that lies sign·offset away from the one
// that begins at base, the last axis not being counted.
func (b *bonds) lineAt(base int, offset [3]int, sign int) int {
	at := 0
	for j := range b.l.Dim() - 1 {
		n, stride := b.l.Axis(j).Sites, b.l.Stride(j)
		k := base/stride%n + sign*offset[j]
		at += ((k%n + n) % n) * stride
	}
	return at
}

// addProducts adds s(j+p)·x(j+q) to sum(j), counted round the line.
func addProducts(sum, s []float64, p int, x []float64, q int) {
	n := len(sum)
	p, q = (p%n+n)%n, (q%n+n)%n
	for j := 0; j < n; { // up to where one of the two comes round
		m := min(n-j, n-p, n-q)
		to, u, v := sum[j:j+m], s[p:p+m], x[q:q+m]
		for i := range to {
			to[i] += float64(u[i] * v[i])
		}
		j += m
		if p += m; p == n {
			p = 0
		}
		if q += m; q == n {
			q = 0
		}
	}
}

// Row calls entry for the weights of neuron i. On a small ring several bonds meet in
// one column; they are added in such an order that the tensor is symmetric to the
// bit.
func (b *bonds) Row(i int, entry func(j int, w float64)) {
	row := make([]column, 1, 64)
	row[0] = column{i, b.centre[i]}
	for n := range b.along {
		j, ahead, k, behind := b.ends(i, n)
		if j == k {
			row = addColumn(row, j, ahead+behind)
			continue
		}
		row = addColumn(row, j, ahead)
		row = addColumn(row, k, behind)
	}
	for _, c := range row {
		if c.w != 0 || c.j == i {
			entry(c.j, c.w)
		}
	}
}

type column struct {
	j int
	w float64
}

// addColumn adds w to column j of a row sorted by columns.
func addColumn(row []column, j int, w float64) []column {
	at := len(row)
	for at > 0 && row[at-1].j >= j {
		at--
	}
	if at < len(row) && row[at].j == j {
		row[at].w += w
		return row
	}
	return slices.Insert(row, at, column{j, w})
}

// ends returns the sites ahead of and behind site i at the n-th offset, and the
// strengths of the bonds to them.
func (b *bonds) ends(i, n int) (j int, ahead float64, k int, behind float64) {
	a := b.along[n]
	j, k = i, i
	for axis := range b.l.Dim() {
		sites, stride := b.l.Axis(axis).Sites, b.l.Stride(axis)
		at, o := i/stride%sites, a.offset[axis]
		j += (((at+o)%sites+sites)%sites - at) * stride
		k += (((at-o)%sites+sites)%sites - at) * stride
	}
	return j, a.strength[i], k, a.strength[k]
}

// radius returns the largest Σ_y |scale(x)·W(x,y)|, which bounds the eigenvalues
// of diag(scale)·W (Gershgorin).
func (b *bonds) radius(scale []float64) float64 {
	most := 0.0
	for i, c := range b.centre {
		sum := math.Abs(c)
		for n := range b.along {
			_, ahead, _, behind := b.ends(i, n)
			sum += math.Abs(ahead) + math.Abs(behind)
		}
		most = max(most, sum*scale[i])
	}
	return most
}
