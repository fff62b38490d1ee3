//go:build linux || darwin || freebsd || netbsd || openbsd || dragonfly

package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
)

// machine names what locks of the files in a directory hold within, whatever the file
// system promises: one mount of one running system. Another mount of the same disk, as
// on another node, has another name.
func machine(dir string) string {
	host, _ := os.Hostname()
	boot, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "" // it cannot be told now
	} // and not there where the system is another: the name of the machine must do
	var device any
	if info, err := os.Stat(dir); err == nil {
		if s, ok := info.Sys().(*syscall.Stat_t); ok {
			device = s.Dev
		}
	}
	return hash(fmt.Sprint(host, strings.TrimSpace(string(boot)), device))[:16]
}

// openToLock opens a file such that it can be locked on a network file system, where an
// exclusive lock takes a file that is open for writing. It follows no links and waits for
// nothing.
func openToLock(name string, exclusive, create bool) (*os.File, error) {
	flags := syscall.O_NOFOLLOW | syscall.O_NONBLOCK
	if create {
		return os.OpenFile(name, flags|os.O_RDWR|os.O_CREATE, 0o666)
	}
	if exclusive {
		if f, err := os.OpenFile(name, flags|os.O_RDWR, 0); err == nil {
			return f, nil
		}
	}
	return os.OpenFile(name, flags|os.O_RDONLY, 0)
}

// notEmpty tells whether a rename failed because what has the name is there.
func notEmpty(err error) bool {
	return errors.Is(err, syscall.ENOTEMPTY) || errors.Is(err, syscall.EEXIST)
}

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
