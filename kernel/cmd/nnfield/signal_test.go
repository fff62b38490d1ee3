//go:build unix

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nnfield/nnfield/kernel/internal/interrupt"
)

// A signal ends a run with status 130, what was recorded and a manifest that says why it
// stopped.
func TestSignals(t *testing.T) {
	asCommand()
	dir := t.TempDir()
	path := longPacket(t, dir, "3e7")
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		out := filepath.Join(dir, s.String())
		c, said := process("TestSignals", "simulate", path, "-o", out)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		for range 500 { // until it has begun
			if _, err := os.Stat(out); err == nil {
				break
			}
			time.Sleep(10 * time.Millisecond)
		}
		began := time.Now()
		if err := c.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
		_ = c.Wait()
		if took := time.Since(began); took > 5*time.Second || c.ProcessState.ExitCode() != interrupt.Status {
			t.Errorf("%v: status %d after %v: %s", s, c.ProcessState.ExitCode(), took, said)
		}
		manifest, err := os.ReadFile(filepath.Join(out, "manifest.json"))
		if err != nil || !bytes.Contains(manifest, []byte(`"reason": "cancelled"`)) {
			t.Errorf("%v: %v: %s", s, err, manifest)
		}
	}
}

// asCommand is nnfield itself in the processes that process makes.
func asCommand() {
	if os.Getenv("NNFIELD_TEST_COMMAND") != "" {
		os.Args = append(os.Args[:1], os.Args[2:]...) // without -test.run
		main()
		os.Exit(0)
	}
}

func process(test string, args ...string) (*exec.Cmd, *bytes.Buffer) {
	c := exec.Command(os.Args[0], append([]string{"-test.run=^" + test + "$"}, args...)...)
	c.Env = append(os.Environ(), "NNFIELD_TEST_COMMAND=1")
	said := new(bytes.Buffer)
	c.Stdout, c.Stderr = said, said
	return c, said
}

// longPacket writes docs/packet.json with a longer time, as an editor on Windows does.
func longPacket(t *testing.T, dir, until string) string {
	t.Helper()
	spec, err := os.ReadFile("../../../docs/packet.json")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "long.json")
	long := strings.NewReplacer(`"until": 30`, `"until": `+until, `"count": 301`, `"count": 3001`, "\n", "\r\n").Replace("\ufeff" + string(spec))
	if err := os.WriteFile(path, []byte(long), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// A run that is stopped or killed goes on where it was when the command is given again, and
// ends with the bytes of one that was not.
func TestResume(t *testing.T) {
	asCommand()
	dir := t.TempDir()
	path := longPacket(t, dir, "1e6")
	whole, out := filepath.Join(dir, "whole"), filepath.Join(dir, "resumed")
	if c, said := process("TestResume", "simulate", path, "-o", whole); c.Run() != nil {
		t.Fatal(said)
	}
	t.Setenv("NNFIELD_STORE", filepath.Join(dir, "store"))
	stopped := 0.0
	for _, s := range []syscall.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGKILL} {
		c, said := process("TestResume", "simulate", path, "-o", out, "--resume")
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(600 * time.Millisecond)
		if err := c.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
		if c.Wait() == nil {
			t.Fatalf("%v: done before it was stopped: %s", s, said)
		}
		if _, err := os.Stat(out); err == nil {
			t.Errorf("%v: arrays of half a run", s)
		}
		if s == syscall.SIGKILL {
			break // it says nothing, and the checkpoint of the stop before is what stands
		}
		var now float64
		if _, err := fmt.Sscanf(said.String(), "stopped at t = %g of 1e+06; run it again to continue", &now); err != nil || now <= stopped {
			t.Errorf("%v: %v, after a stop at t = %g: %s", s, err, stopped, said)
		}
		stopped = now
	}
	if c, said := process("TestResume", "simulate", path, "-o", out, "--resume"); c.Run() != nil {
		t.Fatal(said)
	}
	arrays, err := filepath.Glob(filepath.Join(whole, "*.npy"))
	if err != nil || len(arrays) < 4 {
		t.Fatal(arrays, err)
	}
	for _, a := range arrays {
		want, err := os.ReadFile(a)
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(out, filepath.Base(a)))
		if err != nil || !bytes.Equal(want, got) {
			t.Errorf("%s: other bytes (%v)", filepath.Base(a), err)
		}
	}
}
