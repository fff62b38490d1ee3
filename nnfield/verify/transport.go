package verify

import (
	"fmt"
	"math"
	"slices"

	"github.com/nnfield/nnfield/nnfield/internal/random"
	"github.com/nnfield/nnfield/nnfield/internal/sums"
	"github.com/nnfield/nnfield/nnfield/network"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// Claims about networks whose weights are a flow that carries states and biases, or
// whose tensors depend on time. Controls change one of the two.

// carries is a subject of these claims: the network of a field, changed.
type carries struct {
	field
	behind bool // the flow leaves the biases where they are
	late   bool // tensors are taken half a step late
}

// carriedRows verifies the network of a field of which it applies, with controls.
func carriedRows(s field) []Row {
	changed := func(f func(*carries)) func(carries) carries {
		return func(s carries) carries { f(&s); return s }
	}
	var controls []control[carries]
	if n, _ := s.network(); n != nil {
		if n.Network().Flow != nil {
			behind := changed(func(s *carries) { s.behind = true })
			controls = append(controls,
				control[carries]{symplecticStep, "biases left behind", "weights that carry the states alone change the symplectic form", behind},
				control[carries]{networkOrder, "biases left behind", "weights that carry the states alone solve another equation", behind})
		}
		if n.Network().At != nil {
			controls = append(controls, control[carries]{networkOrder, "tensors half a step late", "a tensor taken at the wrong time loses an order", changed(func(s *carries) { s.late = true })})
		}
	}
	return judged(carries{field: s}, []claim[carries]{symplecticStep, networkOrder}, controls)
}

// system returns the network of a step, or why there is none.
func (s carries) system(step float64) (*network.System, string, error) {
	n, none := s.network()
	if n == nil {
		return nil, none, nil
	}
	n, err := s.model.Network(step)
	if err != nil {
		return nil, "", err
	}
	net := n.Network()
	if s.behind {
		net.Flow = statesOnly{net.Flow, make([]float64, net.Size())}
	}
	if at := net.At; s.late && at != nil {
		net.At = func(t float64) { at(t + float64(0.5*step)) }
	}
	n, err = network.New(net)
	return n, "", err
}

// statesOnly is a flow that leaves biases where they are.
type statesOnly struct {
	network.Flow
	none []float64
}

func (f statesOnly) Carry(x, _ []float64, c, t, u float64) {
	clear(f.none)
	f.Flow.Carry(x, f.none, c, t, u)
}

var symplecticStep = claim[carries]{
	"symplectic step", "one step of the network keeps ω(u, v) = Σ φ_u β_v − β_u φ_v of any two states",
	func(s carries) (finding, error) {
		step := s.step()
		n, none, err := s.system(step)
		if n == nil {
			if err != nil {
				return finding{}, err
			}
			return notApplicable(none)
		}
		net := n.Network()
		dual, linear := net.Loss.(network.Dual)
		switch {
		case net.Decay != nil || net.Boundary != nil:
			return notApplicable("the system is open")
		case (!linear || dual.Potential != nil) && net.At == nil:
			return notApplicable("the field is not linear")
		}
		var pair [2]*theory.State
		for k := range pair {
			pair[k] = s.model.Initial()
			for i, a := range pair[k].Arrays {
				copy(a, s.normals(k*len(pair[k].Arrays)+i, len(a)))
			}
		}
		omega := func() (w, scale float64) { // in φ and β, which are the canonical pair
			u, v := pair[0].Arrays, pair[1].Arrays
			for i := 0; i < len(u); i += 2 {
				w += sums.Dot(u[i], v[i+1]) - sums.Dot(u[i+1], v[i])
				scale += math.Sqrt((sums.Dot(u[i], u[i]) + sums.Dot(u[i+1], u[i+1])) * (sums.Dot(v[i], v[i]) + sums.Dot(v[i+1], v[i+1])))
			}
			return w, scale
		}
		before, scale := omega()
		for _, state := range pair {
			if err := s.run(n, step, state, func(x *network.State) { n.Step(x) }); err != nil {
				return finding{}, err
			}
		}
		after, _ := omega()
		return atMost(math.Abs(after-before)/scale, 1e-13, " of |u||v|")
	},
}

// run does something to a state in the units of the network.
func (s carries) run(n *network.System, step float64, state *theory.State, do func(x *network.State)) error {
	e, err := s.model.Evolve(step)
	if err != nil {
		return err
	}
	net := state.Clone()
	e.Load(net, state)
	x := &network.State{Time: state.Time}
	for pair := 0; pair < len(net.Arrays); pair += 2 {
		x.X, x.B = append(x.X, net.Arrays[pair]...), append(x.B, net.Arrays[pair+1]...)
	}
	do(x)
	from := 0
	for pair := 0; pair < len(net.Arrays); pair += 2 {
		copy(net.Arrays[pair+1], x.B[from:])
		from += copy(net.Arrays[pair], x.X[from:])
	}
	e.Physical(state, net)
	return nil
}

// normals returns n normal numbers of a stream.
func (s carries) normals(stream, n int) []float64 {
	numbers, out := random.New(1, "verify: pairing"), make([]float64, n)
	for i := range out {
		out[i] = numbers.Normal(stream*n + i)
	}
	return out
}

var networkOrder = claim[carries]{
	"order of the network", "steps of the network, begun and ended by half a learning step, approach the field as ε²",
	func(s carries) (finding, error) {
		coarse := s.step()
		n, none, err := s.system(coarse)
		if n == nil {
			if err != nil {
				return finding{}, err
			}
			return notApplicable(none)
		}
		if n.Network().Flow == nil && n.Network().At == nil {
			return notApplicable("the weights are 1 and nothing moves: the run is the network, see network step")
		}
		if largest(s.model.Initial().Arrays[0]) == 0 {
			return notApplicable("the initial state is 0")
		}
		steps := s.steps(160) / 16
		exact, err := s.propagate("yoshida6", coarse/8, 8*steps, s.model.Initial())
		if err != nil {
			return finding{}, err
		}
		o, err := Convergence("network", halved(coarse), func(h float64) (float64, error) {
			n, _, err := s.system(h)
			if err != nil {
				return 0, err
			}
			end := s.model.Initial()
			err = s.run(n, h, end, func(x *network.State) {
				n.Learn(x, 0.5)
				for range int(math.Round(float64(steps) * coarse / h)) {
					bareStep(n, x, h)
				}
				n.Learn(x, -0.5)
			})
			if err != nil {
				return 0, err
			}
			return distance(end, exact), nil
		})
		if err != nil {
			return finding{}, err
		}
		if slices.Max(o.Errors) < 1e-12 {
			return notApplicable(fmt.Sprintf("it has no error to fall: %.2g", o.Errors[0]))
		}
		return ofOrder(o, 2, fmt.Sprintf(" in %d steps", steps))
	},
}
