package room

import (
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestRoom(t *testing.T) {
	if err := Memory("a byte", 1); err != nil {
		t.Error(err)
	}
	if err := Disk(filepath.Join(t.TempDir(), "not", "there"), "a byte", 1); err != nil {
		t.Error(err)
	}
	if runtime.GOOS != "linux" {
		return
	}
	if err := Memory("a lattice of 10²⁰ sites", 8e20); err == nil || !strings.Contains(err.Error(), "a lattice of 10²⁰ sites would take 8e+05 PB of memory, and this process may take ") {
		t.Error(err)
	}
	if err := Disk(t.TempDir(), "frames.npy", 8e18); err == nil || !strings.Contains(err.Error(), "frames.npy would take 8e+03 PB, and the disk of ") {
		t.Error(err)
	}
}

func TestBytes(t *testing.T) {
	for n, want := range map[float64]string{0: "0 B", 999: "999 B", 1000: "1 kB", 1.68e10: "16.8 GB", 999600: "1 MB"} {
		if got := Bytes(n); got != want {
			t.Errorf("%v bytes are %q, want %q", n, got, want)
		}
	}
}
