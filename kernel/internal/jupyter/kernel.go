// Package jupyter runs a Jupyter kernel and executes code in it, in this
// process and without Python: the client side of Jupyter's messaging
// specification over ZeroMQ.
//
// The kernel runs in a process group of its own that dies with us (package
// process). Its sockets are local files in a private directory, so no port is
// opened; its temporary files are kept in the same directory, which Close removes.
package jupyter

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-zeromq/zmq4"

	"github.com/nnfield/nnfield/kernel/internal/notebook"
	"github.com/nnfield/nnfield/kernel/internal/process"
)

const (
	startTime    = 60 * time.Second // a kernel that says nothing for so long will not come
	shutdownTime = 5 * time.Second  // for the kernel to end after it was asked to
)

// interruptTime is for a cell to end after an interrupt; GoNB kills it after 5 s.
// A variable for tests.
var interruptTime = 10 * time.Second

// ErrTimeout is the cause of a cell's failure when it ran longer than allowed.
var ErrTimeout = errors.New("the cell ran too long and was interrupted")

// Command says how to start a kernel.
type Command struct {
	Argv []string // program and arguments; {connection_file} is replaced by that file's path
	Dir  string   // working directory: the notebook's
	Env  []string // environment, as KEY=value; TMPDIR is replaced
}

// Kernel is a running kernel. Its methods must not be called concurrently.
type Kernel struct {
	dir      string // sockets, connection file, log and temporary files
	process  *process.Process
	session  string
	key      signer
	shell    zmq4.Socket
	control  zmq4.Socket
	iopub    zmq4.Socket
	messages chan message
	up       bool // it has answered
	closing  chan struct{}
	shown    map[string][]notebook.Output
}

// Result is what executing a cell gave.
type Result struct {
	Outputs []notebook.Output
	Count   int   // the kernel's execution count
	Failure error // why the cell failed: *CellError, ErrTimeout or the context's error; nil if it did not
}

// CellError is an error that the kernel reported for a cell.
type CellError struct {
	Name, Value string
	Traceback   []string // may be empty
}

func (e *CellError) Error() string { return e.Value }

// Start starts a kernel and waits until it answers.
func Start(ctx context.Context, c Command) (*Kernel, error) {
	dir, err := privateDir()
	if err != nil {
		return nil, err
	}
	k := &Kernel{
		dir:      dir,
		session:  newID(),
		key:      signer(newID()),
		messages: make(chan message, 1024),
		closing:  make(chan struct{}),
		shown:    map[string][]notebook.Output{},
	}
	err = k.launch(c)
	if err == nil {
		err = k.connect(ctx)
	}
	if err == nil {
		err = k.hello(ctx)
	}
	if err != nil {
		k.Close()
		return nil, err
	}
	k.up = true
	return k, nil
}

// privateDir makes a directory whose path is short enough for the address of a
// socket (about 100 bytes).
func privateDir() (string, error) {
	dir, err := os.MkdirTemp("", "nnfield-run-")
	if err == nil && len(dir) > 80 {
		_ = os.Remove(dir)
		dir, err = os.MkdirTemp("/tmp", "nnfield-run-")
	}
	if err != nil {
		return "", fmt.Errorf("no temporary directory for the kernel: %w; set TMPDIR to a directory where you may write", err)
	}
	return filepath.EvalSymlinks(dir) // as the kernel sees it, so that it can be found in messages
}

// Ports of the five sockets: their addresses are <dir>/socket-<port>.
const (
	shellPort = iota + 1
	iopubPort
	stdinPort
	controlPort
	heartbeatPort
)

func (k *Kernel) socketBase() string { return filepath.Join(k.dir, "socket") }

func (k *Kernel) logPath() string { return filepath.Join(k.dir, "kernel.log") }

// TempDir is the kernel's directory for temporary files.
func (k *Kernel) TempDir() string { return filepath.Join(k.dir, "tmp") }

