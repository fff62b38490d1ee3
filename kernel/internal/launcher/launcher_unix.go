//go:build linux || darwin

package launcher

import (
	"os"
	"syscall"
)

// become replaces this process.
func become(argv, env []string) error {
	dieWithParent()
	return syscall.Exec(argv[0], argv, env)
}

// lock locks a directory, for as long as the file is open here or in a process
// that inherited it. It does not wait.
func lock(dir string) (*os.File, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// inherit leaves the file open in what this process becomes, under a descriptor
// of its own, as f may be closed when nobody refers to it.
func inherit(f *os.File) error {
	_, err := syscall.Dup(int(f.Fd())) // unlike f itself, not closed on exec
	return err
}
