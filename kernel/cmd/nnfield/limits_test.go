//go:build unix

package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Under 2 GB of address space whatever asks for more is refused within seconds, in one
// sentence that says what it would need, and never by a trace.
func TestRefusedBeforeItIsBegun(t *testing.T) {
	if args := os.Getenv("NNFIELD_TEST_LIMITS"); args != "" {
		if err := newRoot().ExecuteContext(t.Context()); err != nil {
			os.Stdout.WriteString("refused: " + err.Error() + "\n")
		}
		return
	}
	b, err := os.ReadFile("../../../docs/packet.json")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	type object = map[string]any
	change := func(f func(model, simulation object)) string {
		var spec object
		if err := json.Unmarshal(b, &spec); err != nil {
			t.Fatal(err)
		}
		f(spec["model"].(object), spec["simulation"].(object))
		changed, err := json.Marshal(spec)
		if err != nil {
			t.Fatal(err)
		}
		return string(changed)
	}
	axis := func(model object) object { return model["lattice"].(object)["axes"].([]any)[0].(object) }
	long := func(frames object) string {
		return change(func(_, s object) { s["until"], s["step"], s["frames"] = 1e12, 0.01, frames })
	}
	pipe := filepath.Join(dir, "pipe.json")
	if err := syscall.Mkfifo(pipe, 0o666); err != nil {
		t.Skip(err) // not every file system holds pipes
	}
	for name, c := range map[string]struct{ spec, want string }{
		"count of 1e14 steps": {long(object{"count": 1000000000000}), "Frames: Count(1000000000000): 1e+12 records in 100000000000000 steps; at most 1e+07 are kept"},
		"every of 1e14 steps": {long(object{"every": 1}), "Frames: Every(1): 1e+14 records"},
		"every time":          {long(object{"every_time": 0.01}), "Frames: EveryTime(0.01): 1e+14 records"},
		"count":               {change(func(_, s object) { s["frames"] = object{"count": 1000000000000} }), ""},
		"logarithmic":         {change(func(_, s object) { s["frames"] = object{"logarithmic": 1000000000000} }), ""},
		"2³¹ sites":           {change(func(m, s object) { axis(m)["sites"] = 1 << 31; s["step"] = 1e-9 }), "a run on 2147483648 sites would take 137 GB of memory, and this process may take"},
		"10⁸ sites":           {change(func(m, s object) { axis(m)["sites"] = 100000000; s["step"] = 1e-8 }), "a run on 100000000 sites would take 6.4 GB of memory"},
		"10⁶ sites, a packet": {change(func(m, s object) { axis(m)["sites"] = 1 << 21; s["step"] = 1e-6 }), "of memory, and this process may take"},
		"a disk full": {change(func(m, s object) {
			axis(m)["sites"], axis(m)["length"], m["initial"], s["until"], s["step"], s["frames"] = 100000, 40000, []any{}, 5e3, 1e-3, object{"every": 1}
		}), "Frames: 5000001 of 1.6 MB each would take 8 TB, and the disk of"},
		"many packets": {change(func(m, _ object) { m["initial"] = repeat(m["initial"].([]any), 5000) }), "initial: 5000 contributions; at most 4096"},
		"deep":         {strings.Repeat("[", 9900) + strings.Repeat("]", 9900), "line 1: nested deeper than 64"},
		"deep within":  {change(func(m, _ object) { m["initial"] = json.RawMessage(strings.Repeat("[", 70) + strings.Repeat("]", 70)) }), "nested deeper than 64"},
		"a long name":  {change(func(m, _ object) { m["theory"] = strings.Repeat("x", 3000000) }), "a string of 3000000 bytes; it may have 65536"},
		"a long file":  {strings.Repeat(" ", 5000000), "it has 5000000 bytes; at most 4194304 are read"},
		"a pipe":       {pipe, "it is not a regular file"},
		"a device":     {"/dev/zero", "it is not a regular file"},
		"a directory":  {dir, "is a directory"},
	} {
		path := c.spec
		if !filepath.IsAbs(path) {
			path = filepath.Join(dir, strings.ReplaceAll(name, " ", "-")+".json")
			if err := os.WriteFile(path, []byte(c.spec), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		out := filepath.Join(dir, "out "+name)
		shell := exec.Command("sh", "-c", `ulimit -v 2097152; exec "$0" -test.run='^TestRefusedBeforeItIsBegun$' simulate "$1" -o "$2"`, os.Args[0], path, out)
		shell.Env = append(os.Environ(), "NNFIELD_TEST_LIMITS=1")
		began := time.Now()
		said, err := shell.CombinedOutput()
		took := time.Since(began)
		text := string(said)
		switch _, refused, _ := strings.Cut(text, "refused: "); {
		case err != nil || strings.Contains(text, "goroutine") || took > 5*time.Second: // 2 s on a quiet machine
			t.Errorf("%s: %v after %v: %.500s", name, err, took, text)
		case c.want == "" && refused != "":
			t.Errorf("%s: refused: %s", name, refused)
		case c.want != "" && (!strings.Contains(refused, c.want) || len(refused) > 700):
			t.Errorf("%s: %.700q, want %q", name, text, c.want)
		}
		if _, err := os.Stat(out); c.want != "" && err == nil {
			t.Errorf("%s: it left a directory", name)
		}
	}
}

func repeat(all []any, n int) (out []any) {
	for range n {
		out = append(out, all...)
	}
	return out
}
