//go:build !amd64

package random

var accelerated = false

const perByte, turns = 8, 32

func accelerate(q, v []float64, h, amplitude float64, keys []uint64, draw uint64) {}
