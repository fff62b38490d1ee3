// Package files writes runs as files that NumPy reads, and reads Specs with
// their arrays. It is apart from package simulate so that a notebook cell does
// not link it.
package files

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/nnfield/nnfield/internal/atomicfile"
	"github.com/nnfield/nnfield/internal/npy"
	"github.com/nnfield/nnfield/internal/regular"
	"github.com/nnfield/nnfield/internal/room"
	"github.com/nnfield/nnfield/nnfield/internal/canon"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// Directory is a sink that writes a run as files that NumPy reads:
//
//	frames.npy      float64 [frames, fields, lattice…] of the fields of sites, and
//	                [frames, fields, types, lattice…] of those of several neuron types
//	links.npy       float64 [frames, fields, axes, lattice…] of fields of links
//	FIELD.npy       float64 [frames, shape…] of each field of weights and of learners,
//	                [frames, types, shape…] if it has several types
//	times.npy       float64 [frames]
//	NAME.npy        float64 [records, shape…] of each observable and invariant
//	NAME.times.npy  float64 [records]
//	spec.json       the canonical Spec; its arrays are in spec.arrays/
//	manifest.json   what the files are, why the run stopped, the drifts
//
// The last frame of a run that was cancelled is the state that it stopped in. The
// manifest comes last: a directory that has one is whole.
type Directory struct {
	path   string
	arrays *simulate.MemoryArrays
	header simulate.Header
	frames []*framesFile
	times  *npy.Writer
	series map[string]*seriesFile
	frame  []float64
	count  int     // of frames
	last   float64 // the time of the last
}

// framesFile holds the fields of one role: they have one shape.
type framesFile struct {
	name   string
	fields []int // their numbers
	npy    *npy.Writer
}

// fileOf names the file of the fields of a role; fields of other roles have one each.
var fileOf = map[theory.Role]string{theory.Sites: "frames.npy", theory.Links: "links.npy"}

type seriesFile struct {
	slug          string
	values, times *npy.Writer
}

// Create returns a sink that writes to a new or empty directory, which is made when the
// run begins. Arrays are those that the Spec names.
func Create(path string, arrays *simulate.MemoryArrays) (*Directory, error) {
	entries, err := os.ReadDir(path)
	if err == nil && len(entries) > 0 {
		visible := func(e fs.DirEntry) bool { return !strings.HasPrefix(e.Name(), ".") }
		if !slices.ContainsFunc(entries, visible) { // ls shows nothing, and the run may be alive
			return nil, fmt.Errorf("output directory %s: a run that was killed, or one that is running, has %d hidden files in it, such as %s; name a new one, or remove it if none is running",
				path, len(entries), entries[0].Name())
		}
		return nil, fmt.Errorf("output directory %s: it is not empty; name a new one or empty it", path)
	}
	return &Directory{path: path, arrays: arrays, series: map[string]*seriesFile{}}, nil
}

// Room fails if the disk has no room for so many bytes of frames.
func (d *Directory) Room(what string, bytes float64) error { return room.Disk(d.path, what, bytes) }

// Begin creates the files.
func (d *Directory) Begin(h simulate.Header) (err error) {
	defer func() {
		if err != nil {
			_ = d.each(func(w *npy.Writer) error { w.Discard(); return nil })
		}
	}()
	d.header = h
	if err := os.MkdirAll(d.path, 0o777); err != nil {
		return fmt.Errorf("output directory: %w", err)
	}
	create := func(name string, shape ...int) *npy.Writer {
		if err != nil {
			return nil
		}
		var w *npy.Writer
		w, err = npy.Create(filepath.Join(d.path, name), shape)
		return w
	}
	if d.frames, err = byRole(h.Fields); err != nil {
		return err
	}
	for _, f := range d.frames {
		first := h.Fields[f.fields[0]]
		shape := []int{len(f.fields)}
		if _, together := fileOf[first.Role]; !together {
			shape = nil
		}
		if n := len(first.Types); n > 0 {
			shape = append(shape, n)
		}
		f.npy = create(f.name, append(shape, first.Shape...)...)
	}
	d.times = create("times.npy")
	taken := map[string]bool{"frames": true, "links": true, "times": true}
	for _, f := range d.frames {
		taken[strings.TrimSuffix(f.name, ".npy")] = true
	}
	for _, all := range [][]simulate.Series{h.Observables, h.Invariants} {
		for _, s := range all {
			name := slug(s.Name)
			for taken[name] {
				name += "-"
			}
			taken[name] = true
			d.series[s.Name] = &seriesFile{name, create(name+".npy", s.Shape...), create(name + ".times.npy")}
		}
	}
	return err
}

