package all_test

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/nnfield/nnfield/nnfield/all"
	"github.com/nnfield/nnfield/nnfield/simulate"
)

var (
	mutants    = flag.Int("mutants", 1000, "try so many mutated Specs in TestMutants")
	mutantSeed = flag.Uint64("mutant-seed", 0, "mutate from this seed; 0 for a new one")
)

// A mutator changes Specs that are good at random places: in what stands there, in its
// kind, and in what is missing or too much.
type mutator struct {
	*rand.Rand
	specs []any
	words []string // strings and keys of all Specs
}

// extremes are numbers at which something may break.
var extremes = []float64{0, 1, -1, 2, 0.5, 3, 7, 1e-3, 1e-9, 1e-300, 5e-324, 1e3, 1e6, 1e9, 1e15, 1e100, 1e300, 1.7e308, -1e300, math.Pi, 1 << 31, 1 << 53, -0.25}

// spec returns a changed copy of a good Spec.
func (m *mutator) spec() any {
	s := clone(m.specs[m.IntN(len(m.specs))])
	for range 1 + m.IntN(2) {
		s = m.change(s, 1+m.IntN(6))
	}
	return s
}

// change changes what stands at most so deep in a value.
func (m *mutator) change(v any, depth int) any {
	if depth > 0 {
		switch x := v.(type) {
		case map[string]any:
			keys := make([]string, 0, len(x))
			for k := range x {
				keys = append(keys, k)
			}
			slices.Sort(keys)
			if len(keys) == 0 {
				break
			}
			switch k := keys[m.IntN(len(keys))]; m.IntN(12) {
			case 0:
				delete(x, k)
			case 1:
				x[m.words[m.IntN(len(m.words))]] = m.value()
			default:
				x[k] = m.change(x[k], depth-1)
			}
			return x
		case []any:
			if len(x) == 0 {
				break
			}
			switch i := m.IntN(len(x)); m.IntN(10) {
			case 0:
				return slices.Delete(x, i, i+1)
			case 1:
				return append(x, clone(x[i]))
			default:
				x[i] = m.change(x[i], depth-1)
			}
			return x
		}
	}
	switch x := v.(type) {
	case float64:
		switch m.IntN(4) {
		case 0, 1:
			return max(-math.MaxFloat64, min(x*(1+m.NormFloat64()/10), math.MaxFloat64))
		case 2:
			return math.Round(x) + float64(m.IntN(7)-3)
		}
		return extremes[m.IntN(len(extremes))]
	case string:
		if m.IntN(3) > 0 {
			return m.words[m.IntN(len(m.words))]
		}
	}
	return m.value()
}

// value returns a value of any kind.
func (m *mutator) value() any {
	switch m.IntN(8) {
	case 0:
		return nil
	case 1:
		return m.IntN(2) == 0
	case 2, 3:
		return extremes[m.IntN(len(extremes))]
	case 4:
		return []any{extremes[m.IntN(len(extremes))], extremes[m.IntN(len(extremes))]}
	case 5:
		return map[string]any{m.words[m.IntN(len(m.words))]: extremes[m.IntN(len(extremes))]}
	}
	return m.words[m.IntN(len(m.words))]
}

func clone(v any) any {
	switch x := v.(type) {
	case map[string]any:
		c := map[string]any{}
		for k, v := range x {
			c[k] = clone(v)
		}
		return c
	case []any:
		c := make([]any, len(x))
		for i, v := range x {
			c[i] = clone(v)
		}
		return c
	}
	return v
}

// gather adds the strings and keys of a value.
func (m *mutator) gather(v any) {
	switch x := v.(type) {
	case map[string]any:
		for k, v := range x {
			m.words = append(m.words, k)
			m.gather(v)
		}
	case []any:
		for _, v := range x {
			m.gather(v)
		}
	case string:
		if !strings.HasPrefix(x, "sha256:") {
			m.words = append(m.words, x)
		}
	}
}

// small tells whether a Spec has few sites: what many take is tried elsewhere.
func small(v any) bool {
	switch x := v.(type) {
	case map[string]any:
		if n, ok := x["sites"].(float64); ok && n > 300 {
			return false
		}
		for _, v := range x {
			if !small(v) {
				return false
			}
		}
	case []any:
		for _, v := range x {
			if !small(v) {
				return false
			}
		}
	}
	return true
}

// inward is what no message may show: it is said in words that the user typed.
var inward = regexp.MustCompile(`json:|\bNaN\b|Go value|interface \{|<nil>|%!|network\.New|weights\.New|lattice\.New|runtime error|\*?theory\.|float64|\bint\b|\n`)

var stepRemedy = regexp.MustCompile(`use Step\(([^)]*)\)`)

