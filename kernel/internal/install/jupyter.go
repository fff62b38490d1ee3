package install

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// DataDir returns the user's directory for Jupyter's data, as Jupyter finds it:
// JUPYTER_DATA_DIR, else ~/Library/Jupyter on macOS, else jupyter in
// XDG_DATA_HOME or ~/.local/share.
func DataDir() (string, error) {
	if dir := os.Getenv("JUPYTER_DATA_DIR"); dir != "" {
		return filepath.Abs(dir)
	}
	if dir := os.Getenv("XDG_DATA_HOME"); dir != "" && runtime.GOOS != "darwin" {
		return filepath.Join(dir, "jupyter"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", errors.New("no home directory for Jupyter's data; set HOME, or JUPYTER_DATA_DIR, or use --prefix")
	}
	if runtime.GOOS == "darwin" {
		return filepath.Join(home, "Library", "Jupyter"), nil
	}
	return filepath.Join(home, ".local", "share", "jupyter"), nil
}

// SearchPath returns the directories in which Jupyter looks for data, the first
// before the others: JUPYTER_PATH, the user's, that of the active virtual or
// conda environment, the system's.
func SearchPath() []string {
	var dirs []string
	add := func(dir string) {
		if dir = strings.TrimRight(dir, string(filepath.Separator)); dir != "" && !slices.Contains(dirs, dir) {
			dirs = append(dirs, dir)
		}
	}
	for _, dir := range filepath.SplitList(os.Getenv("JUPYTER_PATH")) {
		add(dir)
	}
	if dir, err := DataDir(); err == nil {
		add(dir)
	}
	for _, variable := range []string{"VIRTUAL_ENV", "CONDA_PREFIX"} {
		if prefix := os.Getenv(variable); prefix != "" {
			add(filepath.Join(prefix, "share", "jupyter"))
		}
	}
	add("/usr/local/share/jupyter")
	add("/usr/share/jupyter")
	return dirs
}

// SpecDir returns the directory of the kernelspec below a directory of data.
func SpecDir(data string) string { return filepath.Join(data, "kernels", Name) }

// Find returns the directory of the kernelspec that Jupyter takes, searching
// dirs in their order, and whether there is one.
func Find(dirs []string) (dir string, found bool) {
	for _, data := range dirs {
		if _, err := os.Stat(filepath.Join(SpecDir(data), specFile)); err == nil {
			return SpecDir(data), true
		}
	}
	return "", false
}
