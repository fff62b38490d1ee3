package kernel

import (
	"fmt"
	"os"
	"testing"
)

// Tests have a store of their own; children of tests have that of their parent.
func TestMain(m *testing.M) {
	if os.Getenv("NNFIELD_STORE") == "" {
		dir, err := os.MkdirTemp("", "nnfield-store-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Setenv("NNFIELD_STORE", dir)
		code := m.Run()
		os.RemoveAll(dir)
		os.Exit(code)
	}
	os.Exit(m.Run())
}
