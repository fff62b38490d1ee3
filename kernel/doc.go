// Package kernel is the notebook side of nnfield: what turns GoNB, the Jupyter
// kernel for Go, into this project's notebook.
//
// [github.com/nnfield/nnfield/kernel/display] sends figures and tables to the
// notebook. The command in kernel/cmd/nnfield executes notebooks.
package kernel
