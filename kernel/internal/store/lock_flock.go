//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package store

import (
	"errors"
	"os"
	"syscall"
)

// lock takes the lock of an open directory without waiting. It fails with
// errBusy if another process holds it and with errNoLocks where the file system
// has none. Closing the file, and the end of the process, let it go.
func lock(f *os.File, exclusive bool) error {
	how := syscall.LOCK_SH
	if exclusive {
		how = syscall.LOCK_EX
	}
	for {
		switch err := syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB); {
		case err == nil:
			return nil
		case errors.Is(err, syscall.EINTR):
		case errors.Is(err, syscall.EWOULDBLOCK):
			return errBusy
		default: // ENOLCK, ENOTSUP, EBADF of network disks …
			return errNoLocks
		}
	}
}
