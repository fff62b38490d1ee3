package simulate

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"

	"github.com/nnfield/nnfield/nnfield/internal/canon"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// Format is the version of the Spec that this package writes and reads.
const Format = 1

// simulationSpec is the canonical form of a simulation. Every default is
// written out, but for the precision, which runs of older versions do not name.
type simulationSpec struct {
	Format     int             `json:"format"`
	Model      json.RawMessage `json:"model"`
	Simulation timeSpec        `json:"simulation"`
}

type timeSpec struct {
	Until      float64           `json:"until"`
	Step       float64           `json:"step"`
	Integrator string            `json:"integrator"`
	Precision  string            `json:"precision,omitempty"` // of float32
	Frames     scheduleSpec      `json:"frames"`
	Observe    []observationSpec `json:"observe"`
}

type observationSpec struct {
	Observer json.RawMessage `json:"observer"`
	Schedule scheduleSpec    `json:"schedule"`
}

// Spec returns the simulation as canonical JSON (RFC 8785): the same model and
// simulation give the same bytes. Arrays of more than 64 numbers are put into
// arrays and stand in the Spec by their SHA-256.
func (s Simulation) Spec(arrays theory.Arrays) ([]byte, error) {
	p, err := s.plan()
	if err != nil {
		return nil, err
	}
	return p.spec(arrays)
}

func (p *plan) spec(arrays theory.Arrays) ([]byte, error) {
	model, err := p.model.Spec(arrays)
	if err != nil {
		return nil, err
	}
	out := simulationSpec{Format: Format, Simulation: timeSpec{
		Until: p.until, Step: p.step, Integrator: p.integrator.Name, Frames: p.frames.spec(), Observe: []observationSpec{},
	}}
	if p.single {
		out.Simulation.Precision = Float32
	}
	if out.Model, err = canon.Marshal(model); err != nil {
		return nil, err
	}
	for _, o := range p.observe {
		v, err := o.observer.Spec()
		if err != nil {
			return nil, fmt.Errorf("Observe(%s): %w", o.observer.Name(), err)
		}
		raw, err := canon.Marshal(v)
		if err != nil {
			return nil, fmt.Errorf("Observe(%s): %w", o.observer.Name(), err)
		}
		out.Simulation.Observe = append(out.Simulation.Observe, observationSpec{raw, o.schedule.spec()})
	}
	return canon.Marshal(out)
}

// Registry says how the models and observers of a Spec are read: by the key
// "theory" of a model and the key "kind" of an observer.
type Registry struct {
	Models    map[string]func(spec []byte, arrays theory.Arrays) (theory.Model, error)
	Observers map[string]func(spec []byte) (Observer, error)
}

// Decode reads a Spec. Unknown keys, names and formats are errors that say what
// is known.
func (r Registry) Decode(data []byte, arrays theory.Arrays) (Simulation, error) {
	var in simulationSpec
	if err := canon.Decode(data, &in); err != nil {
		return Simulation{}, fmt.Errorf("spec: %w", err)
	}
	if in.Format != Format {
		return Simulation{}, fmt.Errorf("spec: format %d; this version reads format %d", in.Format, Format)
	}
	decode, err := lookup(r.Models, in.Model, "model", "theory")
	if err != nil {
		return Simulation{}, err
	}
	m, err := decode(in.Model, arrays)
	if err != nil {
		return Simulation{}, fmt.Errorf("spec: model: %w", err)
	}
	t := in.Simulation
	frames, err := t.Frames.schedule()
	if err != nil {
		return Simulation{}, fmt.Errorf("spec: simulation.frames: %w", err)
	}
	s := New(m, t.Until).Step(t.Step).Integrator(t.Integrator).Frames(frames)
	if t.Precision != "" {
		s = s.Precision(t.Precision)
	}
	for i, o := range t.Observe {
		decode, err := lookup(r.Observers, o.Observer, fmt.Sprintf("simulation.observe[%d].observer", i), "kind")
		if err != nil {
			return Simulation{}, err
		}
		observer, err := decode(o.Observer)
		if err != nil {
			return Simulation{}, fmt.Errorf("spec: simulation.observe[%d]: %w", i, err)
		}
		when, err := o.Schedule.schedule()
		if err != nil {
			return Simulation{}, fmt.Errorf("spec: simulation.observe[%d].schedule: %w", i, err)
		}
		s = s.Observe(observer, when)
	}
	if s.err != nil {
		return Simulation{}, fmt.Errorf("spec: %w", s.err)
	}
	return s, nil
}

// lookup finds the decoder that an object names by one of its keys.
func lookup[T any](known map[string]T, object []byte, where, key string) (T, error) {
	var zero T
	var peek map[string]json.RawMessage
	var name string
	if err := json.Unmarshal(object, &peek); err != nil {
		return zero, fmt.Errorf("spec: %s: it must be an object", where)
	}
	if err := json.Unmarshal(peek[key], &name); err != nil {
		return zero, fmt.Errorf("spec: %s.%s: missing; name one of %s", where, key, keys(known))
	}
	f, ok := known[name]
	if !ok {
		return zero, fmt.Errorf("spec: %s.%s: %q is unknown here; use one of %s", where, key, name, keys(known))
	}
	return f, nil
}

func keys[T any](m map[string]T) string {
	var names []string
	for k := range m {
		names = append(names, k)
	}
	slices.Sort(names)
	return strings.Join(names, ", ")
}

// NewArrays returns a store of arrays in memory.
func NewArrays() *MemoryArrays { return &MemoryArrays{m: map[string][]float64{}} }

// MemoryArrays is a theory.Arrays in memory, safe for concurrent use.
type MemoryArrays struct {
	mu sync.Mutex
	m  map[string][]float64
}

// Put stores a copy of values under the SHA-256 of their little-endian bytes.
func (a *MemoryArrays) Put(values []float64) (string, error) {
	h := sha256.New()
	var bytes []byte
	for some := range slices.Chunk(values, 512) {
		bytes = bytes[:0]
		for _, v := range some {
			bytes = binary.LittleEndian.AppendUint64(bytes, math.Float64bits(v))
		}
		h.Write(bytes)
	}
	name := "sha256:" + hex.EncodeToString(h.Sum(nil))
	a.mu.Lock()
	defer a.mu.Unlock()
	a.m[name] = slices.Clone(values)
	return name, nil
}

// Get returns a copy of the values stored under a name.
func (a *MemoryArrays) Get(name string) ([]float64, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	v, ok := a.m[name]
	if !ok {
		return nil, fmt.Errorf("array %q is not stored", name)
	}
	return slices.Clone(v), nil
}

// Names returns the names of all stored arrays, sorted.
func (a *MemoryArrays) Names() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	var names []string
	for n := range a.m {
		names = append(names, n)
	}
	slices.Sort(names)
	return names
}
