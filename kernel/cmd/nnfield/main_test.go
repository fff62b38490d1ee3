package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// command runs the command line and returns what it printed.
func command(t *testing.T, args ...string) (string, error) {
	t.Helper()
	return execute(t.Context(), args...)
}

func TestVersion(t *testing.T) {
	out, err := command(t, "version")
	if err != nil || !strings.HasPrefix(out, "nnfield ") || !strings.Contains(out, "go1.") {
		t.Errorf("%q %v", out, err)
	}
}

// Bad arguments are refused in one sentence, before anything is built.
func TestBadArguments(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing.ipynb")
	for want, args := range map[string][]string{
		"requires at least 1 arg":         {"run"},
		"no such file":                    {"run", missing},
		"is a directory":                  {"run", t.TempDir()},
		"timeout -1s; it must not be neg": {"run", "--timeout", "-1s", missing},
		`invalid argument "soon"`:         {"run", "--timeout", "soon", missing},
		"write name=value":                {"run", "--param", "mass", missing},
		"0 digits; it must be":            {"run", "--check", "--digits", "0", missing},
		"-1 notebooks at a time":          {"run", "--jobs", "-1", missing},
		"leave it out":                    {"run", "--check", "--in-place", missing},
		"unknown flag: --nothing":         {"run", "--nothing"},
		`unknown command "nothing"`:       {"nothing"},
	} {
		out, err := command(t, args...)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: error %v, want %q", args, err, want)
		}
		if out != "" {
			t.Errorf("%v: printed %q", args, out)
		}
	}
}

func TestHelpNamesEveryFlag(t *testing.T) {
	out, err := command(t, "run", "--help")
	if err != nil {
		t.Fatal(err)
	}
	for _, flag := range []string{"-o, --output directory", "--in-place", "--keep-going", "--timeout", "--jobs n", "--param name=value", "--check", "--digits"} {
		if !strings.Contains(out, flag) {
			t.Errorf("help lacks %s:\n%s", flag, out)
		}
	}
}
