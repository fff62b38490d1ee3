// Package learning trains networks on data: the septuple (x, P̂, p_∂, w, b, f, H)
// of package network with the trainable weights in dense blocks between groups
// of neurons, many samples at a time, and several activation steps before each
// learning step [M] §2.
//
//	boundary    the input neurons show the sample, all others start at 0
//	activation  x ← f(w x + b), T times, the inputs held
//	learning    q ← q − γ dH/dq,   q = (b, w),   H = ½‖P̂(y − x(T))‖²
//
// where P̂ projects on the output neurons and y is what the sample says they
// should be. dH is the total derivative, through all T activations. A
// feed-forward network is one whose groups are linked in a row and whose T is
// the number of links; a recurrent one has links that lead back.
//
// What learning does to a network is studied in the packages below: the noise of
// mini-batches in noise, its thermodynamics in thermo, the quantum of action it
// keeps in planck, and a million stochastic learners at a time in ensemble. This
// is enough to study learning; it is no deep-learning framework.
//
// Sources: [M] V. Vanchurin, arXiv:2004.09280; [C] D. Guskov, V. Vanchurin,
// arXiv:2504.05279.
package learning

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/blas/blas64"

	"github.com/nnfield/nnfield/nnfield/internal/random"
	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/weights"
)

// Group is a group of neurons that share an activation map. That of the inputs
// is never used.
type Group struct {
	Neurons    int
	Activation network.Activation
}

// Link is a trainable block of the weight tensor w, from every neuron of one
// group to every neuron of another.
type Link struct{ From, To int }

// Architecture says which neurons there are, which may be coupled, and how often
// they are activated.
type Architecture struct {
	Groups []Group // the first are the inputs, the last the outputs
	Links  []Link  // nothing leads to the inputs
	Steps  int     // T ≥ 1 activation steps
}

// FeedForward returns the architecture of layers of the given numbers of neurons,
// inputs first, each linked to the next.
func FeedForward(hidden, output network.Activation, neurons ...int) Architecture {
	a := Architecture{Steps: len(neurons) - 1}
	for i, n := range neurons {
		a.Groups = append(a.Groups, Group{n, hidden})
		if i > 0 {
			a.Links = append(a.Links, Link{i - 1, i})
			a.Groups[i].Activation = output
			a.Groups[i-1].Activation = hidden
		}
	}
	return a
}

// Recurrent returns the architecture of inputs → hidden → outputs in which the
// hidden neurons are also linked to each other. The hidden neurons see the inputs
// in each of the steps.
func Recurrent(hidden, output network.Activation, inputs, neurons, outputs, steps int) Architecture {
	return Architecture{
		Groups: []Group{{inputs, hidden}, {neurons, hidden}, {outputs, output}},
		Links:  []Link{{0, 1}, {1, 1}, {1, 2}},
		Steps:  steps,
	}
}

// validate returns what is wrong with the architecture.
func (a Architecture) validate() error {
	if len(a.Groups) < 2 {
		return fmt.Errorf("learning.New: %d groups of neurons; give inputs and outputs at least", len(a.Groups))
	}
	for i, g := range a.Groups {
		if g.Neurons < 1 {
			return fmt.Errorf("learning.New: group %d has %d neurons; it needs at least 1", i, g.Neurons)
		}
		if i > 0 && (g.Activation.F == nil || g.Activation.Derivative == nil) {
			return fmt.Errorf("learning.New: group %d has no activation; use network.Identity, Tanh, Sigmoid, ReLU or Custom", i)
		}
	}
	if a.Steps < 1 {
		return fmt.Errorf("learning.New: %d activation steps; give at least 1", a.Steps)
	}
	seen := map[Link]bool{}
	for _, l := range a.Links {
		switch {
		case l.From < 0 || l.From >= len(a.Groups) || l.To < 1 || l.To >= len(a.Groups):
			return fmt.Errorf("learning.New: a link from group %d to group %d; links lead from groups 0 to %d to groups 1 to %d", l.From, l.To, len(a.Groups)-1, len(a.Groups)-1)
		case seen[l]:
			return fmt.Errorf("learning.New: two links from group %d to group %d; give each once", l.From, l.To)
		}
		seen[l] = true
	}
	return nil
}

// Span is a part of the trainable variables: q[Low:High].
type Span struct{ Low, High int }

func (s Span) of(q []float64) []float64 { return q[s.Low:s.High] }

// Network is an architecture that runs. The trainable variables q are not its
// own: they are a slice of the caller's, first the biases of all groups but the
// inputs, then the blocks of the weights, each row after row, a row for each
// neuron the block leads to.
//
// A Network owns scratch: one goroutine at a time; see [Network.Clone].
type Network struct {
	architecture Architecture
	biases       []Span // of each group; empty for the inputs
	blocks       []Span // of each link
	size         int

	nodes []node // the activations that the outputs depend on, in the order of time
	rows  int    // samples there is scratch for
	state []float64
	local bulk
}

// node is a group at one time.
type node struct {
	group   int
	sources []source
	z, x, d blas64.General // pre-activation, state, ∂H/∂x and then ∂H/∂z
}

// source is a link and the node it comes from; −1 are the inputs.
type source struct{ link, node int }