func (k *Kernel) launch(c Command) error {
	connection, err := json.Marshal(map[string]any{
		"transport": "ipc", "ip": k.socketBase(),
		"shell_port": shellPort, "iopub_port": iopubPort, "stdin_port": stdinPort,
		"control_port": controlPort, "hb_port": heartbeatPort,
		"signature_scheme": "hmac-sha256", "key": string(k.key),
	})
	if err != nil {
		return err
	}
	file := filepath.Join(k.dir, "kernel-"+newID()+".json")
	if err := os.WriteFile(file, connection, 0o600); err != nil {
		return err
	}
	if err := os.Mkdir(k.TempDir(), 0o700); err != nil {
		return err
	}
	logFile, err := os.Create(k.logPath())
	if err != nil {
		return err
	}
	defer logFile.Close()
	argv := make([]string, len(c.Argv))
	for i, a := range c.Argv {
		argv[i] = strings.ReplaceAll(a, "{connection_file}", file)
	}
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir = c.Dir
	cmd.Env = append(append([]string(nil), c.Env...), "TMPDIR="+k.TempDir())
	cmd.Stdout, cmd.Stderr = logFile, logFile
	k.process, err = process.Start(cmd)
	if err != nil {
		return fmt.Errorf("the kernel cannot be started: %w", err)
	}
	return nil
}

func (k *Kernel) connect(ctx context.Context) error {
	// The kernel binds its sockets some time after it was started.
	options := []zmq4.Option{
		zmq4.WithID(zmq4.SocketIdentity(k.session)),
		zmq4.WithDialerRetry(5 * time.Millisecond),
		zmq4.WithDialerMaxRetries(int(startTime / (5 * time.Millisecond))),
		zmq4.WithLogger(log.New(io.Discard, "", 0)),
	}
	// The sockets live until the kernel dies or is closed. While we dial, ctx ends them too.
	life, cancel := context.WithCancel(context.Background())
	go func() {
		select {
		case <-k.process.Done():
		case <-k.closing:
		}
		cancel()
	}()
	defer context.AfterFunc(ctx, cancel)()
	k.shell = zmq4.NewDealer(life, options...)
	k.control = zmq4.NewDealer(life, options...)
	k.iopub = zmq4.NewSub(life, options...)
	for _, s := range []struct {
		socket zmq4.Socket
		port   int
		name   string
	}{{k.shell, shellPort, "shell"}, {k.iopub, iopubPort, "iopub"}, {k.control, controlPort, "control"}} {
		if err := s.socket.Dial(fmt.Sprintf("ipc://%s-%d", k.socketBase(), s.port)); err != nil {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return k.died(fmt.Errorf("the kernel does not listen: %w", err))
		}
		go k.receive(s.name, s.socket)
	}
	return k.iopub.SetOption(zmq4.OptionSubscribe, "")
}

// receive hands the messages of a socket on until it is closed. Messages that
// are not signed with our key are dropped.
func (k *Kernel) receive(channel string, s zmq4.Socket) {
	for {
		raw, err := s.Recv()
		if err != nil {
			return
		}
		m, err := k.key.decode(raw.Frames)
		if err != nil {
			continue
		}
		m.channel = channel
		select {
		case k.messages <- m:
		case <-k.closing:
			return
		}
	}
}

// hello waits for the kernel's first answer. What a publisher sends before our
// subscription has reached it is lost, so ask until an answer came both ways.
func (k *Kernel) hello(ctx context.Context) error {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	late := time.After(startTime)
	for answered, published := false, false; !answered || !published; {
		if _, err := k.send(k.shell, "kernel_info_request", map[string]any{}); err != nil {
			return k.died(err)
		}
	wait:
		for {
			select {
			case m := <-k.messages:
				answered = answered || m.channel == "shell"
				published = published || m.channel == "iopub"
				if answered && published {
					return nil
				}
			case <-tick.C:
				break wait
			case <-ctx.Done():
				return context.Cause(ctx)
			case <-k.process.Done():
				return k.died(nil)
			case <-late:
				return fmt.Errorf("the kernel did not answer within %v%s", startTime, k.logTail())
			}
		}
	}
	return nil
}

// died returns the error for a kernel that has ended, or cause if it has not.
func (k *Kernel) died(cause error) error {
	select {
	case <-k.process.Done():
	case <-time.After(200 * time.Millisecond):
		if cause != nil {
			return cause
		}
	}
	return fmt.Errorf("the kernel died (%v)%s", k.process.Err(), k.logTail())
}

