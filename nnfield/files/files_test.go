package files_test

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sbinet/npyio"

	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/nnfield/all"
	"github.com/nnfield/nnfield/nnfield/files"
	"github.com/nnfield/nnfield/nnfield/observe"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// sample has large arrays in its Spec and observers whose names are no file
// names.
func sample() nnfield.Simulation {
	phi, beta := make([]float64, 80), make([]float64, 80)
	for i := range phi {
		phi[i] = float64(i%9) / 9
	}
	return nnfield.KleinGordon().Torus(10, 5).Lattice(nnfield.Ring(8, 4), nnfield.Line(10, 5, nnfield.Neumann, nnfield.Neumann)).
		Values(phi, beta).Until(1).Frames(nnfield.Count(5)).
		Observe(observe.Point(1, 2.5), nnfield.Every(2)).Observe(observe.EnergyDensity(), nnfield.Count(3))
}

func write(t *testing.T, dir string) *simulate.MemoryArrays {
	t.Helper()
	arrays := simulate.NewArrays()
	if _, err := sample().Spec(arrays); err != nil {
		t.Fatal(err)
	}
	sink, err := files.Create(dir, arrays)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := sample().Run(context.Background(), simulate.Into(sink)); err != nil {
		t.Fatal(err)
	}
	return arrays
}

// load reads an array by a library that shares no code with the writer.
func load(t *testing.T, path string) (shape []int, data []float64) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := npyio.NewReader(f)
	if err != nil {
		t.Fatal(path, err)
	}
	if err := r.Read(&data); err != nil {
		t.Fatal(path, err)
	}
	return r.Header.Descr.Shape, data
}

func TestWhatIsWrittenIsTheRun(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	write(t, dir)
	r, err := sample().Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}

	shape, data := load(t, filepath.Join(dir, "frames.npy"))
	if !slices.Equal(shape, []int{5, 2, 8, 10}) {
		t.Errorf("frames have the shape %v", shape)
	}
	var want []float64
	for i := range r.Len() {
		want = append(append(want, r.State(i).Arrays[0]...), r.State(i).Arrays[1]...)
	}
	if !slices.Equal(data, want) {
		t.Error("the frames differ from those in memory")
	}
	if _, times := load(t, filepath.Join(dir, "times.npy")); !slices.Equal(times, r.Times()) {
		t.Errorf("times %v, want %v", times, r.Times())
	}
	for file, series := range map[string]simulate.Series{"energy": r.Invariants[0], "point-1-2.5": r.Observables[0], "energy-density": r.Observables[1]} {
		shape, values := load(t, filepath.Join(dir, file+".npy"))
		if !slices.Equal(values, series.Values) || !slices.Equal(shape, append([]int{len(series.Times)}, series.Shape...)) {
			t.Errorf("%s: shape %v, values differ: %v", file, shape, !slices.Equal(values, series.Values))
		}
		if _, times := load(t, filepath.Join(dir, file+".times.npy")); !slices.Equal(times, series.Times) {
			t.Errorf("%s: times %v", file, times)
		}
	}

	var m struct {
		Stop       struct{ Reason string }
		Fields     []struct{ Name, Symbol string }
		Invariants []struct {
			Name, Values string
			Drift        float64
		}
		Observables []struct{ Name, Values string }
	}
	b, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &m); err != nil {
		t.Fatal(err)
	}
	if m.Stop.Reason != "finished" || len(m.Fields) != 2 || m.Fields[1].Symbol != "β" || m.Invariants[0].Drift != r.Invariants[0].Drift() {
		t.Errorf("manifest %s", b)
	}
	for _, o := range m.Observables {
		if _, err := os.Stat(filepath.Join(dir, o.Values)); err != nil {
			t.Error(err)
		}
	}
	entries, _ := os.ReadDir(dir)
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), ".") {
			t.Errorf("left behind: %s", e.Name())
		}
	}
}

