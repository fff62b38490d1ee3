// Package launcher starts the kernel in place of this process.
//
// A notebook server starts the copy of nnfield that lies beside kernel.json. The
// launcher gives it the environment that was recorded when it was installed,
// whatever the server's own is (a server started from a desktop has no PATH of a
// shell), sees to it that the kernel dies with the server, gives it a directory
// for temporary files that later launchers can clear away, and becomes GoNB: the
// process stays the same, so signals reach it.
package launcher

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/nnfield/nnfield/kernel/internal/install"
)

// Become makes this process the kernel of the installation in dir. It returns
// only errors.
func Become(dir, connectionFile string) error {
	r, err := install.ReadRecord(dir)
	if err != nil {
		return err
	}
	if err := r.Toolchain.Check(); err != nil {
		return err
	}
	tmp, err := temporary()
	if err != nil {
		return fmt.Errorf("no temporary directory for the kernel: %w; set TMPDIR to a directory where you may write", err)
	}
	argv := r.Toolchain.Kernel()
	for i := range argv {
		argv[i] = strings.ReplaceAll(argv[i], "{connection_file}", connectionFile)
	}
	return fmt.Errorf("the kernel cannot be started: %w; run nnfield install again", become(argv, append(r.Toolchain.Env(), "TMPDIR="+tmp)))
}

// pattern is that of the kernels' temporary directories.
const pattern = "nnfield-kernel-*"

// temporary makes a directory for temporary files and removes those of kernels
// that died without a chance to. The kernel and all that it starts inherit an
// open lock on theirs; what nobody has locked is nobody's.
func temporary() (string, error) {
	old, _ := filepath.Glob(filepath.Join(os.TempDir(), pattern))
	for _, dir := range old {
		if f, err := lock(dir); err == nil {
			_ = os.RemoveAll(dir)
			_ = f.Close()
		}
	}
	// Locked before it has its name: no other launcher may find it unlocked.
	hidden, err := os.MkdirTemp("", ".nnfield-kernel-*")
	if err != nil {
		return "", err
	}
	f, err := lock(hidden)
	if err == nil {
		err = inherit(f)
	}
	dir := filepath.Join(os.TempDir(), strings.TrimPrefix(filepath.Base(hidden), "."))
	if err == nil {
		err = os.Rename(hidden, dir)
	}
	if err != nil {
		return "", errors.Join(err, os.RemoveAll(hidden))
	}
	return dir, nil
}
