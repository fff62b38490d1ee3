// Package process starts programs that do not outlive the one that started them.
//
// Each program leads a process group of its own: signals go to the group, so
// that they reach its compilers, cells and shells too, and what is left of the
// group is killed when the program ends. On Linux the program also gets a
// SIGTERM when its parent dies without saying so (kill -9).
package process

import (
	"os/exec"
	"runtime"
)

// Process is a started program.
type Process struct {
	cmd  *exec.Cmd
	done chan struct{}
	err  error
}

// Start starts cmd as the leader of a process group. It sets cmd.SysProcAttr.
func Start(cmd *exec.Cmd) (*Process, error) {
	p := &Process{cmd: cmd, done: make(chan struct{})}
	setGroup(cmd)
	started := make(chan error, 1)
	go func() {
		// Linux sends the death signal when the *thread* that started the
		// program ends: keep that thread for as long as the program lives.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		p.err = cmd.Wait()
		p.Kill()
		close(p.done)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

// Done is closed when the program has ended and the rest of its group was killed.
func (p *Process) Done() <-chan struct{} { return p.done }

// Err waits for the end of the program and returns how it ended, nil for exit status 0.
func (p *Process) Err() error {
	<-p.done
	return p.err
}

// Interrupt sends SIGINT to the whole group.
func (p *Process) Interrupt() { interruptGroup(p.cmd) }

// Kill kills the whole group.
func (p *Process) Kill() { killGroup(p.cmd) }
