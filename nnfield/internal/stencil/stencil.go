// Package stencil holds the kernels of the fast path: half steps of field theories
// on slabs of a lattice, as package sweep calls them.
//
// A kernel is a second implementation of what a network's own step does, with the
// same bits: the order of its operations is stated, each is rounded by itself and
// none is fused, so that it does not matter whether Go code or assembly did it, on
// which machine, and how the lattice was cut. Every kernel has a twin in Go, which
// runs where there is no assembly. On amd64 there is, for AVX2 and some for AVX-512,
// written by the generator in the folder gen beside this one.
//
// The variable NNFIELD_KERNEL chooses: "go" forces the twins, "avx2" registers of
// 256 bits where there are larger ones; "plain" makes theories take the network's
// own step instead of the kernels. Results are the same; the speed is not.
package stencil

import "os"

//go:generate go -C ../gen run . -set processor -out ../stencil/processor_amd64.s -stubs ../stencil/processor_amd64.go -pkg stencil
//go:generate go -C ../gen run . -set rows -out ../stencil/rows_amd64.s -stubs ../stencil/rows_amd64.go -pkg stencil
//go:generate go -C ../gen run . -set rows512 -out ../stencil/rows512_amd64.s -stubs ../stencil/rows512_amd64.go -pkg stencil
//go:generate go -C ../gen run . -set sine -out ../stencil/sine_amd64.s -stubs ../stencil/sine_amd64.go -pkg stencil

// Number is what a field is made of.
type Number interface{ float32 | float64 }

// Plain tells whether theories are to take the network's own step.
func Plain() bool { return os.Getenv("NNFIELD_KERNEL") == "plain" }

// Assembly tells whether kernels in assembly are to be used: the processor has
// AVX2, and nothing else was asked for.
func Assembly() bool { return avx2 && os.Getenv("NNFIELD_KERNEL") != "go" }

// Wide tells whether those with registers of 512 bits are to be used, where there are
// some: the processor has AVX-512 without slowing down for it, and nothing else was
// asked for.
func Wide() bool { return Assembly() && avx512 && os.Getenv("NNFIELD_KERNEL") != "avx2" }