// The Spec that is written runs again from its file, arrays included.
func TestSpecFileRunsAgain(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "mass=[1,2]") // no pattern
	write(t, dir)
	spec, arrays, err := files.Read(filepath.Join(dir, "spec.json"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := all.Decode(spec, arrays)
	if err != nil {
		t.Fatal(err)
	}
	a, err := s.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	b, _ := sample().Run(context.Background())
	if !slices.Equal(a.Last.Arrays[0], b.Last.Arrays[0]) {
		t.Error("the run from the file differs")
	}

	// A changed array is found out.
	stored, err := os.ReadDir(filepath.Join(dir, "spec.arrays"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "spec.arrays", stored[0].Name())
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	content[len(content)-1] ^= 1
	if err := os.WriteFile(path, content, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, _, err := files.Read(filepath.Join(dir, "spec.json")); err == nil || !strings.Contains(err.Error(), "the file was changed") {
		t.Errorf("error %v", err)
	}
}

func TestAFullDirectoryIsRefused(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "mine.txt"), []byte("x"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := files.Create(dir, simulate.NewArrays()); err == nil || !strings.Contains(err.Error(), "not empty") {
		t.Errorf("error %v", err)
	}
}

// A directory that looks empty is not: what a killed run left is named.
func TestLeftoversAreNamed(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{".frames.npy.74cc29e5f2a8b011", ".times.npy.0102030405060708"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	_, err := files.Create(dir, simulate.NewArrays())
	if err == nil || !strings.Contains(err.Error(), "has 2 hidden files in it, such as .frames.npy.74cc29e5f2a8b011; name a new one, or remove it") {
		t.Errorf("error %v", err)
	}
}

// A run that is cancelled leaves a whole directory that says so, with the state that it
// stopped in.
func TestCancelledRunIsWhole(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	sink, err := files.Create(dir, simulate.NewArrays())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	long := nnfield.KleinGordon().Ring(64, 16).Packet(nnfield.Width(1)).Until(1e7).Frames(nnfield.Every(1000))
	r, err := long.Run(ctx, simulate.Into(sink), simulate.OnProgress(0, func(p simulate.Progress) {
		if p.Step > 5000 {
			cancel()
		}
	}))
	if !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	shape, frames := load(t, filepath.Join(dir, "frames.npy"))
	if shape[0] < 5 || shape[0] != sink.Frames() {
		t.Errorf("shape %v, %d frames", shape, sink.Frames())
	}
	if last := frames[len(frames)-2*64:]; !slices.Equal(last, slices.Concat(r.Last.Arrays...)) {
		t.Error("the last frame is not the state it stopped in")
	}
	if _, times := load(t, filepath.Join(dir, "times.npy")); times[len(times)-1] != r.Stop.Time || times[len(times)-2] >= r.Stop.Time {
		t.Errorf("times %v, stopped at %v", times, r.Stop.Time)
	}
	b, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil || !strings.Contains(string(b), `"reason": "cancelled"`) {
		t.Errorf("manifest %s (%v)", b, err)
	}
}

// Fields of several neuron types get an axis of their own.
func TestNeuronTypesHaveAnAxis(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	sink, err := files.Create(dir, simulate.NewArrays())
	if err != nil {
		t.Fatal(err)
	}
	s := nnfield.Dirac().Lattice(nnfield.Ring(6, 3), nnfield.Ring(8, 4)).PlaneWave(nnfield.Mode(1, 2)).Until(1).Frames(nnfield.Count(3))
	if _, err := s.Run(context.Background(), simulate.Into(sink)); err != nil {
		t.Fatal(err)
	}
	r, err := s.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	shape, data := load(t, filepath.Join(dir, "frames.npy"))
	if !slices.Equal(shape, []int{3, 2, 4, 6, 8}) {
		t.Errorf("frames have the shape %v", shape)
	}
	var want []float64
	for i := range r.Len() {
		want = append(want, slices.Concat(r.State(i).Arrays...)...)
	}
	if !slices.Equal(data, want) {
		t.Error("the file is not the run")
	}
	manifest, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	var m struct{ Fields []theory.Field }
	if err := json.Unmarshal(manifest, &m); err != nil || len(m.Fields) != 2 || len(m.Fields[1].Types) != 4 {
		t.Errorf("fields of the manifest: %+v (%v)", m.Fields, err)
	}
}

// Fields of links have a file of their own.
func TestLinksHaveAFile(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	sink, err := files.Create(dir, simulate.NewArrays())
	if err != nil {
		t.Fatal(err)
	}
	s := nnfield.ChargedScalar().Lattice(nnfield.Ring(6, 3), nnfield.Ring(8, 4)).PlaneWave(nnfield.Mode(1, 2)).
		Dynamic(nnfield.NonCompact).Until(1).Frames(nnfield.Count(3))
	if _, err := s.Run(context.Background(), simulate.Into(sink)); err != nil {
		t.Fatal(err)
	}
	r, err := s.Run(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	for i, file := range []string{"frames.npy", "links.npy"} {
		shape, data := load(t, filepath.Join(dir, file))
		if !slices.Equal(shape, []int{3, 2, 2, 6, 8}) {
			t.Errorf("%s has the shape %v", file, shape)
		}
		var want []float64
		for k := range r.Len() {
			want = append(want, slices.Concat(r.State(k).Arrays[2*i:2*i+2]...)...)
		}
		if !slices.Equal(data, want) {
			t.Errorf("%s is not the run", file)
		}
	}
	manifest, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil || !strings.Contains(string(manifest), `"links": "links.npy"`) {
		t.Errorf("the manifest does not name the links (%v):\n%s", err, manifest)
	}
}

// A file that does not exist is not named.
func TestGaugeFieldAloneHasLinksOnly(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "out")
	sink, err := files.Create(dir, simulate.NewArrays())
	if err != nil {
		t.Fatal(err)
	}
	s := nnfield.Maxwell().Torus(4, 2).LinkWave(nnfield.Mode(1, 0), nnfield.Polarisation(0, 1)).Until(1).Frames(nnfield.Count(2))
	if _, err := s.Run(context.Background(), simulate.Into(sink)); err != nil {
		t.Fatal(err)
	}
	manifest, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	if err != nil || strings.Contains(string(manifest), "frames.npy") || !strings.Contains(string(manifest), "links.npy") {
		t.Errorf("the manifest names the wrong files (%v):\n%s", err, manifest)
	}
	if _, err := os.Stat(filepath.Join(dir, "frames.npy")); !os.IsNotExist(err) {
		t.Error("there is a frames.npy")
	}
}
