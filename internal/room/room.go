// Package room tells how much memory this process may still take and how much a disk
// has free, so that what cannot fit is refused in a sentence before it is begun: a Go
// program that gets no memory ends with a trace.
package room

import "fmt"

// Bytes writes a number of bytes: "16.8 GB".
func Bytes(n float64) string {
	for _, unit := range []string{"B", "kB", "MB", "GB", "TB", "PB"} {
		if n < 999.5 || unit == "PB" {
			return fmt.Sprintf("%.3g %s", n, unit)
		}
		n /= 1000
	}
	return ""
}

// Memory fails if this process may not take so many bytes of memory more. What needs
// them is said in words: "a field of 2³¹ sites".
func Memory(what string, bytes float64) error {
	if free, known := memory(); known && bytes > free {
		return fmt.Errorf("%s would take %s of memory, and this process may take %s", what, Bytes(bytes), Bytes(free))
	}
	return nil
}

// Disk fails if the disk of a directory, which may not be there yet, has not so many
// bytes free.
func Disk(dir, what string, bytes float64) error {
	if free, known := disk(dir); known && bytes > free {
		return fmt.Errorf("%s would take %s, and the disk of %s has %s free", what, Bytes(bytes), dir, Bytes(free))
	}
	return nil
}
