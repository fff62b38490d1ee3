// Pages writes the pages that the browser tests open and what they must show:
//
//	go run ./plotting/browser/pages DIR
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"github.com/nnfield/nnfield/internal/echarts"
	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/plotting/interactive"
	"github.com/nnfield/nnfield/plotting/player"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "pages: name the directory to write to")
		os.Exit(1)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func write(dir string) error {
	ring := nnfield.KleinGordon().Ring(128, 32).Mass(1).Packet(nnfield.At(8), nnfield.Width(1.5), nnfield.WaveNumber(2))
	line, err := ring.Until(20).Frames(nnfield.Every(2)).Run(context.Background())
	if err != nil {
		return err
	}
	torus := nnfield.KleinGordon().Lattice(nnfield.Ring(48, 12), nnfield.Ring(32, 8)).Mass(1).Packet(nnfield.At(4, 4), nnfield.Width(1), nnfield.WaveNumber(2, 1))
	plane, err := torus.Until(6).Frames(nnfield.Every(4)).Run(context.Background())
	if err != nil {
		return err
	}
	var sweep []*simulate.Run
	masses := []float64{0, 0.5, 1, 1.5, 2, 3}
	for _, m := range masses {
		r, err := ring.Mass(m).Until(20).Step(0.1).Frames(nnfield.Every(2)).Run(context.Background())
		if err != nil {
			return err
		}
		sweep = append(sweep, r)
	}
	small := nnfield.KleinGordon().Ring(24, 6).Mass(1)
	for name, shown := range map[string]interface{ Save(path string) error }{
		"spacetime.html":  interactive.Spacetime(line),
		"curve.html":      interactive.Frames(line),
		"frames.html":     interactive.Frames(plane),
		"surface.html":    interactive.Surface(line),
		"landscape.html":  interactive.Surface(plane),
		"weights.html":    interactive.Weights(small),
		"dispersion.html": interactive.Dispersion(line),
		"movie.html":      player.Movie(plane),
		"movie.gif":       player.Movie(plane),
		"movie.png":       player.Movie(plane),
		"wave.html":       player.Movie(line),
		"wave.gif":        player.Movie(line),
		"sweep.html":      player.Sweep("m", masses, sweep...),
	} {
		if err := shown.Save(filepath.Join(dir, name)); err != nil {
			return err
		}
	}
	// What an installation puts beside the kernel.
	scripts, err := echarts.Scripts()
	if err != nil {
		return err
	}
	for _, s := range scripts {
		if err := os.WriteFile(filepath.Join(dir, s.File), s.Data, 0o644); err != nil {
			return err
		}
	}
	if err := record(filepath.Join(dir, "line.json"), line, line.Coordinates(0)); err != nil {
		return err
	}
	return record(filepath.Join(dir, "plane.json"), plane, plane.Coordinates(0), plane.Coordinates(1))
}

// record writes what a run holds, for the tests to judge the charts by.
func record(path string, r *simulate.Run, coordinates ...[]float64) error {
	var frames [][]float64
	for i := range r.Len() {
		frames = append(frames, r.State(i).Arrays[0])
	}
	data, err := json.Marshal(map[string]any{"coordinates": coordinates, "times": r.Times(), "frames": frames})
	if err != nil {
		return err
	}
	return os.WriteFile(path, data, 0o644)
}
