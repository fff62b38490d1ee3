//go:build !amd64

package stencil

const avx2, avx512 = false, false
