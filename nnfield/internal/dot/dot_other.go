//go:build !amd64

package dot

var accelerated = false // there are no kernels

func rows1(sums, w, x *float64, n, stride int)                                                    {}
func rows4(sums, w, x *float64, n, stride int)                                                    {}
func triangle4(sums, y, w, x *float64, n, stride int, d *float64)                                 {}
func sparseRows(dst *float64, rows int, alpha float64, start *int, columns *int32, w, x *float64) {}
