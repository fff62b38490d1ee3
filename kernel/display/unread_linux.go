package display

import (
	"os"
	"syscall"
	"unsafe"
)

// unread returns how many bytes of a pipe nobody has read yet, 0 for another file.
func unread(f *os.File) int {
	var n int32
	if _, _, err := syscall.Syscall(syscall.SYS_IOCTL, f.Fd(), syscall.TIOCINQ, uintptr(unsafe.Pointer(&n))); err != 0 {
		return 0
	}
	return int(n)
}
