package kernel

import (
	"context"
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/nnfield/nnfield/kernel/display"
)

func TestExploreBadInput(t *testing.T) {
	good := Slider{"mass", 0, 3, 0.1, 1}
	change := func(f func(*Slider)) []Slider {
		s := good
		f(&s)
		return []Slider{good, s}
	}
	for want, sliders := range map[string][]Slider{
		"no sliders": nil,
		"no name":    change(func(s *Slider) { s.Name = "" }),
		`Slider("mass"): from 3 to 3; Min must be below Max`:           change(func(s *Slider) { s.Min = 3 }),
		`Slider("mass"): Step 0; it must be positive and at most 3`:    change(func(s *Slider) { s.Step = 0 }),
		`Slider("mass"): Step 4; it must be positive and at most 3`:    change(func(s *Slider) { s.Step = 4 }),
		`Slider("mass"): Value -1; it must lie between 0 and 3`:        change(func(s *Slider) { s.Value = -1 }),
		`Slider("mass"): NaN; every number must be finite`:             change(func(s *Slider) { s.Max = math.NaN() }),
		`Slider("mass"): Value 3.5; it must lie between 0 and 3`:       change(func(s *Slider) { s.Value = 3.5 }),
		`Slider("mass"): +Inf; every number must be finite`:            change(func(s *Slider) { s.Max = math.Inf(1) }),
		`Slider("mass"): Step -0.1; it must be positive and at most 3`: change(func(s *Slider) { s.Step = -0.1 }),
	} {
		err := explore(t.Context(), nil, sliders)
		if err == nil || !strings.HasPrefix(err.Error(), "Explore: ") || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("error %v, want %q", err, want)
		}
	}
	broken := errors.New("mass(−1): too light")
	err := explore(t.Context(), func(context.Context, []float64) (display.Bundle, error) { return display.Bundle{}, broken }, []Slider{good})
	if !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
}

// Outside a page the first figure is shown, once, and the cell ends.
func TestExploreWithoutAPage(t *testing.T) {
	var drawn [][]float64
	err := explore(t.Context(), func(_ context.Context, v []float64) (display.Bundle, error) {
		drawn = append(drawn, v)
		return sentence("a figure"), nil
	}, []Slider{{"mass", 0, 3, 0.1, 1}, {"k", -2, 2, 0.5, 0}})
	if err != nil || !reflect.DeepEqual(drawn, [][]float64{{1, 0}}) {
		t.Errorf("drew %v, error %v", drawn, err)
	}
}

func TestFollow(t *testing.T) {
	defer func(d time.Duration) { answer = d }(answer)
	answer = 50 * time.Millisecond
	moves := make(chan string, 1)
	if _, err := follow(t.Context(), moves, []float64{1}, nil); err != errNoPage {
		t.Errorf("error %v from a page that never answers", err)
	}
	answer = time.Minute

	var drawn []float64
	started, finish := make(chan float64), make(chan error)
	show := func(ctx context.Context, v []float64) error {
		started <- v[0]
		select {
		case err := <-finish:
			if err == nil {
				drawn = append(drawn, v[0])
			}
			return err
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	type result struct {
		values []float64
		err    error
	}
	begin := func(ctx context.Context) chan result {
		out := make(chan result, 1)
		go func() {
			v, err := follow(ctx, moves, []float64{1}, show)
			out <- result{v, err}
		}()
		moves <- `{"values":[1]}`
		return out
	}

	out := begin(t.Context())
	for _, text := range []string{`{"values":[2]}`, `{"values":[1,2]}`, `nonsense`} {
		moves <- text // the last two are not answers of one slider
	}
	if v := <-started; v != 2 {
		t.Errorf("drawing %v", v)
	}
	moves <- `{"values":[3]}` // 2 is out of date and is given up
	if v := <-started; v != 3 {
		t.Errorf("drawing %v", v)
	}
	finish <- nil
	moves <- `{"values":[4]}`
	<-started
	finish <- errors.New("cannot be drawn") // stays at 3
	moves <- `{"values":[5]}`
	<-started
	moves <- `{"done":true}`
	time.Sleep(10 * time.Millisecond)
	finish <- nil
	if r := <-out; r.err != nil || !slices.Equal(r.values, []float64{5}) || !slices.Equal(drawn, []float64{3, 5}) {
		t.Errorf("ended with %v, drew %v", r, drawn)
	}

	// A hand that is quicker than the connection: a channel holds the latest text
	// alone, so the first that is read can be a move.
	quick := make(chan result, 1)
	go func() {
		v, err := follow(t.Context(), moves, []float64{1}, show)
		quick <- result{v, err}
	}()
	moves <- `{"values":[7]}`
	if v := <-started; v != 7 {
		t.Errorf("drawing %v", v)
	}
	finish <- nil
	moves <- `{"done":true}`
	if r := <-quick; r.err != nil || !slices.Equal(r.values, []float64{7}) {
		t.Errorf("ended with %v", r)
	}

	// The stop button ends it, also while a figure is being drawn.
	ctx, stop := context.WithCancel(t.Context())
	out = begin(ctx)
	moves <- `{"values":[6]}`
	<-started
	stop()
	if r := <-out; r.err != nil || !slices.Equal(r.values, []float64{1}) {
		t.Errorf("ended with %v", r)
	}
}

func TestControlsAreHTML(t *testing.T) {
	b := controls("id", "key", []Slider{{`<b>"mass"</b>`, 0, 3, 0.1, 1}})
	text := b.Data["text/html"].(string)
	if strings.Contains(text, "<b>") || !strings.Contains(text, `value="1"`) {
		t.Error(text)
	}
}
