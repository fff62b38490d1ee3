// Command gen writes the AVX2 and AVX-512 kernels of the packages beside it and their
// Go declarations, one set of kernels a run:
//
//	go run . -set rows -out ../stencil/rows_amd64.s -stubs ../stencil/rows_amd64.go -pkg stencil
//
// as go generate does in these packages. It is a module of its own, so that the house
// does not need avo.
package main

import (
	"flag"
	"fmt"
	"log"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"

	. "github.com/mmcloughlin/avo/build"
)

// sets are the kernels of one file each, those whose names end in 512 for AVX-512.
var sets = map[string]func(){
	"processor": processor,
	"rows":      rows,
	"rows512":   rowsWide,
}

func main() {
	log.SetFlags(0)
	set := flag.String("set", "", "which kernels: "+strings.Join(slices.Sorted(maps.Keys(sets)), ", "))
	flag.Parse()
	emit, ok := sets[*set]
	if !ok {
		log.Fatalf("-set %q; use one of %v", *set, slices.Sorted(maps.Keys(sets)))
	}
	ConstraintExpr("amd64")
	emit()
	Generate()
	if out := flag.Lookup("out").Value.String(); out != "" {
		if err := check(out, strings.HasSuffix(*set, "512")); err != nil {
			log.Fatal(err)
		}
	}
}

// fused are multiplications that round once where Go code rounds twice.
var fused = regexp.MustCompile(`\bVFN?M`)

// beyond are the registers that AVX2 does not have. When 16 do not suffice avo
// takes them without a word, and some of such instructions assemble.
var beyond = regexp.MustCompile(`\b[XY](1[6-9]|2[0-9]|3[01])\b|\bZ[0-9]`)

// check looks for what must not be in an assembly file.
func check(file string, wide bool) error {
	code, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if bad := fused.Find(code); bad != nil {
		return fmt.Errorf("%s: it has %s", file, bad)
	}
	if bad := beyond.Find(code); bad != nil && !wide {
		return fmt.Errorf("%s: it has %s; unroll the kernel less, or keep constants in memory", file, bad)
	}
	return nil
}
