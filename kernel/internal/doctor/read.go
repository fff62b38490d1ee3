package doctor

import (
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"

	"golang.org/x/mod/modfile"
)

func readInfo(path string) (*debug.BuildInfo, error) { return buildinfo.ReadFile(path) }

// requirement returns the version of a module that a go.mod requires, "" if none.
func requirement(path, module string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	f, err := modfile.Parse(path, data, nil)
	if err != nil {
		return ""
	}
	for _, r := range f.Require {
		if r.Mod.Path == module {
			return r.Mod.Version
		}
	}
	return ""
}

// dataDirs returns the directories of data that `jupyter --paths --json` tells.
func dataDirs(out []byte) ([]string, error) {
	var paths struct{ Data []string }
	if err := json.Unmarshal(out, &paths); err != nil {
		return nil, err
	}
	if len(paths.Data) == 0 {
		return nil, errors.New("no directories")
	}
	return paths.Data, nil
}

// lookPath finds a program in the PATH of an environment.
func lookPath(env []string, name string) (string, error) {
	for _, kv := range env {
		if list, ok := strings.CutPrefix(kv, "PATH="); ok {
			for _, dir := range filepath.SplitList(list) {
				if path, err := exec.LookPath(filepath.Join(dir, name)); err == nil {
					return path, nil
				}
			}
		}
	}
	return "", exec.ErrNotFound
}
