// Command nnfield is the command line of the project.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/nnfield/nnfield/kernel/internal/jupyter"
	"github.com/nnfield/nnfield/kernel/internal/toolchain"
)

func main() {
	t0 := time.Now()
	t, err := toolchain.Prepare(context.Background(), os.Stderr)
	fmt.Println(err, time.Since(t0))
	k, err := jupyter.Start(context.Background(), jupyter.Command{Argv: t.Kernel(), Dir: os.TempDir(), Env: t.Env})
	fmt.Println("start", err, time.Since(t0))
	for _, code := range os.Args[1:] {
		t1 := time.Now()
		r, err := k.Execute(context.Background(), code, 8*time.Second)
		fmt.Printf("%v %v\n", err, time.Since(t1))
		fmt.Printf("%+v\n", r)
	}
	t1 := time.Now()
	k.Close()
	fmt.Println("close", time.Since(t1))
}
