// Package kernel is the notebook side of nnfield: what turns GoNB, the Jupyter
// kernel for Go, into this project's notebook.
//
// GoNB compiles every cell into a new program, so that values do not survive
// from cell to cell. [Run] makes up for that: it returns the run of a simulation
// from a store on the disk, or computes it once. The idiom for what later cells
// need is a function, which costs nothing until a cell calls it:
//
//	func run() *nnfield.Run { return kernel.Run(kg.Until(30)) }
//
// The stop button leaves a labelled part of the run, and running the cell again
// goes on; [Preview] shows a figure meanwhile. [Keep] stores any other value.
//
// The store is the directory .nnfield beside the notebook. Two environment
// variables change that: NNFIELD_STORE names another directory, NNFIELD_STORE_GB
// how many gigabytes it keeps at most (20). nnfield runs looks after it.
//
// [github.com/nnfield/nnfield/kernel/display] sends figures and tables to the
// notebook. The command in kernel/cmd/nnfield executes notebooks.
package kernel
