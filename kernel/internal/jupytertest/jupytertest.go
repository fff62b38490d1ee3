// Package jupytertest is a Jupyter kernel for tests: it speaks the protocol,
// takes the paths that a real kernel takes rarely, and needs no compiler. It
// shares no code with the client that it judges.
//
// A test starts it as its own test binary in another role:
//
//	func TestMain(m *testing.M) {
//		jupytertest.Main()
//		os.Exit(m.Run())
//	}
//
// and gives [Env] and [Argv] to the client. Each line of a cell is one thing to
// do: a verb and the rest of the line, in which \\n and \\r are control characters.
//
//	stdout TEXT, stderr TEXT   print
//	late TEXT                  print after the reply to the request
//	show ID TEXT               show a text under a display id
//	update ID TEXT             update what has the id
//	clear, clear wait          clear the outputs, at once or when one comes
//	idle                       report idle before the reply
//	fail TEXT                  fail with the text
//	child                      start a program that sleeps, print its process id
//	sleep                      sleep until interrupted
//	hang                       ignore interrupts
//	die                        end with status 4, complaining
//	forged TEXT                print, signed with another key
//	stranger TEXT              print, in the name of another client's request
package jupytertest

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"time"

	"github.com/go-zeromq/zmq4"
)

const roleVariable = "NNFIELD_TEST_KERNEL"

// Roles.
const (
	Obedient = "obedient" // does what the cells say
	Dies     = "dies"     // ends at once with status 3, complaining
	Silent   = "silent"   // never answers
)

// Env returns the environment for a kernel in a role.
func Env(role string) []string { return append(os.Environ(), roleVariable+"="+role) }

// Argv returns the command line of the kernel: the test binary.
func Argv() []string { return []string{os.Args[0], "{connection_file}"} }

