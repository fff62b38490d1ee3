// Package fastgo is a go command for the PATH of a GoNB kernel.
//
// GoNB calls go twice for each cell: `go get` and `go build -o X`. Most of their
// time goes into finding out again what the last cell's call had found out: which
// compiled packages the imports of the cell stand for. So a build by the real go
// command is recorded: what it told the compiler and the linker. Later cells with
// the same imports in the same environment are compiled and linked by the same
// commands, without it.
//
// Everything else goes to the real go command: any other arguments, any
// directory that is not GoNB's, any source that is more than plain Go, a package
// that has changed, and every build that fails, so that errors are in its words.
// NNFIELD_FAST_GO=off sends everything there.
package fastgo

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
)

// Variables of the environment.
const (
	realVariable   = "NNFIELD_GO"      // path of the real go command
	switchVariable = "NNFIELD_FAST_GO" // "off" for the real go command always
)

// Main runs the go command with arguments and returns its exit status. It
// returns at all only if it needed no real go command, or found none.
func Main(args []string) int {
	real, err := findReal()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	if os.Getenv(switchVariable) != "off" && answer(real, args) {
		return 0
	}
	err = syscall.Exec(real, append([]string{"go"}, args...), os.Environ())
	fmt.Fprintf(os.Stderr, "%s cannot be started: %v\n", real, err)
	return 1
}

// answer does what the arguments ask for if it can, and tells whether it has.
func answer(real string, args []string) bool {
	get := len(args) == 1 && args[0] == "get"
	build := len(args) == 3 && args[0] == "build" && args[1] == "-o"
	if !get && !build {
		return false
	}
	c, ok := readCell(real)
	if !ok {
		return false
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return false
	}
	path := filepath.Join(dir, "nnfield", "builds", c.key+".json")
	r, ok := load(path)
	if get {
		return ok // what has been built needs nothing
	}
	if ok {
		if built, useless := r.build(c, args[2]); !useless {
			return built
		}
	}
	return record(real, path, c, args)
}

// findReal returns the path of the real go command: what the environment says,
// or the first in PATH that is not this program.
func findReal() (string, error) {
	if path := os.Getenv(realVariable); path != "" {
		return path, nil
	}
	self, err := os.Executable()
	if err != nil {
		return "", err
	}
	me, err := os.Stat(self)
	if err != nil {
		return "", err
	}
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		path, err := exec.LookPath(filepath.Join(dir, "go"))
		if err != nil {
			continue
		}
		if other, err := os.Stat(path); err == nil && !os.SameFile(me, other) {
			return path, nil
		}
	}
	return "", errors.New("no go command in PATH; install Go 1.26 or later and put its bin directory into PATH")
}
