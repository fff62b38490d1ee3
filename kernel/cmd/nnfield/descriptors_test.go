//go:build unix

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nnfield/nnfield/nnfield"
)

// More runs than descriptors are verified one after the other, and a pipe in the place
// of a manifest is waited for by none of the commands.
func TestRunsWithFewDescriptors(t *testing.T) {
	const many = 40
	if args := os.Getenv("NNFIELD_TEST_RUNS"); args != "" {
		if args == "runs compute" { // so that it is this process that has them open
			for i := range many {
				stored(t, nnfield.KleinGordon().Ring(16, 4).Mass(1+float64(i)).Packet(nnfield.Width(0.5)).Until(0.5))
			}
			return
		}
		out, err := command(t, strings.Fields(args)...)
		if err != nil {
			t.Fatal(out, err)
		}
		t.Log(out)
		return
	}
	dir := filepath.Join(t.TempDir(), "store")
	t.Setenv("NNFIELD_STORE", dir)
	nnfieldUnder := func(limit string, args ...string) (string, error) {
		c := exec.Command("sh", "-c", "ulimit -n "+limit+`; exec "$0" -test.run='^TestRunsWithFewDescriptors$' -test.v`, os.Args[0])
		c.Env = append(os.Environ(), "NNFIELD_TEST_RUNS="+strings.Join(append([]string{"runs"}, args...), " "))
		out, err := c.CombinedOutput()
		return string(out), err
	}
	if out, err := nnfieldUnder("200", "compute"); err != nil {
		t.Fatal(err, out)
	}
	ids, err := os.ReadDir(filepath.Join(dir, "runs"))
	if err != nil || len(ids) != many {
		t.Fatal(err, len(ids))
	}
	if out, err := nnfieldUnder("24", "verify"); err != nil || !strings.Contains(out, "40 runs are as they were stored") {
		t.Errorf("%v: %s", err, out)
	}
	for _, few := range []string{"8", "9"} { // the Go runtime itself needs six
		if out, err := nnfieldUnder(few, "verify"); strings.Contains(out, "damaged") || err != nil && !strings.Contains(out, "too many open files") {
			t.Errorf("with %s descriptors: %v: %s", few, err, out)
		}
	}
	pipe := filepath.Join(dir, "runs", ids[0].Name(), "manifest.json")
	if err := os.Remove(pipe); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(pipe, 0o666); err != nil {
		t.Skip(err) // not every file system holds pipes
	}
	began := time.Now()
	if out, err := nnfieldUnder("200", "list"); err != nil || !strings.Contains(out, "cannot be read; see nnfield runs verify") {
		t.Errorf("%v: %s", err, out)
	}
	if out, err := nnfieldUnder("200", "verify"); err == nil || !strings.Contains(out, "1 of 40 runs are damaged") {
		t.Errorf("%v: %s", err, out)
	}
	if out, err := nnfieldUnder("200", "rm", ids[0].Name()[:8]); err != nil {
		t.Errorf("%v: %s", err, out)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("%v: somebody waited", took)
	}
	if left, _ := os.ReadDir(filepath.Join(dir, "runs")); len(left) != many-1 {
		t.Errorf("%d runs are left", len(left))
	}
}
