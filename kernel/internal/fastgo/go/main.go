// Command go stands before the real go command in the PATH of the kernel; see
// package fastgo.
package main

import (
	"os"

	"github.com/nnfield/nnfield/kernel/internal/fastgo"
)

func main() { os.Exit(fastgo.Main(os.Args[1:])) }
