// Command nnfield is the command line of the project.
//
//	nnfield install           install the kernel "nnfield (Go)" for Jupyter
//	nnfield lab [DIR]         open Jupyter with it and with the tutorials
//	nnfield doctor            examine the installation, link by link
//	nnfield uninstall         remove it
//	nnfield run NOTEBOOK...   execute notebooks without Jupyter
//	nnfield runs              list, show, export and remove stored runs
//	nnfield simulate SPEC     run a Spec without a notebook
//	nnfield examples [DIR]    list the tutorials, or copy them
//	nnfield about, cite, version
//
// In a clone or in a module that has it as a tool: go tool nnfield run …
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"

	"github.com/nnfield/nnfield/kernel/internal/interrupt"
)

func main() {
	ctx, stop := interrupt.Context("nnfield: ", os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	err := newRoot().ExecuteContext(ctx)
	if err == nil {
		return
	}
	if ctx.Err() != nil && (errors.Is(err, context.Cause(ctx)) || errors.Is(err, context.Canceled)) {
		fmt.Fprintln(os.Stderr, "nnfield: interrupted")
		os.Exit(interrupt.Status)
	}
	fmt.Fprintln(os.Stderr, "nnfield:", err)
	os.Exit(1)
}
