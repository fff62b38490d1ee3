//go:build unix

package regular

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestReadFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	if err := os.WriteFile(path, []byte("twelve bytes"), 0o666); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	for _, p := range []string{path, link} {
		if b, err := ReadFile(p, 12); err != nil || string(b) != "twelve bytes" {
			t.Errorf("%s: %q, %v", p, b, err)
		}
		if _, err := ReadFile(p, 11); err == nil || !strings.Contains(err.Error(), "12 bytes; at most 11") {
			t.Errorf("%s, of which 11 bytes are read: %v", p, err)
		}
	}
	if _, err := ReadFile(filepath.Join(dir, "none"), 1); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file that is not there: %v", err)
	}
}

// Nothing but a regular file is opened, and nothing is waited for.
func TestOpenRefusesOtherKinds(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o666); err != nil {
		t.Skip(err) // not every file system holds pipes
	}
	for _, path := range []string{pipe, dir, os.DevNull, "/dev/zero"} {
		began := time.Now()
		if _, err := Open(path); !errors.Is(err, ErrKind) && !errors.Is(err, syscall.EISDIR) || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", path, err)
		}
		if took := time.Since(began); took > time.Second {
			t.Errorf("%s: refused after %v", path, took)
		}
	}
}
