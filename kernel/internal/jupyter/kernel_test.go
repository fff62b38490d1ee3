//go:build unix

package jupyter

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nnfield/nnfield/kernel/internal/jupytertest"
	"github.com/nnfield/nnfield/kernel/internal/notebook"
)

func TestMain(m *testing.M) {
	jupytertest.Main()
	os.Exit(m.Run())
}

// startFake starts the fake kernel with its temporary files below a directory of the test.
func startFake(t *testing.T) *Kernel {
	t.Helper()
	k, err := startRole(t, t.Context(), jupytertest.Obedient)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		k.Close()
		if _, err := os.Stat(k.dir); err == nil {
			t.Errorf("%s was left behind", k.dir)
		}
	})
	return k
}

func startRole(t *testing.T, ctx context.Context, role string) (*Kernel, error) {
	t.Helper()
	return Start(ctx, Command{
		Argv: jupytertest.Argv(),
		Dir:  t.TempDir(),
		Env:  jupytertest.Env(role),
	})
}

func execute(t *testing.T, k *Kernel, lines ...string) Result {
	t.Helper()
	r, err := k.Execute(t.Context(), strings.Join(lines, "\n"), 0)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// texts returns outputs in short: the stream's name or the type, and the text.
func texts(outputs []notebook.Output) []string {
	var s []string
	for _, o := range outputs {
		switch o.Type() {
		case "stream":
			s = append(s, o.Stream()+": "+o.Text())
		case "error":
			s = append(s, "error: "+strings.Join(o.Traceback(), "|"))
		default:
			s = append(s, o.Type()+": "+o.Data("text/plain"))
		}
	}
	return s
}

func TestOutputs(t *testing.T) {
	k := startFake(t)
	for name, c := range map[string]struct {
		code []string
		want []string
	}{
		"none":                     {[]string{""}, nil},
		"streams are merged":       {[]string{`stdout a\n`, "stdout b", "stderr x", "stdout c"}, []string{"stdout: a\nb", "stderr: x", "stdout: c"}},
		"carriage return":          {[]string{`stdout 10 %\r20 %`, `stdout \r30 %\ndone\r\n`}, []string{"stdout: 30 %\ndone\n"}},
		"display between streams":  {[]string{"stdout a", "show 1 figure", "stdout b"}, []string{"stdout: a", "display_data: figure", "stdout: b"}},
		"update in the same cell":  {[]string{"show 2 old", "stdout a", "update 2 new"}, []string{"display_data: new", "stdout: a"}},
		"update of nothing":        {[]string{"update 3 new"}, nil},
		"clear":                    {[]string{"stdout a", "show 4 x", "clear", "stdout b"}, []string{"stdout: b"}},
		"clear and nothing more":   {[]string{"stdout a", "clear"}, nil},
		"clear waits":              {[]string{"stdout a", "clear wait"}, []string{"stdout: a"}},
		"clear waits for output":   {[]string{"stdout a", "clear wait", "stdout b"}, []string{"stdout: b"}},
		"output after the reply":   {[]string{"stdout a", "late b"}, []string{"stdout: ab"}},
		"idle before the reply":    {[]string{"stdout a", "idle"}, []string{"stdout: a"}},
		"wrong signature":          {[]string{"forged evil", "stdout a"}, []string{"stdout: a"}},
		"another client's outputs": {[]string{"stranger x", "stdout a"}, []string{"stdout: a"}},
		"failure":                  {[]string{"stdout a", "fail no such thing", "stdout b"}, []string{"stdout: a", "error: where|no such thing"}},
	} {
		r := execute(t, k, c.code...)
		got := texts(r.Outputs)
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
		if failed := r.Failure != nil; failed != (name == "failure") {
			t.Errorf("%s: failure %v", name, r.Failure)
		}
	}
}

func TestUpdateOfAnEarlierCell(t *testing.T) {
	k := startFake(t)
	first := execute(t, k, "show id old")
	second := execute(t, k, "update id new")
	if got := texts(first.Outputs); !reflect.DeepEqual(got, []string{"display_data: new"}) || second.Outputs != nil {
		t.Errorf("got %q and %q", got, texts(second.Outputs))
	}
	if first.Count != 1 || second.Count != 2 {
		t.Errorf("counts %d, %d", first.Count, second.Count)
	}
}

func TestFailure(t *testing.T) {
	r := execute(t, startFake(t), "fail undefined: x")
	var e *CellError
	if !errors.As(r.Failure, &e) || e.Error() != "undefined: x" || !reflect.DeepEqual(e.Traceback, []string{"where", "undefined: x"}) {
		t.Errorf("failure %#v", r.Failure)
	}
}

func TestTimeoutInterrupts(t *testing.T) {
	k := startFake(t)
	r, err := k.Execute(t.Context(), "stdout a\nsleep", 100*time.Millisecond)
	if err != nil || !errors.Is(r.Failure, ErrTimeout) {
		t.Fatalf("error %v, failure %v", err, r.Failure)
	}
	if got := texts(r.Outputs); !reflect.DeepEqual(got, []string{"stdout: a", "stderr: ^C"}) {
		t.Errorf("got %q", got)
	}
	if got := texts(execute(t, k, "stdout b").Outputs); !reflect.DeepEqual(got, []string{"stdout: b"}) {
		t.Errorf("after the timeout: %q", got)
	}
}

func TestCancelInterrupts(t *testing.T) {
	k := startFake(t)
	reason := errors.New("the user said so")
	ctx, cancel := context.WithCancelCause(t.Context())
	time.AfterFunc(50*time.Millisecond, func() { cancel(reason) })
	r, err := k.Execute(ctx, "sleep", time.Minute)
	if err != nil || !errors.Is(r.Failure, reason) || r.Count != 1 {
		t.Errorf("error %v, result %+v", err, r)
	}
}

func TestACellThatIgnoresTheInterruptIsKilled(t *testing.T) {
	old := interruptTime
	interruptTime = 100 * time.Millisecond
	defer func() { interruptTime = old }()
	k := startFake(t)
	r, err := k.Execute(t.Context(), "stdout a\nhang", 50*time.Millisecond)
	if err == nil || !strings.Contains(err.Error(), "killed") {
		t.Errorf("error %v", err)
	}
	if got := texts(r.Outputs); !reflect.DeepEqual(got, []string{"stdout: a"}) {
		t.Errorf("got %q", got)
	}
}

func TestDeathInACell(t *testing.T) {
	k := startFake(t)
	r, err := k.Execute(t.Context(), "stdout a\ndie", 0)
	if err == nil || !strings.Contains(err.Error(), "exit status 4") || !strings.Contains(err.Error(), "something terrible") {
		t.Errorf("error %v", err)
	}
	if got := texts(r.Outputs); !reflect.DeepEqual(got, []string{"stdout: a"}) {
		t.Errorf("got %q", got)
	}
	if _, err := k.Execute(t.Context(), "stdout b", 0); err == nil {
		t.Error("a dead kernel executed a cell")
	}
}

func TestDeathAtStart(t *testing.T) {
	_, err := startRole(t, t.Context(), jupytertest.Dies)
	if err == nil || !strings.Contains(err.Error(), "exit status 3") || !strings.Contains(err.Error(), "no memory for the kernel") {
		t.Errorf("error %v", err)
	}
}

func TestCancelAtStart(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	start := time.Now()
	_, err := startRole(t, ctx, jupytertest.Silent)
	if !errors.Is(err, context.DeadlineExceeded) || time.Since(start) > 10*time.Second {
		t.Errorf("error %v after %v", err, time.Since(start))
	}
}

func TestMissingProgram(t *testing.T) {
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	_, err := Start(t.Context(), Command{Argv: []string{filepath.Join(temp, "missing")}})
	if err == nil || !strings.Contains(err.Error(), "cannot be started") {
		t.Errorf("error %v", err)
	}
	if list, _ := os.ReadDir(temp); len(list) != 0 {
		t.Errorf("left behind: %v", list)
	}
}

func TestNothingOutlivesTheKernel(t *testing.T) {
	k := startFake(t)
	pid, err := strconv.Atoi(execute(t, k, "child").Outputs[0].Text())
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, 0); err != nil {
		t.Fatal("the child is not running: the test shows nothing")
	}
	k.Close()
	for end := time.Now().Add(3 * time.Second); ; time.Sleep(5 * time.Millisecond) {
		stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		if syscall.Kill(pid, 0) != nil || err == nil && strings.Contains(string(stat), ") Z ") {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("process %d is still alive", pid)
		}
	}
}

func TestOverwrite(t *testing.T) {
	for in, want := range map[string]string{
		"plain\n": "plain\n", "a\rb": "b", "a\rb\r": "b", "a\r\nb\r\n": "a\nb\n", "1\r2\r3\nx\ry": "3\ny", "\r": "", "a\r\r\n": "a\n",
	} {
		if got := overwrite(in); got != want {
			t.Errorf("%q: got %q, want %q", in, got, want)
		}
	}
}
