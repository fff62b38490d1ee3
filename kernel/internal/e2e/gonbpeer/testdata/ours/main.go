// Command ours shows through package display what the test shows through gonbui.
package main

import (
	"fmt"
	"os"

	"github.com/nnfield/nnfield/kernel/display"
)

func main() {
	text := display.Bundle{Data: map[string]any{"text/html": "<b>φ</b>", "text/plain": "φ"}}
	image := display.Bundle{
		Data:     map[string]any{"image/png": []byte{0x89, 'P', 'N', 'G', 0, 255}, "text/plain": "figure"},
		Metadata: map[string]any{"image/png": map[string]any{"width": 240, "ratio": 1.5}, "list": []any{true, "x"}},
	}
	listen := func(address string) error {
		_, err := display.Listen(address)
		return err
	}
	for _, err := range []error{
		display.Show(text),
		display.Show(image),
		display.Update("progress", text),
		display.Update("progress", image),
		listen("sliders"),
	} {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
