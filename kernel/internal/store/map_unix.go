//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package store

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"unsafe"

	"github.com/nnfield/nnfield/internal/npy"
)

// load returns the numbers in an open NPY file, mapped into memory: a page is
// read when it is first touched. The mapping is private, so that who writes to
// the numbers changes neither the file nor what others see.
func load(f *os.File) (values []float64, unmap func(), err error) {
	nothing := func() {}
	if !little {
		values, err = npy.ReadFloats(f.Name())
		return values, nothing, err
	}
	shape, begin, err := npy.Locate(f)
	if err != nil {
		return nil, nothing, err
	}
	n := 1
	for _, m := range shape {
		n *= m
	}
	if n == 0 {
		return nil, nothing, nil
	}
	b, err := syscall.Mmap(int(f.Fd()), 0, begin+8*n, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE)
	switch {
	case errors.Is(err, syscall.ENODEV), errors.Is(err, syscall.EACCES), errors.Is(err, syscall.EPERM): // a file system without mappings
		values, err = npy.ReadFloats(f.Name())
		return values, nothing, err
	case err != nil: // no memory is left, or no mapping: reading would not help
		return nil, nothing, fmt.Errorf("%s cannot be mapped into memory: %w", f.Name(), err)
	}
	// The data begins at a multiple of 64 bytes.
	return unsafe.Slice((*float64)(unsafe.Pointer(&b[begin])), n), func() { _ = syscall.Munmap(b) }, nil
}
