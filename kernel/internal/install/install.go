// Package install puts the kernel "nnfield (Go)" where Jupyter finds it.
//
// An installation is one directory, the kernelspec's, which holds everything of
// its own: kernel.json, logos, a copy of this program that starts the kernel
// (see package launcher), what the launcher needs to know, and the scripts that
// interactive charts load from there. It is put in place whole by a rename and
// removed by removing the directory.
package install

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/nnfield/nnfield/internal/echarts"
	"github.com/nnfield/nnfield/kernel/internal/toolchain"
)

// The kernelspec as Jupyter names and shows it.
const (
	Name    = "nnfield"
	Display = "nnfield (Go)"
)

// Files of the kernelspec's directory.
const (
	specFile     = "kernel.json"
	recordFile   = "nnfield.json"
	launcherFile = "nnfield"
)

// Spec is kernel.json.
type Spec struct {
	Argv          []string       `json:"argv"`
	DisplayName   string         `json:"display_name"`
	Language      string         `json:"language"`
	InterruptMode string         `json:"interrupt_mode"`
	Metadata      map[string]any `json:"metadata"`
}

// Record is what an installation knows of itself.
type Record struct {
	Version   string               `json:"version"` // of nnfield
	Toolchain *toolchain.Toolchain `json:"toolchain"`
}

// Write installs the kernel into dir, a kernelspec's directory (see [SpecDir]).
// program is the path of this program, which is copied: under `go tool` it is a
// temporary file. An earlier installation is replaced; another kernel of that
// name is not, and is an error.
func Write(dir, program string, r Record) error {
	if err := ours(dir); err != nil {
		return err
	}
	// Outside of kernels/, so that Jupyter never lists what is half written.
	data := filepath.Dir(filepath.Dir(dir))
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return writeError(err)
	}
	tmp, err := os.MkdirTemp(data, ".nnfield-*")
	if err != nil {
		return writeError(err)
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	next, last := filepath.Join(tmp, "next"), filepath.Join(tmp, "last")
	if err := fill(next, dir, program, r); err != nil {
		return writeError(err)
	}
	if err := os.Rename(dir, last); err != nil && !errors.Is(err, os.ErrNotExist) {
		return writeError(err)
	}
	if err := os.Rename(next, dir); err != nil {
		return writeError(errors.Join(err, os.Rename(last, dir)))
	}
	return nil
}

// fill makes the directory whose final place is dir.
func fill(next, dir, program string, r Record) error {
	files, err := logos()
	if err != nil {
		return err
	}
	scripts, err := echarts.Scripts()
	if err != nil {
		return err
	}
	for _, s := range scripts {
		files[s.File] = s.Data
	}
	for name, content := range map[string]any{
		recordFile: r,
		specFile: Spec{
			Argv:        []string{filepath.Join(dir, launcherFile), "kernel", "{connection_file}"},
			DisplayName: Display,
			Language:    "go",
			// An interrupt by message waits for a stuck build; a signal stops it.
			InterruptMode: "signal",
			Metadata:      map[string]any{"nnfield": r.Version},
		},
	} {
		if files[name], err = json.MarshalIndent(content, "", "  "); err != nil {
			return err
		}
	}
	if err := os.Mkdir(next, 0o755); err != nil {
		return err
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(next, name), content, 0o644); err != nil {
			return err
		}
	}
	return copyFile(filepath.Join(next, launcherFile), program)
}

func copyFile(to, from string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o755)
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	return errors.Join(err, target.Sync(), target.Close())
}

// ours refuses a kernelspec of the name that we have not written.
func ours(dir string) error {
	if _, err := os.Lstat(dir); err != nil {
		return nil // nothing there
	}
	if _, err := os.Stat(filepath.Join(dir, recordFile)); err != nil {
		return fmt.Errorf("%s was not written by nnfield; move it away and try again", dir)
	}
	return nil
}

// Remove removes the installation in dir and tells whether there was one.
func Remove(dir string) (removed bool, err error) {
	if err := ours(dir); err != nil {
		return false, err
	}
	if _, err := os.Lstat(dir); err != nil {
		return false, nil
	}
	if err := os.RemoveAll(dir); err != nil {
		return false, fmt.Errorf("the kernel cannot be removed: %w; remove %s as its owner", err, dir)
	}
	return true, nil
}

// ReadSpec reads the kernelspec in dir.
func ReadSpec(dir string) (Spec, error) {
	var s Spec
	err := readJSON(filepath.Join(dir, specFile), &s)
	if err == nil && len(s.Argv) == 0 {
		err = fmt.Errorf("%s names no program; run nnfield install again", filepath.Join(dir, specFile))
	}
	return s, err
}

// ReadRecord reads what the installation in dir knows of itself.
func ReadRecord(dir string) (Record, error) {
	var r Record
	err := readJSON(filepath.Join(dir, recordFile), &r)
	if err == nil && r.Toolchain == nil {
		err = fmt.Errorf("%s names no toolchain; run nnfield install again", filepath.Join(dir, recordFile))
	}
	return r, err
}

func readJSON(path string, v any) error {
	data, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(data, v)
	}
	if err != nil {
		return fmt.Errorf("%s cannot be read: %w; run nnfield install again", path, err)
	}
	return nil
}

func writeError(err error) error {
	return fmt.Errorf("the kernel cannot be installed: %w; choose with --prefix a directory where you may write", err)
}
