package kernel

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strconv"
	"testing"
)

// Must hands on a value, or ends the process with one sentence and status 1.
func TestMust(t *testing.T) {
	if os.Getenv("NNFIELD_TEST_MUST") != "" {
		Must(strconv.Atoi("7"))
		Check(nil)
		Must(0, errors.New("Mass(-1): too light"))
		return
	}
	if v := Must(strconv.Atoi("7")); v != 7 {
		t.Errorf("Must returned %d", v)
	}
	c := exec.Command(os.Args[0], "-test.run", "TestMust$")
	c.Env = append(os.Environ(), "NNFIELD_TEST_MUST=1")
	var stderr bytes.Buffer
	c.Stderr = &stderr
	var exit *exec.ExitError
	if err := c.Run(); !errors.As(err, &exit) || exit.ExitCode() != 1 || stderr.String() != "Mass(-1): too light\n" {
		t.Errorf("it ended with %v and said %q", err, stderr.String())
	}
}
