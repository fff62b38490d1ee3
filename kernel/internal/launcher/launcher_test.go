//go:build linux || darwin

package launcher

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/nnfield/nnfield/kernel/internal/install"
	"github.com/nnfield/nnfield/kernel/internal/toolchain"
)

// TestMain lets the test binary be the launcher, and a server that starts one.
func TestMain(m *testing.M) {
	switch dir := os.Getenv("NNFIELD_TEST_SPEC"); {
	case dir == "":
		os.Exit(m.Run())
	case os.Getenv("NNFIELD_TEST_SERVER") != "":
		runtime.LockOSThread()
		_ = os.Unsetenv("NNFIELD_TEST_SERVER")
		cmd := exec.Command(os.Args[0])
		cmd.Stdout = os.Stdout
		_ = cmd.Run()
	default:
		fmt.Println(Become(dir, "/connection file.json"))
		os.Exit(1)
	}
}

// installation makes an installation whose GoNB is a shell script.
func installation(t *testing.T, script string) (dir string, chain *toolchain.Toolchain) {
	t.Helper()
	root := t.TempDir()
	write := func(name, text string, mode os.FileMode) string {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
		return path
	}
	sizes := []string{}
	for _, name := range []string{"gonb", "goimports", "go"} {
		text := "#!/bin/sh\n" + script + "\n"
		write("chain/bin/"+name, text, 0o755)
		sizes = append(sizes, fmt.Sprintf("%q:%d", name, len(text)))
	}
	write("chain/ready.json", "{"+strings.Join(sizes, ",")+"}", 0o644)
	write("chain/env/go.mod", "module env\n", 0o644)
	chain = &toolchain.Toolchain{
		Dir: filepath.Join(root, "chain"), Go: write("go/bin/go", "", 0o755),
		Settings: []string{"GOFLAGS=-recorded"}, Use: []string{filepath.Join(root, "chain", "env")},
	}
	dir = install.SpecDir(filepath.Join(root, "data"))
	if err := install.Write(dir, os.Args[0], install.Record{Version: "v1", Toolchain: chain}); err != nil {
		t.Fatal(err)
	}
	return dir, chain
}

// launcher returns the launcher as a server would start it.
func launcher(dir, tmp string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = []string{"NNFIELD_TEST_SPEC=" + dir, "TMPDIR=" + tmp, "PATH=/usr/bin:/bin", "GOFLAGS=-hostile", "KEPT=yes"}
	return cmd
}

func TestBecomesTheKernel(t *testing.T) {
	dir, chain := installation(t, `echo "$$"; for a in "$0" "$@"; do echo "$a"; done; echo "$PATH"; echo "$GOFLAGS $KEPT"; echo "$TMPDIR"; test -d "$TMPDIR" && echo there`)
	tmp := t.TempDir()
	cmd := launcher(dir, tmp)
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	lines := strings.Split(string(out), "\n")
	want := fmt.Sprintf("%d\n%s/bin/gonb\n-go_work=%s\n-kernel\n/connection file.json\n%s/bin:%s:/usr/bin:/bin\n-recorded yes\n",
		cmd.Process.Pid, chain.Dir, chain.Use[0], chain.Dir, filepath.Dir(chain.Go))
	if got := strings.Join(lines[:7], "\n") + "\n"; got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
	if !strings.HasPrefix(lines[7], tmp+"/nnfield-kernel-") || lines[8] != "there" {
		t.Errorf("temporary directory %q", lines[7:])
	}
}

// A launcher clears away what dead kernels left, and nothing of the living.
func TestTemporaryDirectories(t *testing.T) {
	dir, _ := installation(t, `echo x > "$TMPDIR/file"; echo ready; read line`)
	tmp := t.TempDir()
	dead := filepath.Join(tmp, "nnfield-kernel-1")
	if err := os.Mkdir(dead, 0o700); err != nil {
		t.Fatal(err)
	}
	first, second := launcher(dir, tmp), launcher(dir, tmp)
	for _, cmd := range []*exec.Cmd{first, second} {
		in, err := cmd.StdinPipe()
		if err != nil {
			t.Fatal(err)
		}
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if _, err := out.Read(make([]byte, 1)); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = in.Close(); _ = cmd.Wait() })
	}
	files, err := filepath.Glob(filepath.Join(tmp, "*", "file"))
	all, _ := os.ReadDir(tmp)
	if err != nil || len(files) != 2 || len(all) != 2 {
		t.Errorf("files %q of 2 living kernels among %v", files, all)
	}
	_ = first.Process.Kill()
	_ = first.Wait()
	t.Setenv("TMPDIR", tmp)
	if _, err := temporary(); err != nil {
		t.Fatal(err)
	}
	files, err = filepath.Glob(filepath.Join(tmp, "*", "file"))
	if err != nil || len(files) != 1 {
		t.Errorf("files %q of 1 living kernel", files)
	}
}

// Other systems have no signal for the death of a parent: there Jupyter's own
// shutdown is all there is, so that this cannot hold.
func TestKernelDiesWithTheServer(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells a process of its parent's death")
	}
	dir, _ := installation(t, `echo $$; exec sleep 60`)
	server := launcher(dir, t.TempDir())
	server.Env = append(server.Env, "NNFIELD_TEST_SERVER=yes")
	out, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	var pid int
	if _, err := fmt.Fscan(out, &pid); err != nil {
		t.Fatal(err)
	}
	_ = server.Process.Kill()
	_ = server.Wait()
	for end := time.Now().Add(5 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		state, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil || strings.Contains(string(state), ") Z ") {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("the kernel, process %d, outlives the server", pid)
		}
	}
}

func TestBrokenInstallation(t *testing.T) {
	for want, damage := range map[string]func(dir string, chain *toolchain.Toolchain) error{
		"nnfield.json cannot be read": func(dir string, _ *toolchain.Toolchain) error { return os.Remove(filepath.Join(dir, "nnfield.json")) },
		"gonb is missing or damaged": func(_ string, chain *toolchain.Toolchain) error {
			return os.Remove(filepath.Join(chain.Dir, "bin", "gonb"))
		},
		"go command":                  func(_ string, chain *toolchain.Toolchain) error { return os.Remove(chain.Go) },
		"which cells import, is gone": func(_ string, chain *toolchain.Toolchain) error { return os.RemoveAll(chain.Use[0]) },
	} {
		dir, chain := installation(t, "echo started")
		if err := damage(dir, chain); err != nil {
			t.Fatal(err)
		}
		out, err := launcher(dir, t.TempDir()).Output()
		if err == nil || !strings.Contains(string(out), want) || !strings.Contains(string(out), "nnfield install again") {
			t.Errorf("want %q: %v %s", want, err, out)
		}
	}
}
