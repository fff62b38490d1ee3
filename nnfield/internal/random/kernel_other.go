//go:build !amd64

package random

const accelerated, perByte, turns = false, 8, 32

func accelerate(q, v []float64, h, amplitude float64, keys []uint64, draw uint64) {}
