//go:build e2e && linux

package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nnfield/nnfield/kernel/internal/doctor"
)

// TestDoctor breaks each link and sees that its line fails, and no other.
func TestDoctor(t *testing.T) {
	installed(t)
	record := filepath.Join(spec(), "nnfield.json")
	var r struct {
		Toolchain struct {
			Dir string
			Use []string
		}
	}
	data, err := os.ReadFile(record)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &r); err != nil {
		t.Fatal(err)
	}
	in := func(name string) string { return filepath.Join(r.Toolchain.Dir, filepath.FromSlash(name)) }
	bin := t.TempDir()
	script := func(name, body string) func(t *testing.T) []string {
		return func(t *testing.T) []string {
			path := filepath.Join(t.TempDir(), name)
			if err := os.WriteFile(path, []byte("#!/bin/sh\n"+body+"\n"), 0o755); err != nil {
				t.Fatal(err)
			}
			return []string{"PATH=" + filepath.Dir(path) + ":" + os.Getenv("PATH")}
		}
	}
	remove := func(path string) func(t *testing.T) []string {
		return func(t *testing.T) []string {
			aside := filepath.Join(t.TempDir(), "aside")
			if err := os.Rename(path, aside); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := os.Rename(aside, path); err != nil {
					t.Error(err)
				}
			})
			return nil
		}
	}
	edit := func(path, from, to string) func(t *testing.T) []string {
		return func(t *testing.T) []string {
			before, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			after := bytes.Replace(before, []byte(from), []byte(to), 1)
			if bytes.Equal(before, after) {
				t.Fatalf("%s has no %s", path, from)
			}
			t.Cleanup(func() {
				if err := os.WriteFile(path, before, 0o644); err != nil {
					t.Error(err)
				}
			})
			if err := os.WriteFile(path, after, 0o644); err != nil {
				t.Fatal(err)
			}
			return nil
		}
	}
	variable := func(kv string) func(t *testing.T) []string {
		return func(t *testing.T) []string { return []string{kv} }
	}
	// An nnfield without plotting: what cells import is there, but not all of it.
	hollow := filepath.Join(bin, "hollow")
	if err := errors.Join(os.Mkdir(hollow, 0o755), os.WriteFile(filepath.Join(hollow, "go.mod"), []byte("module github.com/nnfield/nnfield\n\ngo 1.26\n"), 0o644)); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		link   string
		dir    string
		damage func(t *testing.T) []string // returns variables of the environment
		remedy string
	}{
		{"", "", variable("X=y"), ""},
		{doctor.Kernelspec, "", remove(filepath.Join(spec(), "kernel.json")), "run nnfield install"},
		{doctor.Go, "", edit(record, `"go": "`, `"go": "/gone`), "install Go there"},
		{doctor.GoNB, "", remove(in("bin/gonb")), "nnfield install again"},
		{doctor.GoNB, "", edit(in("env/go.mod"), "github.com/janpfeifer/gonb v0.11.4", "github.com/janpfeifer/gonb v0.11.99"), "nnfield install again"},
		{doctor.Goimports, "", remove(in("bin/goimports")), "nnfield install again"},
		{doctor.FastGo, "", remove(in("bin/go")), "nnfield install again"},
		{doctor.Packages, "", remove(in("env/go.mod")), "restore it"},
		{doctor.Jupyter, "", script("jupyter", `echo '{"data": ["/nonexistent"]}'`), "JUPYTER_PATH"},
		{doctor.Jupyter, "", script("jupyter", "exit 1"), "install Jupyter again"},
		{doctor.Hello, "", edit(filepath.Join(spec(), "kernel.json"), spec()+"/nnfield", "/bin/false"), "nnfield install again"},
		{doctor.Figure, "", edit(record, `"`+place.root+`"`, `"`+hollow+`"`), "mend what it names"},
		{doctor.Store, "/proc", variable("X=y"), "keep notebooks where you may write"},
		{doctor.Space, "", variable("XDG_CACHE_HOME=/proc"), "free some space"},
	} {
		t.Run(c.link, func(t *testing.T) {
			cmd := nnfield("doctor", "--json")
			cmd.Dir = c.dir
			if cmd.Dir == "" {
				cmd.Dir = t.TempDir()
			}
			cmd.Env = append(cmd.Env, c.damage(t)...)
			out, err := cmd.Output()
			var lines []doctor.Line
			if err := json.Unmarshal(out, &lines); err != nil {
				t.Fatalf("%v: %s", err, out)
			}
			if (err == nil) != (c.link == "") {
				t.Errorf("status: %v", err)
			}
			for _, l := range lines {
				switch {
				case l.Name == c.link:
					if l.State != doctor.Broken || !strings.Contains(l.Detail, c.remedy) {
						t.Errorf("%+v, want it broken and %q", l, c.remedy)
					}
				case l.State == doctor.Broken:
					t.Errorf("%+v, want %s only", l, c.link)
				case c.link == "" && l.State == doctor.Skipped:
					t.Errorf("%+v of a whole installation", l)
				}
			}
		})
	}
}
