//go:build !linux && !darwin

package launcher

import (
	"errors"
	"os"
)

var errSystem = errors.New("GoNB runs on Linux and macOS only")

func become(argv, env []string) error   { return errSystem }
func lock(dir string) (*os.File, error) { return nil, errSystem }
func inherit(f *os.File) error          { return errSystem }
