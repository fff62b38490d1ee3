// Package lab opens Jupyter with the tutorials.
package lab

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/nnfield/nnfield/internal/atomicfile"
	"github.com/nnfield/nnfield/kernel/internal/install"
	"github.com/nnfield/nnfield/kernel/internal/notebook"
	"github.com/nnfield/nnfield/notebooks"
)

// Tutorial is a notebook that comes with nnfield.
type Tutorial struct {
	Name  string `json:"name"` // of its file
	Title string `json:"title"`
}

// Tutorials returns the tutorials in their order.
func Tutorials() ([]Tutorial, error) {
	names, err := fs.Glob(notebooks.FS, "*.ipynb")
	if err != nil {
		return nil, err
	}
	var all []Tutorial
	for _, name := range names {
		data, err := notebooks.FS.ReadFile(name)
		if err != nil {
			return nil, err
		}
		nb, err := notebook.Parse(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all = append(all, Tutorial{name, title(nb)})
	}
	return all, nil
}

// title returns the first heading of a notebook.
func title(nb *notebook.Notebook) string {
	for _, c := range nb.Cells {
		if c.Kind() != notebook.Markdown {
			continue
		}
		for line := range strings.Lines(c.Source()) {
			if heading, ok := strings.CutPrefix(line, "# "); ok {
				return strings.TrimSpace(heading)
			}
		}
	}
	return ""
}

// CopyTutorials copies the tutorials into a directory and returns the paths of
// those that it has copied. A file that is there stays as it is: it may hold
// somebody's work.
func CopyTutorials(dir string) (copied []string, err error) {
	all, err := Tutorials()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("the tutorials cannot be copied: %w; choose a directory where you may write", err)
	}
	for _, t := range all {
		path := filepath.Join(dir, t.Name)
		if _, err := os.Lstat(path); err == nil {
			continue
		}
		data, err := notebooks.FS.ReadFile(t.Name)
		if err != nil {
			return copied, err
		}
		if err := atomicfile.Write(path, data); err != nil {
			return copied, err
		}
		copied = append(copied, path)
	}
	return copied, nil
}

// FrontEnd is a notebook server that was found.
type FrontEnd struct {
	Path string
	root string // its option for the directory that it serves
}

// FindFrontEnd returns JupyterLab, or else Jupyter Notebook.
func FindFrontEnd() (FrontEnd, error) {
	for _, f := range []FrontEnd{{"jupyter-lab", "--ServerApp.root_dir="}, {"jupyter-notebook", "--notebook-dir="}} {
		if path, err := exec.LookPath(f.Path); err == nil {
			return FrontEnd{path, f.root}, nil
		}
	}
	return FrontEnd{}, errors.New("neither jupyter-lab nor jupyter-notebook is in PATH; install one of them: apt-get install jupyter-notebook (Debian, Ubuntu), pip install jupyterlab, or conda install jupyterlab; without any, nnfield run executes notebooks")
}

// Command returns the command line that serves a directory to this machine
// only, unless more names another address, behind Jupyter's own token, with our
// kernel for new notebooks.
func (f FrontEnd) Command(dir string, more ...string) []string {
	own := []string{f.Path, f.root + dir, "--MultiKernelManager.default_kernel_name=" + install.Name}
	if !slices.ContainsFunc(more, func(o string) bool { return strings.HasPrefix(o, "--ip=") }) {
		own = append(own, "--ip=127.0.0.1") // Jupyter takes one address only
	}
	return append(own, more...)
}

// Trust marks notebooks as our own, so that their charts can be moved and zoomed
// before they are executed. Where jupyter-trust is missing they show pictures.
func Trust(paths []string) {
	if program, err := exec.LookPath("jupyter-trust"); err == nil && len(paths) > 0 {
		_ = exec.Command(program, paths...).Run()
	}
}

// Become makes this process the notebook server, which has the terminal then:
// it asks there whether Ctrl-C is meant. It returns only errors.
func Become(argv []string) error {
	err := syscall.Exec(argv[0], argv, os.Environ())
	return fmt.Errorf("%s cannot be started: %w; install it again", argv[0], err)
}
