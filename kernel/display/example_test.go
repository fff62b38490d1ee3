package display_test

import (
	"fmt"

	"github.com/nnfield/nnfield/kernel/display"
)

// In a notebook this shows the HTML; here, in a program, the plain text.
func ExampleShow() {
	err := display.Show(display.Bundle{Data: map[string]any{
		"text/html":  "<b>ω² = m² + k²</b>",
		"text/plain": "ω² = m² + k²",
	}})
	if err != nil {
		fmt.Println(err)
	}
	// Output: ω² = m² + k²
}