// New returns the network of an architecture.
//
// It fails for fewer than two groups, groups without neurons or activation,
// fewer than one step, links that lead nowhere, to the inputs or come twice,
// and for outputs that no path of the given number of steps, or of fewer,
// connects to the inputs.
func New(a Architecture) (*Network, error) {
	if err := a.validate(); err != nil {
		return nil, err
	}
	a.Groups, a.Links = append([]Group(nil), a.Groups...), append([]Link(nil), a.Links...)
	n := &Network{architecture: a, biases: make([]Span, len(a.Groups)), blocks: make([]Span, len(a.Links))}
	take := func(size int) Span {
		n.size += size
		return Span{n.size - size, n.size}
	}
	for g := 1; g < len(a.Groups); g++ {
		n.biases[g] = take(a.Groups[g].Neurons)
	}
	for l, link := range a.Links {
		n.blocks[l] = take(a.Groups[link.From].Neurons * a.Groups[link.To].Neurons)
	}
	n.unroll()
	if !n.connected() {
		return nil, fmt.Errorf("learning.New: no path of at most %d links leads from the inputs to the outputs; add links or Steps", a.Steps)
	}
	n.local.init(n)
	return n, nil
}

// unroll lists the nodes that the outputs at the last step depend on. At time 0
// all neurons but the inputs are 0 and carry nothing.
func (n *Network) unroll() {
	a := n.architecture
	needed := make([][]bool, a.Steps+1)
	for t := range needed {
		needed[t] = make([]bool, len(a.Groups))
	}
	needed[a.Steps][len(a.Groups)-1] = true
	for t := a.Steps; t > 1; t-- {
		for _, l := range a.Links {
			if needed[t][l.To] && l.From != 0 {
				needed[t-1][l.From] = true
			}
		}
	}
	before := make([]int, len(a.Groups)) // the node of each group one step ago, −1 for none
	for t := 1; t <= a.Steps; t++ {
		now := make([]int, len(a.Groups))
		for g := range a.Groups {
			now[g] = -1
			if !needed[t][g] {
				continue
			}
			v := node{group: g}
			for i, l := range a.Links {
				if l.To == g && (l.From == 0 || t > 1) {
					s := source{i, -1}
					if l.From != 0 {
						s.node = before[l.From]
					}
					v.sources = append(v.sources, s)
				}
			}
			now[g] = len(n.nodes)
			n.nodes = append(n.nodes, v)
		}
		before = now
	}
}

// connected tells whether the last node depends on the inputs.
func (n *Network) connected() bool {
	reached := make([]bool, len(n.nodes))
	for i, v := range n.nodes {
		for _, s := range v.sources {
			reached[i] = reached[i] || s.node < 0 || reached[s.node]
		}
	}
	return reached[len(n.nodes)-1]
}

// Clone returns a network of the same architecture with scratch of its own.
func (n *Network) Clone() *Network {
	c, err := New(n.architecture)
	if err != nil {
		panic(err) // it was accepted before
	}
	return c
}

// Architecture returns the architecture; do not change its slices.
func (n *Network) Architecture() Architecture { return n.architecture }

// Inputs returns the number of input neurons.
func (n *Network) Inputs() int { return n.architecture.Groups[0].Neurons }

// Outputs returns the number of output neurons.
func (n *Network) Outputs() int { return n.architecture.Groups[len(n.architecture.Groups)-1].Neurons }

// Size returns the number of trainable variables, the length of q.
func (n *Network) Size() int { return n.size }

// Biases returns where in q the biases of group g are; those of the inputs do not
// exist.
func (n *Network) Biases(g int) Span { return n.biases[g] }

// Weights returns where in q the block of link l is.
func (n *Network) Weights(l int) Span { return n.blocks[l] }

// Draw returns random trainable variables: biases 0, and weights normal with the
// variance 1/m, m being the number of links that end at the same neuron.
func (n *Network) Draw(seed uint64) []float64 {
	q := make([]float64, n.size)
	incoming := make([]int, len(n.architecture.Groups))
	for _, l := range n.architecture.Links {
		incoming[l.To] += n.architecture.Groups[l.From].Neurons
	}
	numbers := random.New(seed, "initial weights")
	for l, link := range n.architecture.Links {
		width := 1 / math.Sqrt(float64(incoming[link.To]))
		for i := n.blocks[l].Low; i < n.blocks[l].High; i++ {
			q[i] = width * numbers.Normal(i)
		}
	}
	return q
}

// Septuple returns the same network, with the variables q, as package network
// runs it: all neurons group after group, w as one sparse tensor, and the inputs as
// boundary neurons that show the given sample. Activated Steps times from the
// state 0 it predicts the same outputs; biases of the inputs are 0. The loss
// is left to the caller.
func (n *Network) Septuple(q, sample []float64) (network.Network, error) {
	if len(q) != n.size || len(sample) != n.Inputs() {
		return network.Network{}, fmt.Errorf("learning: Septuple with %d variables and a sample of %d; this network has %d variables and %d inputs", len(q), len(sample), n.size, n.Inputs())
	}
	first := make([]int, len(n.architecture.Groups))
	var activations []network.Activation
	for g, group := range n.architecture.Groups {
		first[g] = len(activations)
		for range group.Neurons {
			f := group.Activation
			if g == 0 {
				f = network.Identity()
			}
			activations = append(activations, f)
		}
	}
	var entries []weights.Triplet
	for l, link := range n.architecture.Links {
		columns := n.architecture.Groups[link.From].Neurons
		for i, w := range n.blocks[l].of(q) {
			entries = append(entries, weights.Triplet{Row: first[link.To] + i/columns, Column: first[link.From] + i%columns, Weight: w})
		}
	}
	w, err := weights.NewCSR(len(activations), entries)
	if err != nil {
		return network.Network{}, err
	}
	sites := make([]int, n.Inputs())
	for i := range sites {
		sites[i] = i
	}
	sample = append([]float64(nil), sample...)
	return network.Network{
		Weights:     w,
		Activations: activations,
		Boundary:    &network.Boundary{Sites: sites, Sample: func(dst []float64, _ float64) { copy(dst, sample) }},
	}, nil
}
