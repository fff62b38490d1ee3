//go:build !amd64

package dot

var accelerated = false

func rows1(sums, w, x *float64, n, stride int) {}
func rows4(sums, w, x *float64, n, stride int) {}