// A Spec that somebody has changed, in whatever way, is refused in one sentence of words
// that a user knows, whose remedy helps; or it is run, and then all that is recorded is
// finite.
func TestMutants(t *testing.T) {
	seed := *mutantSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("repeat with -mutants %d -mutant-seed %d", *mutants, seed)
	m := &mutator{Rand: rand.New(rand.NewPCG(seed, 1))}
	arrays := simulate.NewArrays()
	for _, theory := range all.Theories {
		for _, b := range theory.Examples() {
			built, err := b.Build()
			if err != nil {
				t.Fatal(err)
			}
			spec, err := simulate.New(b, 4*built.Lattice().Spacing(0)).Frames(simulate.Count(3)).Spec(arrays)
			if err != nil {
				t.Fatal(err)
			}
			m.add(t, spec)
		}
	}
	_ = filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.Contains(path, "testdata") && strings.HasSuffix(path, ".json") {
			if spec, err := os.ReadFile(path); err == nil {
				if _, err := all.Decode(spec, arrays); err == nil { // that needs no array
					m.add(t, spec)
				}
			}
		}
		return nil
	})
	slices.Sort(m.words)
	m.words = append(slices.Compact(m.words), "1/0", "log(phi)", "pow(-1,0.5)", "x/", "", "é", "values")
	refused, ran, began := 0, 0, time.Now()
	for i := range *mutants {
		spec := m.spec()
		if !small(spec) {
			continue
		}
		text, err := json.Marshal(spec)
		if err != nil {
			t.Fatal(err)
		}
		if err := try(t, text, arrays); err != nil {
			refused++
			if problem := refusal(err, text, spec, arrays); problem != "" {
				t.Errorf("mutant %d: %s: %v\n%s", i, problem, err, text)
			}
		} else {
			ran++
		}
		if t.Failed() && i > 3000 { // and not thousands of the same
			break
		}
	}
	t.Logf("%d refused, %d ran, %v", refused, ran, time.Since(began))
	if ran < *mutants/50 || refused < *mutants/50 {
		t.Errorf("only %d ran and %d were refused: the test shows little", ran, refused)
	}
}

func (m *mutator) add(t *testing.T, spec []byte) {
	var tree any
	if err := json.Unmarshal(spec, &tree); err != nil {
		t.Fatal(err)
	}
	m.specs = append(m.specs, tree)
	m.gather(tree)
}

// try decodes a Spec and runs it, if it is short. It returns why it was refused.
func try(t *testing.T, spec []byte, arrays *simulate.MemoryArrays) (err error) {
	began := time.Now()
	defer func() {
		if r := recover(); r != nil {
			t.Errorf("panic: %v\n%s", r, spec)
		}
		if took := time.Since(began); took > 20*time.Second { // 5 s on a quiet machine
			t.Errorf("%v for\n%s", took, spec)
		}
	}()
	s, err := all.Decode(spec, arrays)
	if err != nil {
		return err
	}
	_, steps, err := s.Steps()
	if err != nil {
		return err
	}
	if steps > 2000 {
		return nil
	}
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
	defer stop()
	r, err := s.Run(ctx)
	var diverged *simulate.DivergedError
	switch {
	case errors.As(err, &diverged):
		if r.Stop.Reason != simulate.Diverged {
			t.Errorf("it diverged, and its run says %s\n%s", r.Stop.Reason, spec)
		}
	case err != nil:
		return err
	case r.Stop.Reason != simulate.Finished:
		t.Errorf("it ended as %s\n%s", r.Stop.Reason, spec)
	}
	for i := range r.Len() {
		for _, f := range r.Fields() {
			values, err := r.Frame(f.Name, i)
			if err != nil {
				t.Fatal(err)
			}
			if slices.ContainsFunc(values, infinite) {
				t.Errorf("%s of frame %d is not finite\n%s", f.Symbol, i, spec)
			}
		}
	}
	for _, series := range slices.Concat(r.Invariants, r.Observables) {
		if slices.ContainsFunc(series.Values, infinite) {
			t.Errorf("%s is not finite\n%s", series.Name, spec)
		}
	}
	return nil
}

func infinite(x float64) bool { return math.IsNaN(x) || math.IsInf(x, 0) }

// refusal returns what is wrong with the sentence that refuses a Spec, "" for nothing.
func refusal(err error, text []byte, spec any, arrays *simulate.MemoryArrays) string {
	said := err.Error()
	if found := inward.FindString(said); found != "" && !strings.Contains(string(text), found) {
		return fmt.Sprintf("it says %q", found)
	}
	if len(said) > 1500 {
		return fmt.Sprintf("it says %d bytes", len(said))
	}
	remedy := stepRemedy.FindStringSubmatch(said)
	if remedy == nil {
		return ""
	}
	step, err := strconv.ParseFloat(strings.TrimLeft(remedy[1], "≤ "), 64)
	if err != nil {
		return "its remedy is no number"
	}
	spec = clone(spec)
	spec.(map[string]any)["simulation"].(map[string]any)["step"] = step
	again, err := json.Marshal(spec)
	if err != nil {
		return err.Error()
	}
	s, err := all.Decode(again, arrays)
	if err == nil {
		err = s.Check()
	}
	if err != nil && stepRemedy.MatchString(err.Error()) {
		return fmt.Sprintf("its remedy is refused: %v", err)
	}
	return ""
}
