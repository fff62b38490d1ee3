//go:build !unix

package process

import (
	"os"
	"os/exec"
)

// Systems without process groups: signals reach the program itself.

func setGroup(*exec.Cmd) {}

func interruptGroup(cmd *exec.Cmd) { _ = cmd.Process.Signal(os.Interrupt) }

func killGroup(cmd *exec.Cmd) { _ = cmd.Process.Kill() }
