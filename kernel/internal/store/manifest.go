package store

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strings"

	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// Manifest says what a stored run is. It depends on what was computed only, not
// on when and where. The directory of the run holds, beside it,
//
//	spec.json          the canonical Spec
//	arrays/            the arrays that the Spec names, as NPY files
//	frames.npy         float64 [frames, numbers of all fields, one after the other]
//	last.npy           the last good state, in the same form
//	observable-N.npy   float64 [records, numbers of a record]
//	invariant-N.npy    float64 [records, 1]
//
// and for each array but those of arrays/ NAME.index.npy, float64 [records, 3]:
// step, time and CRC32-C of each record. No file name is taken from the manifest.
type Manifest struct {
	ID          string         `json:"id"`
	Theory      string         `json:"theory"`
	Title       string         `json:"title"`
	Spec        string         `json:"spec"`     // SHA-256
	Numerics    [2]int         `json:"numerics"` // versions of the numbers of theory and integrators
	Arch        string         `json:"arch"`
	Integrator  string         `json:"integrator"`
	Step        float64        `json:"step"`
	Steps       int            `json:"steps"`
	Fields      []theory.Field `json:"fields"`
	Lattice     []int          `json:"lattice"`
	Stop        simulate.Stop  `json:"stop"`
	Value       number         `json:"value"` // of the field where it diverged
	Warnings    []string       `json:"warnings"`
	Frames      extent         `json:"frames"`
	Last        extent         `json:"last"`
	Observables []series       `json:"observables"`
	Invariants  []series       `json:"invariants"`
	Arrays      []string       `json:"arrays"`
}

type series struct {
	Name   string `json:"name"`
	Symbol string `json:"symbol"`
	Shape  []int  `json:"shape"`
	Scale  number `json:"scale"`
	Track  extent `json:"track"`
}

func seriesOf(all []simulate.Series) []series {
	out := []series{}
	for _, s := range all {
		out = append(out, series{Name: s.Name, Symbol: s.Symbol, Shape: append([]int{}, s.Shape...), Scale: number(s.Scale)})
	}
	return out
}

func observable(i int) string { return fmt.Sprintf("observable-%d", i) }
func invariant(i int) string  { return fmt.Sprintf("invariant-%d", i) }

const (
	specFile  = "spec.json"
	arraysDir = "arrays"
)

// arrayFile is the file of an array: "sha256:ab…" → "sha256-ab….npy".
func arrayFile(name string) string { return strings.ReplaceAll(name, ":", "-") + ".npy" }

func hash(s string) string {
	h := sha256.Sum256([]byte(s))
	return hex.EncodeToString(h[:])
}

// describe fills in what is known of a run before it starts.
func describe(id string, j *simulate.Job, h simulate.Header) Manifest {
	m := j.Model()
	step, steps := j.Steps()
	names := j.Arrays().Names()
	return Manifest{
		ID: id, Theory: m.Theory(), Title: m.Card().Title, Spec: hash(string(j.Spec())),
		Numerics: [2]int{m.Numerics(), simulate.Numerics}, Arch: j.Arch(),
		Step: step, Steps: steps, Fields: h.Fields, Lattice: h.Lattice, Warnings: []string{},
		Observables: seriesOf(h.Observables), Invariants: seriesOf(h.Invariants), Arrays: append([]string{}, names...),
	}
}
