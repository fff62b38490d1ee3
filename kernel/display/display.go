// Package display shows figures, tables and texts in a GoNB notebook.
//
// It speaks the protocol of GoNB's own library gonbui (v0.11.4) over the same
// pipes and sends the same messages, but imports the standard library only: a
// cell that shows a figure links about 70 packages instead of 150.
//
// Outside a notebook the text form is printed instead, so that the same code
// runs as a program.
//
// A program that imports gonbui as well shares the pipes with it: what is shown
// here arrives, but without its metadata, and its arrival cannot be waited for;
// let such a program end with gonbui.Sync().
package display

import (
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"time"
)

// Bundle is one thing to show in several forms; a front-end picks the best that
// it can show.
type Bundle struct {
	// Data is the content by MIME type: a string for text ("text/html",
	// "text/plain", "image/svg+xml" …), a []byte for binary data ("image/png" …).
	// Give "text/plain" always: it is what a terminal shows.
	Data map[string]any

	// Metadata is what front-ends know of: for images
	// {"image/png": map[string]any{"width": 480}}. Values are bool, int, float64,
	// string, []any and map[string]any.
	Metadata map[string]any
}

// InNotebook tells whether this program is a cell of a GoNB notebook.
func InNotebook() bool { return os.Getenv(pipeVariable) != "" }

// Show shows the bundle below the cell, after what was printed so far, and
// returns when it has arrived. Outside a notebook it prints the plain text.
//
// It fails for an empty bundle, for values of other types than [Bundle] names
// and when the connection to the notebook is broken.
func Show(b Bundle) error { return send("display.Show", "", b) }

// Update shows the bundle in place of what was last shown under the same id, by
// this cell or an earlier one; the first time it works as [Show]. Outside a
// notebook it prints the plain text each time.
//
// It fails for an empty id and as [Show] does.
func Update(id string, b Bundle) error {
	if id == "" {
		return errors.New("display.Update: the id is empty; give each display that is to be updated a name of its own")
	}
	return send("display.Update", id, b)
}

func send(call, id string, b Bundle) error {
	if err := b.check(); err != nil {
		return fmt.Errorf("%s: %w", call, err)
	}
	if !InNotebook() {
		return printText(os.Stdout, b)
	}
	if err := notebook.show(displayData{Data: b.Data, Metadata: b.Metadata, DisplayID: id}); err != nil {
		return fmt.Errorf("%s: the notebook does not answer: %w; restart the kernel", call, err)
	}
	return nil
}

func (b Bundle) check() error {
	if len(b.Data) == 0 {
		return errors.New("the bundle is empty; give at least text/plain")
	}
	for _, mime := range slices.Sorted(maps.Keys(b.Data)) {
		switch b.Data[mime].(type) {
		case string, []byte:
		default:
			return fmt.Errorf("%s is a %T; give a string, or []byte for binary data", mime, b.Data[mime])
		}
	}
	return checkMetadata("metadata", b.Metadata)
}

func checkMetadata(path string, v any) error {
	switch v := v.(type) {
	case bool, int, float64, string:
	case []any:
		for i, x := range v {
			if err := checkMetadata(fmt.Sprintf("%s[%d]", path, i), x); err != nil {
				return err
			}
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			if err := checkMetadata(path+"."+key, v[key]); err != nil {
				return err
			}
		}
	default:
		return fmt.Errorf("%s is a %T; use bool, int, float64, string, []any or map[string]any", path, v)
	}
	return nil
}

// printText writes the plain text, or what there is instead of one.
func printText(w io.Writer, b Bundle) error {
	text, ok := b.Data["text/plain"].(string)
	if !ok {
		text = "[" + strings.Join(slices.Sorted(maps.Keys(b.Data)), ", ") + ": no plain text to print]"
	}
	_, err := fmt.Fprintln(w, strings.TrimSuffix(text, "\n"))
	return err
}

// GoNB's protocol: values of displayData, encoded by gob, go down the pipe named
// by pipeVariable; values of commValue come back by the other. The names of the
// fields are the protocol's; those of the types are not sent.

