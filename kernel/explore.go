package kernel

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"math"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/nnfield/nnfield/kernel/display"
)

// Slider is a parameter that [Explore] lets the reader move: Name labels it, Value
// is where it stands at first, and it moves from Min to Max in steps of Step.
type Slider struct {
	Name           string
	Min, Max, Step float64
	Value          float64
}

// check returns what is wrong with the slider.
func (s Slider) check() error {
	for _, v := range []float64{s.Min, s.Max, s.Step, s.Value} {
		if math.IsNaN(v) || math.IsInf(v, 0) {
			return fmt.Errorf("Slider(%q): %v; every number must be finite", s.Name, v)
		}
	}
	switch {
	case s.Name == "":
		return errors.New("Slider: it has no name; say what it changes")
	case !(s.Min < s.Max):
		return fmt.Errorf("Slider(%q): from %v to %v; Min must be below Max", s.Name, s.Min, s.Max)
	case !(s.Step > 0) || s.Step > s.Max-s.Min:
		return fmt.Errorf("Slider(%q): Step %v; it must be positive and at most %v", s.Name, s.Step, s.Max-s.Min)
	case s.Value < s.Min || s.Value > s.Max:
		return fmt.Errorf("Slider(%q): Value %v; it must lie between %v and %v", s.Name, s.Value, s.Min, s.Max)
	}
	return nil
}

// answer is how long a page gets to say that it shows the sliders, and tries how often it
// is asked: on a busy machine the page gives its connection up half a second after it has
// asked for it, and must be made to ask again.
var answer = 5 * time.Second

const tries = 3

// Explore shows a figure of a small model with sliders for its parameters, and
// draws it anew whenever one is moved, while the cell runs:
//
//	kernel.Explore(func(ctx context.Context, v []float64) (plotting.Figure, error) {
//		run, err := kg.Mass(v[0]).Until(10).Run(ctx)
//		return plotting.Spacetime(run), err
//	}, kernel.Slider{Name: "mass", Min: 0, Max: 3, Step: 0.1, Value: 1})
//
// The values come in the order of the sliders. The context is cancelled when they
// are out of date. The cell ends by its button Done or the stop button; the last
// figure stays in the notebook with the values in words. Cells after it wait.
//
// The sliders need a live notebook page. Where there is none, in nnfield run,
// nbconvert or a program, the figure at the first values is shown and the cell
// ends; a notebook that is opened without a kernel shows what was stored. For a
// slider that moves there too, compute the runs beforehand: player.Sweep.
//
// As [Run] it ends the cell with one sentence if the sliders or the first figure
// cannot be made.
func Explore[F interface {
	Bundle() (display.Bundle, error)
}](draw func(ctx context.Context, values []float64) (F, error), sliders ...Slider) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := explore(ctx, func(ctx context.Context, values []float64) (display.Bundle, error) {
		f, err := draw(ctx, values)
		if err != nil {
			return display.Bundle{}, err
		}
		return f.Bundle()
	}, sliders)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func explore(ctx context.Context, draw func(ctx context.Context, values []float64) (display.Bundle, error), sliders []Slider) error {
	if len(sliders) == 0 {
		return errors.New("Explore: no sliders; give one for each parameter, or show the figure itself")
	}
	for _, s := range sliders {
		if err := s.check(); err != nil {
			return fmt.Errorf("Explore: %w", err)
		}
	}
	values := first(sliders)
	id := fmt.Sprintf("nnfield-explore-%d-%d", os.Getpid(), time.Now().UnixNano())
	show := func(ctx context.Context, values []float64) error {
		b, err := draw(ctx, values)
		if err == nil {
			err = display.Update(id, b)
		}
		return err
	}
	if err := show(ctx, values); err != nil {
		return fmt.Errorf("Explore: %w", err)
	}
	say := func(text string) error { return display.Update(id+"-sliders", sentence(text)) }
	const dead = "; the sliders move while a live notebook runs this cell"
	if !display.Live() {
		return say(inWords(sliders, values) + dead)
	}
	var moved []float64
	var err error
	for try := range tries {
		address := fmt.Sprintf("%s-%d", id, try)
		var moves <-chan string
		if moves, err = display.Listen(address); err != nil {
			return fmt.Errorf("Explore: %w", err)
		}
		if err := display.Update(id+"-sliders", controls(address, id, sliders)); err != nil {
			return fmt.Errorf("Explore: %w", err)
		}
		if moved, err = follow(ctx, moves, values, show); err != errNoPage {
			break
		}
	}
	if err == errNoPage {
		return say(inWords(sliders, values) + dead)
	}
	if told := say(inWords(sliders, moved) + "; run the cell again to move the sliders"); err == nil {
		err = told
	}
	return err
}

