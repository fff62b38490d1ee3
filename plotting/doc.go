// Package plotting draws figures for notebooks and papers and shows them.
//
// A figure function takes a run, a model or plain numbers and returns a
// [Figure], an immutable value that knows its labels. [Show] puts figures,
// model cards and tables into the notebook; [Figure.Save] writes SVG or PNG:
//
//	plotting.Show(plotting.Spacetime(r), plotting.Energy(r))
//	err := plotting.Spacetime(r).Size(3.39, 0).Save("packet.svg") // one column
//
// Nothing panics on data: what cannot be drawn (no points, lengths that do not
// match, only NaN) is the error of the figure, which Show prints and Save
// returns; what cannot be seen (a few NaN, an infinite value, a field that is
// constant) is said below the picture.
//
// # How a figure is made
//
// Data flow one way. A figure function makes panels; a panel has two axes and
// marks (curve, raster, rule), and perhaps a legend and a colour bar. The layout
// measures every text and places the panels, so that nothing overlaps; a pen
// draws them on one of two surfaces, SVG or pixels. To add a figure, write a
// function that makes panels; to add a way to draw data, a mark; to add a file
// format, a surface.
package plotting
