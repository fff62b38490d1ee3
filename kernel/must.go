package kernel

import (
	"fmt"
	"os"
)

// Must returns the value, or ends the cell with the error as one sentence on standard
// error and status 1, as [Run] does:
//
//	d := kernel.Must(geometry.Metric(net, l))
//
// It is for notebook cells. Programs look at errors themselves.
func Must[T any](value T, err error) T {
	Check(err)
	return value
}

// Check ends the cell with one sentence if there is an error, as [Must] does.
func Check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
