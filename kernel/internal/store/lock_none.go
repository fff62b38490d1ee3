//go:build !(linux || darwin || freebsd || netbsd || openbsd || dragonfly)

package store

import "os"

func lock(*os.File, bool) error { return errNoLocks }
