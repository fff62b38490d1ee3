//go:build !amd64

package random

var accelerated = false // there is no kernel

const turn, turns = 8, 32

func accelerate(g *generators, q, v []float64, h, amplitude float64) {}