const (
	pipeVariable     = "GONB_PIPE"
	backPipeVariable = "GONB_PIPE_BACK"
	commType         = "gonb/comm_value"
	commName         = "github.com/janpfeifer/gonb/gonbui/protocol.CommValue" // under which gonb registers it
	listenType       = "gonb/comm_subscribe"
	listenName       = "github.com/janpfeifer/gonb/gonbui/protocol.CommSubscription"
	syncAddress      = "#gonbui/sync"
	syncAnswer       = "#gonbui/sync_ack"
)

type displayData struct {
	Data      content
	Metadata  metadata
	DisplayID string
}

// The maps have types of their own because gob describes a type once to a
// connection, and GoNB gives up if gonbui in the same program describes
// map[string]any too.
type (
	content  map[string]any
	metadata map[string]any
)

type commValue struct {
	Address string
	Request bool
	Value   any
}

// commSubscription asks for the values that scripts send to an address.
type commSubscription struct {
	Address     string
	Unsubscribe bool
}

// Cells print by one pipe and show by another, and GoNB reads them apart. So what
// was printed must have been read before anything is shown, and passed on, which
// this pause is for: measured 20 of 20 in order, against 4 of 20 without.
const printedFirst = 2 * time.Millisecond

// printed waits until the kernel has what was printed. On a busy machine that may
// take some time; it is not waited for longer than a second.
func printed() {
	for start := time.Now(); unread(os.Stdout)+unread(os.Stderr) > 0 && time.Since(start) < time.Second; {
		time.Sleep(printedFirst / 10)
	}
	time.Sleep(printedFirst)
}

// connection is the program's connection to the kernel, opened when it is first used.
type connection struct {
	sync.Mutex
	down     *gob.Encoder
	answers  chan int // to requests to sync; nil if gonbui reads them, closed when the kernel has gone
	gone     error    // why answers is closed
	synced   int
	err      error    // the first error: the connection stays broken
	channels sync.Map // of the values sent to an address: string → chan string
}

var notebook connection

// show sends one message and waits for its arrival.
func (c *connection) show(d displayData) error {
	c.Lock()
	defer c.Unlock()
	if c.err == nil && c.down == nil {
		c.err = c.open()
	}
	if c.err != nil {
		return c.err
	}
	if c.answers == nil {
		d.Metadata = nil // may hold a map[string]any, see there
	}
	printed()
	if c.err = c.down.Encode(d); c.err == nil {
		c.err = c.sync()
	}
	return c.err
}

func (c *connection) open() error {
	gob.Register(map[string]any{})
	gob.Register([]any{})
	down, err := os.OpenFile(os.Getenv(pipeVariable), os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	// Opened even if it is not read: GoNB waits for it.
	up, err := os.OpenFile(os.Getenv(backPipeVariable), os.O_RDONLY, 0)
	if err != nil {
		return errors.Join(err, down.Close())
	}
	c.down = gob.NewEncoder(down)
	if registerComm() {
		c.answers = make(chan int)
		go c.receive(gob.NewDecoder(up))
	}
	return nil
}

// receive passes on what comes from the kernel until it goes away.
func (c *connection) receive(up *gob.Decoder) {
	for {
		var v commValue
		if err := up.Decode(&v); err != nil {
			c.gone = err
			close(c.answers)
			return
		}
		if id, ok := v.Value.(int); ok && v.Address == syncAnswer {
			c.answers <- id
		} else if values, ok := c.channels.Load(v.Address); ok {
			if text, ok := v.Value.(string); ok {
				deliver(values.(chan string), text)
			}
		}
	}
}

// registerComm makes the types of values known to gob under GoNB's names for
// them. It fails if gonbui is in the program and did so before: then gonbui reads
// the answers.
func registerComm() (ok bool) {
	defer func() { ok = recover() == nil }()
	gob.RegisterName(commName, commValue{})
	gob.RegisterName(listenName, commSubscription{})
	return true
}

// sync returns when the kernel has handled all that was sent.
func (c *connection) sync() error {
	if c.answers == nil {
		return nil
	}
	id := c.synced
	c.synced++
	request := commValue{Address: syncAddress, Value: id}
	if err := c.down.Encode(displayData{Data: content{commType: request}}); err != nil {
		return err
	}
	for answer := range c.answers {
		if answer == id {
			return nil
		}
	}
	return c.gone
}
