//go:build unix && !linux

package process

import "syscall"

// Only Linux can bind the life of a child to its parent's.
func dieWithParent(*syscall.SysProcAttr) {}
