//go:build !amd64

package stencil

const avx2 = false