// logTail returns the last lines of the kernel's log, to be put behind an error.
func (k *Kernel) logTail() string {
	const lines, bytes = 12, 4096
	data, err := os.ReadFile(k.logPath())
	if err != nil || len(strings.TrimSpace(string(data))) == 0 {
		return ""
	}
	if len(data) > bytes {
		data = data[len(data)-bytes:]
	}
	all := strings.Split(strings.TrimSpace(string(data)), "\n")
	return "; the end of its log:\n    " + strings.Join(all[max(0, len(all)-lines):], "\n    ")
}

func (k *Kernel) send(s zmq4.Socket, kind string, content any) (id string, err error) {
	h := header{ID: newID(), Username: "nnfield", Session: k.session, Type: kind,
		Version: protocolVersion, Date: time.Now().UTC().Format(time.RFC3339Nano)}
	m, err := k.key.encode(h, content)
	if err != nil {
		return "", err
	}
	return h.ID, s.SendMulti(m)
}

// lineEnds makes \n of what other systems end lines with. Editors on Windows write \r\n
// into notebooks, and front ends send \n: with the \r GoNB does not know its magics.
var lineEnds = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// Execute executes the code of a cell. A cell that fails, runs longer than
// timeout (0: no limit) or is interrupted by ctx gives a Result with the
// outputs so far and a Failure, and the kernel stays usable. The error is for a
// kernel that died or had to be killed; the Result holds the outputs until then.
func (k *Kernel) Execute(ctx context.Context, code string, timeout time.Duration) (Result, error) {
	out := collector{shown: k.shown}
	var r Result
	id, err := k.send(k.shell, "execute_request", map[string]any{
		"code": lineEnds.Replace(code), "silent": false, "store_history": true, "user_expressions": map[string]any{},
		"allow_stdin": false, "stop_on_error": true,
	})
	if err != nil {
		return r, k.died(err)
	}
	var late, stuck <-chan time.Time
	if timeout > 0 {
		t := time.NewTimer(timeout)
		defer t.Stop()
		late = t.C
	}
	cancelled := ctx.Done()
	interrupt := func(why error) {
		r.Failure = why
		late, cancelled = nil, nil
		stuck = time.After(interruptTime)
		k.process.Interrupt()
	}
	// The reply and the end of the outputs come by two sockets, in any order.
	for replied, idle := false, false; !replied || !idle; {
		select {
		case m := <-k.messages:
			if m.parent.ID != id {
				continue
			}
			out.add(m)
			switch m.header.Type {
			case "status":
				idle = m.text("execution_state") == "idle"
			case "execute_reply":
				replied = true
				if n, ok := m.content["execution_count"].(json.Number); ok {
					count, _ := n.Int64()
					r.Count = int(count)
				}
				if m.text("status") != "ok" && r.Failure == nil {
					r.Failure = cellError(m)
				}
			}
		case <-late:
			interrupt(ErrTimeout)
		case <-cancelled:
			interrupt(context.Cause(ctx))
		case <-stuck:
			k.process.Kill()
			r.Outputs = out.done()
			return r, fmt.Errorf("the kernel was killed: the cell did not end within %v after its interrupt", interruptTime)
		case <-k.process.Done():
			r.Outputs = out.done()
			return r, k.died(nil)
		}
	}
	r.Outputs = out.done()
	return r, nil
}

func cellError(m message) *CellError {
	e := &CellError{Name: m.text("ename"), Value: m.text("evalue")}
	lines, _ := m.content["traceback"].([]any)
	for _, line := range lines {
		text, _ := line.(string)
		e.Traceback = append(e.Traceback, text)
	}
	return e
}

// Close ends the kernel with everything it started and removes its temporary
// files. It may be called after any error, and again.
func (k *Kernel) Close() {
	select {
	case <-k.closing:
		return
	default:
	}
	if k.process != nil {
		patience := time.Duration(0)
		if k.up {
			_, _ = k.send(k.control, "shutdown_request", map[string]any{"restart": false})
			patience = shutdownTime
		}
		select {
		case <-k.process.Done():
		case <-time.After(patience):
			k.process.Kill()
			<-k.process.Done()
		}
	}
	close(k.closing)
	for _, s := range []zmq4.Socket{k.shell, k.control, k.iopub} {
		if s != nil {
			_ = s.Close()
		}
	}
	_ = os.RemoveAll(k.dir)
}
