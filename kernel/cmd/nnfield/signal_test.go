//go:build unix

package main

import (
	"bytes"
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
	if os.Getenv("NNFIELD_TEST_SIGNAL") != "" {
		os.Args = append(os.Args[:1], os.Args[2:]...) // without -test.run
		main()
		return
	}
	dir := t.TempDir()
	spec, err := os.ReadFile("../../../docs/packet.json")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "long.json")
	long := strings.NewReplacer(`"until": 30`, `"until": 3e7`, `"count": 301`, `"count": 3001`).Replace(string(spec))
	if err := os.WriteFile(path, []byte(long), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, s := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		out := filepath.Join(dir, s.String())
		c := exec.Command(os.Args[0], "-test.run=^TestSignals$", "simulate", path, "-o", out)
		c.Env = append(os.Environ(), "NNFIELD_TEST_SIGNAL=1")
		var said bytes.Buffer
		c.Stdout, c.Stderr = &said, &said
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
			t.Errorf("%v: status %d after %v: %s", s, c.ProcessState.ExitCode(), took, &said)
		}
		manifest, err := os.ReadFile(filepath.Join(out, "manifest.json"))
		if err != nil || !bytes.Contains(manifest, []byte(`"reason": "cancelled"`)) {
			t.Errorf("%v: %v: %s", s, err, manifest)
		}
	}
}
