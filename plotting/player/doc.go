// Package player shows runs as movies, and sweeps of a parameter as pictures
// behind a slider:
//
//	plotting.Show(player.Movie(r))
//	plotting.Show(player.Sweep("m", masses, runs...))
//	err := player.Movie(r).Save("packet.gif") // or .png (animated), .html
//
// In a notebook a movie is a picture of its last frame first, and stays one
// where no scripts run. A small script of its own then puts a canvas over the
// picture, which takes about 0.1 ms a frame, with play, slider and keyboard:
// the space bar plays, arrows step, Home and End jump. It needs no kernel, no
// network and no other file.
package player
