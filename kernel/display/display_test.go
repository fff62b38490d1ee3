//go:build unix

package display

import (
	"bytes"
	"encoding/gob"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestErrors(t *testing.T) {
	for name, c := range map[string]struct {
		bundle Bundle
		want   string
	}{
		"empty":          {Bundle{}, "display.Show: the bundle is empty"},
		"number":         {Bundle{Data: map[string]any{"text/plain": 7}}, "text/plain is a int"},
		"metadata":       {Bundle{Data: map[string]any{"text/plain": "x"}, Metadata: map[string]any{"a": struct{}{}}}, "metadata.a is a struct {}"},
		"deep metadata":  {Bundle{Data: map[string]any{"text/plain": "x"}, Metadata: map[string]any{"a": map[string]any{"b": []any{1, int8(2)}}}}, "metadata.a.b[1] is a int8"},
		"typed metadata": {Bundle{Data: map[string]any{"text/plain": "x"}, Metadata: map[string]any{"a": map[string]int{}}}, "metadata.a is a map[string]int"},
	} {
		err := Show(c.bundle)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
	if err := Update("", Bundle{Data: map[string]any{"text/plain": "x"}}); err == nil || !strings.Contains(err.Error(), "id is empty") {
		t.Errorf("error %v", err)
	}
}

func TestNeverSilentOutside(t *testing.T) {
	var out bytes.Buffer
	for _, b := range []Bundle{
		{Data: map[string]any{"text/html": "<b>x</b>", "text/plain": "x\n"}},
		{Data: map[string]any{"text/html": "<b>x</b>", "image/png": []byte{1}}},
	} {
		if err := printText(&out, b); err != nil {
			t.Fatal(err)
		}
	}
	if want := "x\n[image/png, text/html: no plain text to print]\n"; out.String() != want {
		t.Errorf("printed %q, want %q", out.String(), want)
	}
}

// pipes makes two named pipes as GoNB does and sets the environment for a cell.
func pipes(t *testing.T) (down, up string) {
	t.Helper()
	dir := t.TempDir()
	down, up = filepath.Join(dir, "down"), filepath.Join(dir, "up")
	for _, path := range []string{down, up} {
		if err := syscall.Mkfifo(path, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv(pipeVariable, down)
	t.Setenv(backPipeVariable, up)
	return down, up
}

// Show must not return before the kernel has handled the message: the program
// could end, and what it prints next would come first.
func TestShowWaitsForTheKernel(t *testing.T) {
	down, up := pipes(t)
	var c connection
	shown := make(chan error, 1)
	go func() { shown <- c.show(displayData{Data: content{"text/plain": "x"}}) }()
	from, err := os.Open(down)
	if err != nil {
		t.Fatal(err)
	}
	to, err := os.OpenFile(up, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	decoder, encoder := gob.NewDecoder(from), gob.NewEncoder(to)
	var m displayData
	for range 2 { // the message and the request to sync
		m = displayData{}
		if err := decoder.Decode(&m); err != nil {
			t.Fatal(err)
		}
	}
	request, ok := m.Data[commType].(commValue)
	if !ok || request.Address != syncAddress {
		t.Fatalf("the second message is %v, not a request to sync", m)
	}
	select {
	case err := <-shown:
		t.Fatalf("returned before the answer came: %v", err)
	case <-time.After(30 * time.Millisecond):
	}
	// A widget's value and the answer to another request are not the answer.
	for _, answer := range []commValue{
		{Address: "#slider", Value: 3}, {Address: syncAnswer, Value: 99}, {Address: syncAnswer, Value: request.Value},
	} {
		if err := encoder.Encode(answer); err != nil {
			t.Fatal(err)
		}
	}
	if err := <-shown; err != nil {
		t.Fatal(err)
	}
	// A kernel that goes away is an error, now and from then on.
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	first := c.show(displayData{Data: content{"text/plain": "x"}})
	if first != io.EOF {
		t.Errorf("error %v, want EOF", first)
	}
	if again := c.show(displayData{Data: content{"text/plain": "x"}}); again != first {
		t.Errorf("error %v, want the first one", again)
	}
}

func TestMissingPipe(t *testing.T) {
	t.Setenv(pipeVariable, filepath.Join(t.TempDir(), "missing"))
	if !InNotebook() {
		t.Error("not in a notebook")
	}
	if err := Show(Bundle{Data: map[string]any{"text/plain": "x"}}); err == nil || !strings.Contains(err.Error(), "restart the kernel") {
		t.Errorf("error %v", err)
	}
}

// A listener gets the latest text of its address, also while others wait for an
// answer to sync.
func TestListen(t *testing.T) {
	t.Setenv(pipeVariable, "")
	for address, want := range map[string]string{"": "the address is empty", "x": "no notebook runs this program"} {
		if _, err := Listen(address); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Listen(%q): error %v", address, err)
		}
	}
	down, up := pipes(t)
	var c connection
	type listener struct {
		values <-chan string
		err    error
	}
	listening := make(chan listener, 1)
	go func() {
		values, err := c.listen("sliders")
		listening <- listener{values, err}
	}()
	from, err := os.Open(down)
	if err != nil {
		t.Fatal(err)
	}
	to, err := os.OpenFile(up, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close()
	l := <-listening
	var m displayData
	if err := gob.NewDecoder(from).Decode(&m); err != nil || l.err != nil || m.Data[listenType] != (commSubscription{Address: "sliders"}) {
		t.Fatalf("sent %v, errors %v, %v", m, err, l.err)
	}
	if _, err := c.listen("sliders"); err == nil || !strings.Contains(err.Error(), "listened to already") {
		t.Errorf("error %v", err)
	}
	encoder := gob.NewEncoder(to)
	for _, v := range []commValue{
		{Address: "sliders", Value: "first"}, {Address: "others", Value: "not ours"}, {Address: "sliders", Value: 7},
		{Address: "sliders", Value: "last"}, {Address: syncAnswer, Value: 1},
	} {
		if err := encoder.Encode(v); err != nil {
			t.Fatal(err)
		}
	}
	<-c.answers // all before it has been delivered
	if text := <-l.values; text != "last" {
		t.Errorf("heard %q", text)
	}
}

// Nothing is shown before what was printed has been read, however late that is.
// Elsewhere than on Linux, where a pipe does not tell, there is the pause alone.
func TestPrintedIsReadFirst(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells how much of a pipe is unread")
	}
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	defer writer.Close()
	defer func(f *os.File) { os.Stdout = f }(os.Stdout)
	os.Stdout = writer
	if _, err := writer.WriteString("printed"); err != nil {
		t.Fatal(err)
	}
	if n := unread(writer); n != len("printed") {
		t.Errorf("%d bytes are unread", n)
	}
	done := make(chan bool)
	go func() {
		printed()
		close(done)
	}()
	select {
	case <-done:
		t.Error("did not wait for the reader")
	case <-time.After(50 * time.Millisecond):
	}
	if _, err := reader.Read(make([]byte, 64)); err != nil {
		t.Fatal(err)
	}
	<-done
}
