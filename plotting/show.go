package plotting

import (
	"fmt"
	"os"

	"github.com/nnfield/nnfield/kernel/display"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// Show puts items into the notebook, in order; outside a notebook it writes
// their plain text to the terminal. It knows
//
//   - figures, and the charts and films of packages interactive and player;
//   - model builders, shown by the card of their model;
//   - values with Markdown() string, such as model cards, LaTeX in $…$;
//   - values with HTML() string, such as tables;
//   - anything else by its String method or as fmt prints it.
//
// An error among the items, a figure with an error or a model that does not
// build ends the program: the one sentence goes to standard error and the exit
// status is 1. Items before it are shown.
func Show(items ...any) {
	if err := show(display.Show, items); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// show sends the bundles of items, up to the first error.
func show(send func(display.Bundle) error, items []any) error {
	for _, item := range items {
		b, err := bundle(item)
		if err != nil {
			return err
		}
		if err := send(b); err != nil {
			return fmt.Errorf("Show: %w", err)
		}
	}
	return nil
}

// bundle returns the forms in which an item can be shown.
func bundle(item any) (display.Bundle, error) {
	switch v := item.(type) {
	case nil:
		return display.Bundle{}, fmt.Errorf("Show: an item is nil; there is nothing to show")
	case error:
		return display.Bundle{}, v
	case *Figure:
		if v == nil {
			return bundle(nil)
		}
		return v.Bundle()
	case interface {
		Bundle() (display.Bundle, error)
	}: // figures, charts and films
		return v.Bundle()
	case theory.Builder:
		m, err := v.Build()
		if err != nil {
			return display.Bundle{}, err
		}
		item = m.Card()
	}
	data := map[string]any{"text/plain": fmt.Sprint(item)}
	if m, ok := item.(interface{ Markdown() string }); ok {
		data["text/markdown"] = m.Markdown()
	}
	// A front end that knows both shows HTML; give it one of the two.
	if h, ok := item.(interface{ HTML() string }); ok && data["text/markdown"] == nil {
		data["text/html"] = h.HTML()
	}
	return display.Bundle{Data: data}, nil
}
