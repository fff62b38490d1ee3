// Package plotting draws figures for notebooks and papers and shows them.
//
// A figure function takes a run, a model or plain numbers and returns a
// [Figure], an immutable value that knows its labels. [Show] puts figures,
// model cards and tables into the notebook; [Figure.Save] writes SVG, PNG or,
// with package plotting/pdf, PDF:
//
//	plotting.Show(plotting.Spacetime(r), plotting.Energy(r))
//	err := plotting.Spacetime(r).Columns(1).Theme(plotting.Print).Save("packet.svg")
//
// Figures of runs are
//
//   - fields: [Spacetime], [SpacetimeLog], [Frame], [Snapshots], [Compare];
//   - waves: [Wave], [Spinor], [Charge];
//   - what is conserved: [Energy], [Invariant], and what was observed: [Observable];
//   - gauge fields on links: [Links];
//   - spectra: [Power], [Frequencies], [Dispersion];
//   - orbits: [Orbits].
//
// [Weights] and [Network] draw the network of a model. Each has a twin that takes plain
// numbers: [Image], [Complex], [Components], [Multiples], [Slices], [Arrows], [Difference],
// [Symmetric], [Phases], [Lines], [SemiLog], [LogLog], [Family], [Conserved],
// [Comparison], [Convergence], [Histogram], [Portrait], [Tensor], [Stencil],
// [Graph]. [Grid] puts figures together. Package plotting/gallery makes one of
// each.
//
// Nothing panics on data: what cannot be drawn (no points, lengths that do not
// match, only NaN) is the error of the figure, which Show prints and Save
// returns; what cannot be seen (a few NaN, an infinite value, a field that is
// constant) is said below the picture.
//
// # How a figure is made
//
// Data flow one way. A figure function makes panels; a panel has two axes and
// marks (curve, raster, arrows …), and perhaps a legend and a colour bar. The layout
// measures every text and places the panels, so that nothing overlaps; a pen
// draws them on one of three surfaces, SVG, pixels or PDF. To add a figure, write a
// function that makes panels; to add a way to draw data, a mark; to add a file
// format, a surface. A figure may also be made of figures, each laid out by
// itself and lined up with its neighbours.
package plotting