// byRole collects the fields of each file. It fails where those of one file
// differ in their shape.
func byRole(fields []theory.Field) ([]*framesFile, error) {
	var all []*framesFile
	for i, f := range fields {
		name, ok := fileOf[f.Role]
		if !ok {
			all = append(all, &framesFile{name: slug(f.Name) + ".npy", fields: []int{i}})
			continue
		}
		k := slices.IndexFunc(all, func(g *framesFile) bool { return g.name == name })
		if k < 0 {
			all = append(all, &framesFile{name: name, fields: []int{i}})
			continue
		}
		first := fields[all[k].fields[0]]
		if !slices.Equal(f.Shape, first.Shape) || len(f.Types) != len(first.Types) {
			return nil, fmt.Errorf("output directory: the fields %s and %s differ in their shape; %s holds fields of one", first.Name, f.Name, name)
		}
		all[k].fields = append(all[k].fields, i)
	}
	return all, nil
}

// each calls f for every file that is open.
func (d *Directory) each(f func(*npy.Writer) error) error {
	files := []*npy.Writer{d.times}
	for _, g := range d.frames {
		files = append(files, g.npy)
	}
	for _, s := range d.series {
		files = append(files, s.values, s.times)
	}
	var errs []error
	for _, w := range files {
		if w != nil {
			errs = append(errs, f(w))
		}
	}
	return errors.Join(errs...)
}

// slug turns the name of a series into that of a file: "point [10]" → "point-10".
func slug(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '.')
	})
	if s := strings.Trim(strings.Join(words, "-"), "."); s != "" {
		return s
	}
	return "series"
}

// Frame appends a state.
func (d *Directory) Frame(s *theory.State) error {
	for _, g := range d.frames {
		d.frame = d.frame[:0]
		for _, i := range g.fields {
			d.frame = append(d.frame, s.Arrays[i]...)
		}
		if err := g.npy.Append(d.frame); err != nil {
			return err
		}
	}
	d.count, d.last = d.count+1, s.Time
	return d.times.Append([]float64{s.Time})
}

// Frames returns how many frames there are.
func (d *Directory) Frames() int { return d.count }

// Record appends a value of a series.
func (d *Directory) Record(name string, _ int, time float64, values []float64) error {
	f := d.series[name]
	if i := indexOf(d.header.Invariants, name); i >= 0 {
		d.header.Invariants[i].Values = append(d.header.Invariants[i].Values, values...)
	}
	return errors.Join(f.values.Append(values), f.times.Append([]float64{time}))
}

func indexOf(all []simulate.Series, name string) int {
	for i, s := range all {
		if s.Name == name {
			return i
		}
	}
	return -1
}

// manifest is the form of manifest.json.
type manifest struct {
	Format      int              `json:"format"`
	Theory      string           `json:"theory"`
	Spec        string           `json:"spec"`     // its SHA-256
	Numerics    [2]int           `json:"numerics"` // versions of the numbers of theory and integrators
	Integrator  string           `json:"integrator"`
	Step        float64          `json:"step"`
	Stop        simulate.Stop    `json:"stop"`
	Warnings    []string         `json:"warnings"`
	Fields      []theory.Field   `json:"fields"`
	Lattice     []int            `json:"lattice"`
	Frames      string           `json:"frames,omitempty"`
	Links       string           `json:"links,omitempty"`
	Others      []string         `json:"others,omitempty"` // of weights and learners, in the order of the fields
	Times       string           `json:"times"`
	Observables []seriesManifest `json:"observables"`
	Invariants  []seriesManifest `json:"invariants"`
	Go          string           `json:"go"`
	Arch        string           `json:"arch"` // bits are the same on one architecture, and on one level of it if it is named
}

type seriesManifest struct {
	Name   string   `json:"name"`
	Symbol string   `json:"symbol"`
	Shape  []int    `json:"shape"`
	Values string   `json:"values"`
	Times  string   `json:"times"`
	Scale  *float64 `json:"scale,omitempty"`
	Drift  *float64 `json:"drift,omitempty"`
}

