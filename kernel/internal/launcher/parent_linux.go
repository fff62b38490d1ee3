package launcher

import "syscall"

// dieWithParent asks for a SIGTERM when the thread that started this process
// ends: a notebook server that was killed leaves no kernel behind. The request
// outlives exec.
func dieWithParent() {
	_, _, _ = syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_SET_PDEATHSIG, uintptr(syscall.SIGTERM), 0)
}
