//go:build unix

package process

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// alive tells whether a process exists and is not a zombie waiting for its parent.
func alive(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return !errors.Is(err, os.ErrNotExist) // no /proc on this system: trust kill
	}
	_, after, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(after, "Z")
}

func gone(t *testing.T, pid int) {
	t.Helper()
	for end := time.Now().Add(3 * time.Second); alive(pid); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("process %d is still alive", pid)
		}
	}
}

// startPrinting starts a shell script whose first line of output is a process id.
func startPrinting(t *testing.T, script string) (*Process, int) {
	t.Helper()
	cmd := exec.Command("sh", "-c", script)
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	cmd.Stdout = in
	p, err := Start(cmd)
	in.Close()
	if err != nil {
		t.Fatal(err)
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	return p, pid
}

func TestOrphanOfAFinishedProgramIsKilled(t *testing.T) {
	p, child := startPrinting(t, "sleep 60 & echo $!")
	if err := p.Err(); err != nil {
		t.Fatal(err)
	}
	gone(t, child)
}

func TestKillReachesGrandchildren(t *testing.T) {
	p, child := startPrinting(t, "sleep 60 & echo $!; wait")
	if !alive(child) {
		t.Fatal("the child is not running: the test shows nothing")
	}
	p.Kill()
	if p.Err() == nil {
		t.Error("a killed program reported success")
	}
	gone(t, child)
}

func TestInterruptReachesGrandchildren(t *testing.T) {
	p, child := startPrinting(t, "trap 'exit 7' INT; sh -c 'trap \"exit 0\" INT; echo $$; sleep 60 & wait' & wait")
	p.Interrupt()
	var exit *exec.ExitError
	if err := p.Err(); !errors.As(err, &exit) || exit.ExitCode() != 7 {
		t.Errorf("err = %v, want the trap's exit status 7", err)
	}
	gone(t, child)
}

func TestStartOfAMissingProgram(t *testing.T) {
	if _, err := Start(exec.Command("/nonexistent/program")); err == nil {
		t.Error("no error")
	}
}

// TestMain lets the test binary play a parent that is killed without warning.
func TestMain(m *testing.M) {
	if os.Getenv("NNFIELD_TEST_PARENT") != "" {
		cmd := exec.Command("sh", "-c", "echo $$; exec sleep 60")
		cmd.Stdout = os.Stdout
		p, err := Start(cmd)
		if err != nil {
			panic(err)
		}
		<-p.Done()
		os.Exit(0)
	}
	os.Exit(m.Run())
}
