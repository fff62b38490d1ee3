package kernel

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/nnfield/simulate"
)

var kg = nnfield.KleinGordon().Ring(64, 16).Packet(nnfield.Width(1))

func TestTryRun(t *testing.T) {
	r, err := TryRun(context.Background(), kg.Until(1))
	if err != nil || r.Stop.Reason != simulate.Finished {
		t.Errorf("run %v, error %v", r, err)
	}
	if _, err := TryRun(context.Background(), kg.Mass(-1).Until(1)); err == nil || !strings.Contains(err.Error(), "Mass(-1)") {
		t.Errorf("error %v", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	r, err = TryRun(ctx, kg.Until(1e9).Frames(nnfield.Every(1<<20)))
	if !errors.Is(err, context.DeadlineExceeded) || r == nil || r.Stop.Reason != simulate.Cancelled {
		t.Errorf("run %v, error %v", r, err)
	}
}

// Run exits, so it is tried in a process of its own: this test again, with the
// name of the case in the environment.
func TestRunInACell(t *testing.T) {
	switch os.Getenv("NNFIELD_TEST_CELL") {
	case "bad":
		Run(kg.Mass(-1).Until(1))
		return
	case "long":
		r := Run(kg.Until(1e9).Frames(nnfield.Every(1 << 20)))
		os.Stdout.WriteString("partial: " + string(r.Stop.Reason))
		return
	}
	cell := func(name string) *exec.Cmd {
		c := exec.Command(os.Args[0], "-test.run=TestRunInACell")
		c.Env = append(os.Environ(), "NNFIELD_TEST_CELL="+name)
		return c
	}

	out, err := cell("bad").CombinedOutput()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 || !strings.HasPrefix(string(out), "KleinGordon: Mass(-1): ") || strings.Count(string(out), "\n") != 1 {
		t.Errorf("%v: %s", err, out)
	}

	c := cell("long")
	var said strings.Builder
	c.Stdout, c.Stderr = &said, &said
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	time.Sleep(500 * time.Millisecond)
	if err := c.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	kill := time.AfterFunc(10*time.Second, func() { _ = c.Process.Kill() })
	defer kill.Stop()
	if err := c.Wait(); err != nil || !strings.Contains(said.String(), "stopped at t = ") || !strings.Contains(said.String(), "partial: cancelled") {
		t.Errorf("%v: %s", err, said.String())
	}
}