// Main plays the kernel if this process was started as one, and returns otherwise.
func Main() {
	switch os.Getenv(roleVariable) {
	case "":
		return
	case Dies:
		fmt.Fprintln(os.Stderr, "first line\nno memory for the kernel")
		os.Exit(3)
	case Silent:
		time.Sleep(time.Minute)
	default:
		if err := serve(os.Args[1]); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	os.Exit(1)
}

type fields = map[string]any

type kernel struct {
	key     []byte
	iopub   zmq4.Socket
	shell   zmq4.Socket
	parent  json.RawMessage
	peer    []byte
	signals chan os.Signal
}

// serve is the kernel.
func serve(connection string) error {
	data, err := os.ReadFile(connection)
	if err != nil {
		return err
	}
	var c struct {
		IP, Key string
		Shell   int `json:"shell_port"`
		Iopub   int `json:"iopub_port"`
		Control int `json:"control_port"`
	}
	if err := json.Unmarshal(data, &c); err != nil {
		return err
	}
	time.Sleep(20 * time.Millisecond) // as a real one, bind after the client has begun to dial
	k := &kernel{key: []byte(c.Key), signals: make(chan os.Signal, 10)}
	signal.Notify(k.signals, os.Interrupt)
	ctx := context.Background()
	k.shell, k.iopub = zmq4.NewRouter(ctx), zmq4.NewPub(ctx)
	control := zmq4.NewRouter(ctx)
	for _, s := range []struct {
		socket zmq4.Socket
		port   int
	}{{k.shell, c.Shell}, {k.iopub, c.Iopub}, {control, c.Control}} {
		if err := s.socket.Listen(fmt.Sprintf("ipc://%s-%d", c.IP, s.port)); err != nil {
			return err
		}
	}
	go func() {
		m, err := control.Recv() // shutdown_request is all that comes here
		if err == nil && strings.Contains(string(m.Frames[3]), "shutdown_request") {
			os.Exit(0)
		}
	}()
	count := 0
	for {
		m, err := k.shell.Recv()
		if err != nil {
			return err
		}
		k.peer, k.parent = m.Frames[0], m.Frames[3]
		var h struct {
			Type string `json:"msg_type"`
		}
		if err := json.Unmarshal(k.parent, &h); err != nil {
			return err
		}
		k.publish("status", fields{"execution_state": "busy"})
		reply := fields{"status": "ok"}
		kind := "kernel_info_reply"
		if h.Type == "execute_request" {
			count++
			kind = "execute_reply"
			reply = k.execute(m.Frames[6])
			reply["execution_count"] = count
		}
		if reply["idle first"] == true { // the two channels have no common order
			k.publish("status", fields{"execution_state": "idle"})
			time.Sleep(30 * time.Millisecond)
		}
		k.send(k.shell, kind, reply, k.peer)
		if reply["idle first"] != true {
			time.Sleep(10 * time.Millisecond)
			if late != "" {
				k.publish("stream", fields{"name": "stdout", "text": late})
				late = ""
			}
			k.publish("status", fields{"execution_state": "idle"})
		}
	}
}

// late is what a cell prints after its reply.
var late string

func (k *kernel) execute(content []byte) fields {
	var request struct{ Code string }
	_ = json.Unmarshal(content, &request)
	ok := fields{"status": "ok"}
	for line := range strings.Lines(request.Code) {
		verb, rest, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		rest = strings.NewReplacer(`\n`, "\n", `\r`, "\r").Replace(rest)
		id, text, _ := strings.Cut(rest, " ")
		bundle := fields{"data": fields{"text/plain": text}, "transient": fields{"display_id": id}}
		switch verb {
		case "stdout", "stderr":
			k.publish("stream", fields{"name": verb, "text": rest})
		case "late":
			late = rest
		case "show":
			k.publish("display_data", bundle)
		case "update":
			k.publish("update_display_data", bundle)
		case "clear":
			k.publish("clear_output", fields{"wait": rest == "wait"})
		case "forged":
			real := k.key
			k.key = []byte("another key")
			k.publish("stream", fields{"name": "stdout", "text": rest})
			k.key = real
		case "stranger": // of another client's request
			real := k.parent
			k.parent = json.RawMessage(`{"msg_id":"other"}`)
			k.publish("stream", fields{"name": "stdout", "text": rest})
			k.parent = real
		case "idle":
			ok["idle first"] = true
		case "fail":
			e := fields{"ename": "ERROR", "evalue": rest, "traceback": []string{"where", rest}}
			k.publish("error", e)
			return fields{"status": "error", "ename": "ERROR", "evalue": rest, "traceback": e["traceback"]}
		case "child":
			cmd := exec.Command("sleep", "60")
			_ = cmd.Start()
			k.publish("stream", fields{"name": "stdout", "text": fmt.Sprint(cmd.Process.Pid)})
		case "sleep":
			<-k.signals
			k.publish("stream", fields{"name": "stderr", "text": "^C"})
			return fields{"status": "error", "ename": "ERROR", "evalue": "signal: interrupt"}
		case "hang":
			for range k.signals {
				continue
			}
		case "die":
			fmt.Fprintln(os.Stderr, "something terrible")
			time.Sleep(20 * time.Millisecond) // let the messages go out
			os.Exit(4)
		}
	}
	return ok
}

func (k *kernel) publish(kind string, content fields) { k.send(k.iopub, kind, content) }

func (k *kernel) send(s zmq4.Socket, kind string, content fields, to ...[]byte) {
	head, _ := json.Marshal(fields{"msg_id": fmt.Sprint(time.Now().UnixNano()), "msg_type": kind, "version": "5.3"})
	body, _ := json.Marshal(content)
	mac := hmac.New(sha256.New, k.key)
	for _, part := range [][]byte{head, k.parent, []byte("{}"), body} {
		mac.Write(part)
	}
	signature := []byte(hex.EncodeToString(mac.Sum(nil)))
	frames := append(to, []byte("<IDS|MSG>"), signature, head, k.parent, []byte("{}"), body)
	_ = s.SendMulti(zmq4.NewMsgFrom(frames...))
}
