//go:build e2e && linux

package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// server is a notebook server that nnfield lab has become.
type server struct {
	url, token string
	port       int
	dir        string // that it serves
	cmd        *exec.Cmd
	log        *log
}

// log is a buffer that is written while it is read.
type log struct {
	sync.Mutex
	bytes.Buffer
}

func (l *log) Write(p []byte) (int, error) {
	l.Lock()
	defer l.Unlock()
	return l.Buffer.Write(p)
}

func (l *log) String() string {
	l.Lock()
	defer l.Unlock()
	return l.Buffer.String()
}

// startLab starts nnfield lab with Debian's Jupyter Notebook.
func startLab(t *testing.T) *server {
	t.Helper()
	if _, err := exec.LookPath("jupyter-notebook"); err != nil {
		t.Fatal("no jupyter-notebook in PATH (Debian: apt-get install jupyter-notebook)")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &server{port: listener.Addr().(*net.TCPAddr).Port, dir: filepath.Join(t.TempDir(), "my notebooks"), log: &log{}}
	_ = listener.Close()
	s.cmd = nnfield("lab", s.dir, "--", "--no-browser", "--allow-root", fmt.Sprintf("--port=%d", s.port))
	s.cmd.Env = append(s.cmd.Env, "TMPDIR="+t.TempDir())
	s.cmd.Stdout, s.cmd.Stderr = s.log, s.log
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = s.cmd.Process.Signal(syscall.SIGTERM)
		_ = s.cmd.Wait()
	})
	address := regexp.MustCompile(`(http://127\.0\.0\.1:\d+/)\?token=([0-9a-f]{32,})`)
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if m := address.FindStringSubmatch(s.log.String()); m != nil {
			s.url, s.token = m[1], m[2]
			return s
		}
	}
	t.Fatalf("the server does not tell its address:\n%s", s.log)
	return nil
}

// get asks the server and returns the status and the body.
func (s *server) get(t *testing.T, path, token string) (int, string) {
	t.Helper()
	request, err := http.NewRequest(http.MethodGet, s.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "token "+token)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

func TestLab(t *testing.T) {
	s := startLab(t)
	status, body := s.get(t, "api/kernelspecs", s.token)
	var specs struct {
		Default     string
		Kernelspecs map[string]struct{ Resources map[string]string }
	}
	if err := json.Unmarshal([]byte(body), &specs); err != nil || status != http.StatusOK {
		t.Fatalf("%d %v: %s", status, err, body)
	}
	if specs.Default != "nnfield" || len(specs.Kernelspecs["nnfield"].Resources) < 2 {
		t.Errorf("kernels: %s", body)
	}
	for _, file := range []string{"logo-64x64.png", "echarts.min.js"} {
		if status, body := s.get(t, "kernelspecs/nnfield/"+file, s.token); status != http.StatusOK || len(body) < 500 {
			t.Errorf("%s: %d, %d bytes", file, status, len(body))
		}
	}
	for _, token := range []string{"", "wrong"} {
		if status, _ := s.get(t, "api/contents", token); status != http.StatusForbidden {
			t.Errorf("token %q: status %d", token, status)
		}
	}
	// Nobody but this machine can connect.
	addresses := listening(t, s.port)
	if want := []string{"0100007F"}; !slices.Equal(addresses, want) { // 127.0.0.1
		t.Errorf("it listens on %q, not %q", addresses, want)
	}
	if _, body := s.get(t, "api/contents/tutorials", s.token); !strings.Contains(body, "01-klein-gordon.ipynb") {
		t.Errorf("tutorials: %s", body)
	}
}

// listening returns the addresses on which a port is open, as the system writes them.
func listening(t *testing.T, port int) (addresses []string) {
	t.Helper()
	for _, file := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		data, err := os.ReadFile(file)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(data)) {
			if f := strings.Fields(line); len(f) > 3 && f[3] == "0A" && strings.HasSuffix(f[1], fmt.Sprintf(":%04X", port)) {
				addresses = append(addresses, strings.TrimSuffix(f[1], fmt.Sprintf(":%04X", port)))
			}
		}
	}
	return addresses
}

// JupyterLab goes before Notebook where there is one. Here it is a stand-in that
// tells how it was called.
func TestLabStandIn(t *testing.T) {
	installed(t)
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "jupyter-lab"), []byte("#!/bin/sh\necho \"$$\"; for a in \"$@\"; do echo \"$a\"; done\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	cmd := nnfield("lab", "--", "--no-browser")
	cmd.Dir = t.TempDir()
	cmd.Env = append(cmd.Env, "PATH="+bin+":"+os.Getenv("PATH"))
	var out bytes.Buffer
	cmd.Stdout = &out
	if err := cmd.Run(); err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("%d\n--ServerApp.root_dir=%s\n--MultiKernelManager.default_kernel_name=nnfield\n--ip=127.0.0.1\n--no-browser\n", cmd.Process.Pid, cmd.Dir)
	if out.String() != want {
		t.Errorf("%s, want\n%s", out.String(), want)
	}
	if _, err := os.Stat(filepath.Join(cmd.Dir, "tutorials", "01-klein-gordon.ipynb")); err != nil {
		t.Error(err)
	}
}
