// Package reduce makes fields smaller without losing their extrema.
package reduce

import "math"

// Even spreads cells over bins, equally many to within one, ascending: the bin
// of each cell.
func Even(cells, bins int) []int {
	of := make([]int, cells)
	for i := range of {
		of[i] = int(int64(i) * int64(bins) / int64(cells))
	}
	return of
}

// Field returns a field of nx×ny bins made of values[j·len(xBin) + i], whose
// cell belongs to bin (xBin[i], yBin[j]). A bin shows the minimum or the maximum
// of its cells, whichever is farther from the mean around it: no spike is lost
// and smooth fields keep their shape. A bin with a NaN is NaN. Values are
// returned as they are if every cell has a bin of its own.
func Field(values []float64, xBin []int, nx int, yBin []int, ny int) []float64 {
	if nx == len(xBin) && ny == len(yBin) {
		return values
	}
	low, high := make([]float64, nx*ny), make([]float64, nx*ny)
	sum, count := make([]float64, nx*ny), make([]float64, nx*ny)
	for i := range low {
		low[i], high[i] = math.Inf(1), math.Inf(-1)
	}
	for j, row := range yBin {
		values := values[j*len(xBin) : (j+1)*len(xBin)]
		low, high := low[row*nx:(row+1)*nx], high[row*nx:(row+1)*nx]
		sum, count := sum[row*nx:(row+1)*nx], count[row*nx:(row+1)*nx]
		for i, v := range values {
			b := xBin[i]
			// min and max keep a NaN, as wanted here.
			low[b] = min(low[b], v)
			high[b] = max(high[b], v)
			sum[b] += v
			count[b]++
		}
	}
	out := make([]float64, nx*ny)
	for j := range ny {
		for i := range nx {
			b := j*nx + i
			total, n := 0.0, 0.0
			for v := max(j-1, 0); v <= min(j+1, ny-1); v++ {
				for u := max(i-1, 0); u <= min(i+1, nx-1); u++ {
					// A bad neighbour says nothing about this bin.
					if s := sum[v*nx+u]; s-s == 0 {
						total += s
						n += count[v*nx+u]
					}
				}
			}
			mean := 0.0 // of nothing but bad samples
			if n > 0 {
				mean = total / n
			}
			if mean-low[b] > high[b]-mean {
				out[b] = low[b]
			} else {
				out[b] = high[b]
			}
		}
	}
	return out
}