// End closes the files and writes spec and manifest.
func (d *Directory) End(r *simulate.Run) error {
	if r.Stop.Reason == simulate.Cancelled && (d.count == 0 || r.Last.Time > d.last) {
		if err := d.Frame(r.Last); err != nil {
			return err
		}
	}
	if err := d.each((*npy.Writer).Close); err != nil {
		return err
	}
	m := manifest{
		Format: simulate.Format, Theory: r.Model.Theory(), Spec: canon.Hash(r.Spec), Numerics: [2]int{r.Model.Numerics(), simulate.Numerics}, Integrator: r.Integrator.Name, Step: r.Step,
		Stop: r.Stop, Warnings: append([]string{}, r.Warnings...), Fields: d.header.Fields, Lattice: d.header.Lattice,
		Times: "times.npy", Observables: []seriesManifest{}, Invariants: []seriesManifest{},
		Go: runtime.Version(), Arch: r.Arch,
	}
	for _, f := range d.frames {
		switch f.name {
		case fileOf[theory.Sites]:
			m.Frames = f.name
		case fileOf[theory.Links]:
			m.Links = f.name
		default:
			m.Others = append(m.Others, f.name)
		}
	}
	entry := func(s simulate.Series) seriesManifest {
		name := d.series[s.Name].slug
		return seriesManifest{Name: s.Name, Symbol: s.Symbol, Shape: append([]int{}, s.Shape...), Values: name + ".npy", Times: name + ".times.npy"}
	}
	for _, s := range d.header.Observables {
		m.Observables = append(m.Observables, entry(s))
	}
	for _, s := range d.header.Invariants {
		e := entry(s)
		if drift := s.Drift(); len(s.Values) > 0 && drift <= math.MaxFloat64 { // no infinity stands in JSON
			e.Scale, e.Drift = &s.Scale, &drift
		}
		m.Invariants = append(m.Invariants, e)
	}
	if err := d.writeSpec(r.Spec); err != nil {
		return err
	}
	b, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	return atomicfile.Write(filepath.Join(d.path, "manifest.json"), append(b, '\n'))
}

// writeSpec writes the Spec and, beside it, the arrays that it names.
func (d *Directory) writeSpec(spec []byte) error {
	if names := d.arrays.Names(); len(names) > 0 {
		dir := filepath.Join(d.path, "spec.arrays")
		if err := os.MkdirAll(dir, 0o777); err != nil {
			return err
		}
		for _, name := range names {
			v, err := d.arrays.Get(name)
			if err != nil {
				return err
			}
			var b bytes.Buffer
			if err := npy.Write(&b, []int{len(v)}, v); err != nil {
				return err
			}
			if err := atomicfile.Write(filepath.Join(dir, arrayFile(name)), b.Bytes()); err != nil {
				return err
			}
		}
	}
	return atomicfile.Write(filepath.Join(d.path, "spec.json"), append(spec, '\n'))
}

// arrayFile is the file of a stored array: "sha256:ab…" → "sha256-ab….npy".
func arrayFile(name string) string { return strings.ReplaceAll(name, ":", "-") + ".npy" }

// maxSpec is the size up to which Specs are read, in bytes: long arrays stand beside
// them.
const maxSpec = 4 << 20

// Read returns the Spec in a file and the arrays beside it: those of SPEC.json
// are in SPEC.arrays/. Each is checked against the SHA-256 in its name.
func Read(specPath string) ([]byte, *simulate.MemoryArrays, error) {
	spec, err := regular.ReadFile(specPath, maxSpec)
	if err != nil {
		return nil, nil, err
	}
	arrays, err := loadArrays(specPath)
	return bytes.TrimPrefix(spec, []byte("\xef\xbb\xbf")), arrays, err // some editors begin a file with a mark
}

func loadArrays(specPath string) (*simulate.MemoryArrays, error) {
	a := simulate.NewArrays()
	dir := strings.TrimSuffix(specPath, filepath.Ext(specPath)) + ".arrays"
	entries, err := os.ReadDir(dir) // and no pattern, which the path could be taken for
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), "sha256-") || filepath.Ext(e.Name()) != ".npy" {
			continue
		}
		f := filepath.Join(dir, e.Name())
		if info, err := os.Stat(f); err == nil && info.Size() > 1<<24 {
			if err := room.Memory(f, 2*float64(info.Size())); err != nil {
				return nil, err
			}
		}
		v, err := npy.ReadFloats(f)
		if err != nil {
			return nil, err
		}
		name, err := a.Put(v)
		if err != nil {
			return nil, err
		}
		if arrayFile(name) != filepath.Base(f) {
			return nil, fmt.Errorf("%s: its content has the hash %s; the file was changed, restore it", f, name)
		}
	}
	return a, nil
}