// errNoPage says that no page shows the sliders.
var errNoPage = errors.New("no page")

// follow shows what the page asks for, always the latest, until it is done or the
// cell is stopped, and returns the values shown last. A figure that cannot be drawn
// leaves the one before and says why on standard error.
func follow(ctx context.Context, moves <-chan string, values []float64, show func(context.Context, []float64) error) ([]float64, error) {
	wait := time.NewTimer(answer)
	defer wait.Stop()
	var next []float64 // asked for and not yet being drawn
	select {
	case text := <-moves: // where the sliders stand when they appear, or where a quick hand has moved them since
		switch m, ok := parse(text, len(values)); {
		case ok && m.Done:
			return values, nil
		case ok && !slices.Equal(m.Values, values):
			next = m.Values
		}
	case <-wait.C:
		return values, errNoPage
	case <-ctx.Done():
		return values, nil
	}
	type shown struct {
		values []float64
		err    error
	}
	results := make(chan shown)
	busy, done := false, false
	cancel := func() {}
	start := func(v []float64) {
		var drawing context.Context
		drawing, cancel = context.WithCancel(ctx)
		busy = true
		go func() { results <- shown{v, show(drawing, v)} }()
	}
	if next != nil {
		start(next)
		next = nil
	}
	for !done || busy {
		select {
		case text := <-moves:
			m, ok := parse(text, len(values))
			switch {
			case !ok || done:
			case m.Done:
				done = true
			case busy:
				next = m.Values
				cancel()
			default:
				start(m.Values)
			}
		case r := <-results:
			cancel()
			busy = false
			switch {
			case r.err == nil:
				values = r.values
			case !errors.Is(r.err, context.Canceled):
				warn("Explore: " + r.err.Error())
			}
			if next != nil {
				start(next)
				next = nil
			}
		case <-ctx.Done():
			if busy {
				cancel()
				<-results
			}
			return values, nil
		}
	}
	return values, nil
}

// move is what the page sends: where the sliders stand, or that it is done.
type move struct {
	Values []float64 `json:"values"`
	Done   bool      `json:"done"`
}

// parse reads a move of n sliders.
func parse(text string, n int) (m move, ok bool) {
	err := json.Unmarshal([]byte(text), &m)
	return m, err == nil && (m.Done || len(m.Values) == n)
}

// inWords says where the sliders stand: "mass = 1, k = 2".
func inWords(sliders []Slider, values []float64) string {
	var all []string
	for i, s := range sliders {
		all = append(all, fmt.Sprintf("%s = %.6g", s.Name, values[i]))
	}
	return strings.Join(all, ", ")
}

func sentence(text string) display.Bundle {
	return display.Bundle{Data: map[string]any{"text/html": "<p>" + html.EscapeString(text) + "</p>", "text/plain": text}}
}

//go:embed explore.js
var exploreScript string

// controls are the sliders and the script that listens to them at an address; key is the
// same for all tries.
func controls(id, key string, sliders []Slider) display.Bundle {
	number := func(v float64) string { return strconv.FormatFloat(v, 'g', -1, 64) }
	var b strings.Builder
	fmt.Fprintf(&b, `<div id="%s"><table>`, id)
	for _, s := range sliders {
		name := html.EscapeString(s.Name)
		fmt.Fprintf(&b, `<tr><td style="text-align:right">%s</td><td><input type="range" aria-label="%s" min="%s" max="%s" step="%s" value="%s" style="width:18em"></td><td style="text-align:left;min-width:4em"><output>%.6g</output></td></tr>`,
			name, name, number(s.Min), number(s.Max), number(s.Step), number(s.Value), s.Value)
	}
	fmt.Fprintf(&b, `</table><button type="button">Done</button> <span>The cell runs until you press Done or stop it.</span></div><script>(%s)("%s", "%s")</script>`, strings.TrimSpace(exploreScript), id, key)
	return display.Bundle{Data: map[string]any{"text/html": b.String(), "text/plain": "sliders: " + inWords(sliders, first(sliders))}}
}

// first returns where the sliders stand at first.
func first(sliders []Slider) []float64 {
	values := make([]float64, len(sliders))
	for i, s := range sliders {
		values[i] = s.Value
	}
	return values
}
