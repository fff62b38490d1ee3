package theory

// Swept is an Evolution that takes many steps at once, in space-time tiles, where
// nobody looks at the field in between. It has the same bits as its drifts and
// kicks one after the other.
type Swept interface {
	Evolution

	// Advance does n steps of a symplectic composition, each of the drifts and kicks
	//
	//	D(c_0) K(d_0) D(c_1) K(d_1) …
	//
	// from a state that Load has set, or that has come from there by drifts and
	// kicks. It counts the steps; the time of the state is their number times ε.
	Advance(s *State, n int, drifts, kicks []float64)

	// Depth returns how many drifts, with their kicks, it does in one go. Advance is
	// fastest for as many, or a multiple.
	Depth() int
}

// Single is a model that can also evolve in single precision.
type Single interface {
	// EvolveFloat32 returns the dynamics whose steps round φ and b to float32, 24
	// bits, in every operation. It is a [Swept] one: its single drifts and kicks are
	// those of [Model.Evolve], in float64. The error says what it takes.
	EvolveFloat32(step float64) (Evolution, error)
}

// Synchroniser is an Evolution that can make a snapshot in one pass.
type Synchroniser interface {
	Evolution

	// Synchronise fills the states of a snapshot from the network's: Staggered, if it
	// is not nil, as Physical does, and State as Physical does after a kick of the
	// given fraction. The two may share what is the same. It changes nothing else, and
	// returns false, having done nothing, where it has no faster way than that.
	Synchronise(to Snapshot, net *State, kick float64) bool
}
