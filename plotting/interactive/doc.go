// Package interactive draws charts that a reader can zoom, turn and play:
//
//	plotting.Show(interactive.Spacetime(r), interactive.Weights(kg))
//	err := interactive.Surface(r).Save("surface.html") // one file, no network
//
// A chart is a static figure of package plotting first: that picture stands in
// the output, and is all there is on a site that runs no scripts, in an untrusted
// notebook, on paper. Where scripts run and Apache ECharts is at hand (in the
// page, or beside the kernel; never from the network) the chart takes its place.
//
// Charts add at most 1.5 MB to a notebook. Larger fields are reduced so that
// their extrema stay, which the chart then says. Fields are drawn by the
// chart's own script, pixel by pixel, and so stay quick at any size: the heat map
// of ECharts takes 0.1 s and more for 64×64 cells.
package interactive
