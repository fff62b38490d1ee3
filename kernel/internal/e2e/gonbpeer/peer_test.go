//go:build e2e && unix

package gonbpeer

import (
	"encoding/gob"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"syscall"
	"testing"

	"github.com/janpfeifer/gonb/gonbui"
	"github.com/janpfeifer/gonb/gonbui/comms"
	"github.com/janpfeifer/gonb/gonbui/protocol"

	"github.com/nnfield/nnfield/kernel/display"
)

// TestMain lets the test binary play a cell that uses gonbui.
func TestMain(m *testing.M) {
	gob.Register(map[string]any{}) // as GoNB and, for metadata, its users do
	gob.Register([]any{})
	switch os.Getenv("NNFIELD_TEST_CELL") {
	case "theirs":
		theirs()
	case "both":
		both()
	default:
		os.Exit(m.Run())
	}
}

// theirs shows what testdata/ours shows.
func theirs() {
	text := map[protocol.MIMEType]any{"text/html": "<b>φ</b>", "text/plain": "φ"}
	image := map[protocol.MIMEType]any{"image/png": []byte{0x89, 'P', 'N', 'G', 0, 255}, "text/plain": "figure"}
	metadata := map[string]any{"image/png": map[string]any{"width": 240, "ratio": 1.5}, "list": []any{true, "x"}}
	for _, d := range []*protocol.DisplayData{
		{Data: text},
		{Data: image, Metadata: metadata},
		{Data: text, DisplayID: "progress"},
		{Data: image, Metadata: metadata, DisplayID: "progress"},
	} {
		gonbui.SendData(d)
		gonbui.Sync()
	}
	comms.Subscribe("sliders", func(string, string) {})
}

// both is a cell that uses package display beside gonbui.
func both() {
	gonbui.SendData(&protocol.DisplayData{
		Data:     map[protocol.MIMEType]any{"text/html": "<p>first</p>"},
		Metadata: map[string]any{"image/png": map[string]any{"width": 240}},
	})
	gonbui.Sync()
	for _, text := range []string{"second", "third"} {
		err := display.Show(display.Bundle{
			Data:     map[string]any{"text/plain": text},
			Metadata: map[string]any{"image/png": map[string]any{"width": 240}},
		})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	gonbui.Sync()
}

// received runs a program as GoNB runs a cell and returns the messages it sent,
// decoded as GoNB decodes them; requests to sync are answered and kept.
func received(t *testing.T, cmd *exec.Cmd) []protocol.DisplayData {
	t.Helper()
	dir := t.TempDir()
	down, up := filepath.Join(dir, "down"), filepath.Join(dir, "up")
	for _, path := range []string{down, up} {
		if err := syscall.Mkfifo(path, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd.Env = append(cmd.Environ(), "GONB_PIPE="+down, "GONB_PIPE_BACK="+up)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	from, err := os.Open(down)
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	to, err := os.OpenFile(up, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close()
	decoder, encoder := gob.NewDecoder(from), gob.NewEncoder(to)
	var messages []protocol.DisplayData
	for {
		var m protocol.DisplayData
		err := decoder.Decode(&m)
		if err == io.EOF { // the program has ended
			break
		}
		if err != nil {
			_ = cmd.Process.Kill()
			_ = cmd.Wait()
			t.Fatalf("GoNB could not read a message: %v", err)
		}
		messages = append(messages, m)
		if comm, ok := m.Data[protocol.MIMECommValue].(protocol.CommValue); ok && comm.Address == protocol.GonbuiSyncAddress {
			if err := encoder.Encode(&protocol.CommValue{Address: protocol.GonbuiSyncAckAddress, Value: comm.Value}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	return messages
}

// self returns the test binary in a role.
func self(role string) *exec.Cmd {
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "NNFIELD_TEST_CELL="+role)
	return cmd
}

func TestSameMessagesAsGonbui(t *testing.T) {
	ours := filepath.Join(t.TempDir(), "ours")
	if out, err := exec.Command("go", "build", "-o", ours, "./testdata/ours").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	got := received(t, exec.Command(ours))
	want := received(t, self("theirs"))
	if len(want) != 9 {
		t.Fatalf("gonbui sent %d messages, not 4 displays, 4 syncs and a subscription: %v", len(want), want)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("display sent\n%v\ngonbui sent\n%v", got, want)
	}
}

func TestBesideGonbui(t *testing.T) {
	got := received(t, self("both"))
	var texts []any
	for _, m := range got {
		for _, mime := range []protocol.MIMEType{"text/html", "text/plain"} {
			if text, ok := m.Data[mime]; ok {
				texts = append(texts, text)
			}
		}
	}
	if want := []any{"<p>first</p>", "second", "third"}; !reflect.DeepEqual(texts, want) {
		t.Errorf("arrived: %v, want %v", texts, want)
	}
}
