package display

import (
	"errors"
	"fmt"
	"os"
)

// Headless is the setting of the environment by which whoever executes a notebook
// says that no page shows it meanwhile.
const Headless = frontEndVariable + "=none"

const frontEndVariable = "NNFIELD_FRONT_END"

// Live tells whether a page may show this cell while it runs: it is one of a
// notebook, and not of one that is executed as [Headless].
func Live() bool { return InNotebook() && os.Getenv(frontEndVariable) != "none" }

// Listen returns the texts that scripts in the page send to an address while this
// cell runs,
//
//	gonb_comm.newSyncedVariable(address, text)   // once; sends text
//	variable.set(text)
//
// with gonb_comm, which GoNB puts into the page of a live front-end when a cell
// begins to listen. The channel holds the latest text only: a slow reader misses
// those in between. Without a page, as in a headless run, nothing ever comes.
//
// It fails outside a notebook, for an empty address, for one that is listened to,
// in a program that imports gonbui, and when the connection to the notebook is
// broken.
func Listen(address string) (<-chan string, error) {
	switch {
	case address == "":
		return nil, errors.New("display.Listen: the address is empty; give each listener one of its own")
	case !InNotebook():
		return nil, errors.New("display.Listen: no notebook runs this program; look at display.InNotebook first")
	}
	values, err := notebook.listen(address)
	if err != nil {
		return nil, fmt.Errorf("display.Listen(%q): %w", address, err)
	}
	return values, nil
}

func (c *connection) listen(address string) (<-chan string, error) {
	c.Lock()
	defer c.Unlock()
	if c.err == nil && c.down == nil {
		c.err = c.open()
	}
	switch {
	case c.err != nil:
		return nil, fmt.Errorf("the notebook does not answer: %w; restart the kernel", c.err)
	case c.answers == nil:
		return nil, errors.New("this program imports gonbui, which reads what comes from the page; use its widgets, or this package alone")
	}
	values := make(chan string, 1)
	if _, taken := c.channels.LoadOrStore(address, values); taken {
		return nil, errors.New("it is listened to already; use another address")
	}
	c.err = c.down.Encode(displayData{Data: content{listenType: commSubscription{Address: address}}})
	return values, c.err
}

// deliver puts a text in place of one that nobody has read.
func deliver(values chan string, text string) {
	select {
	case <-values:
	default:
	}
	values <- text
}
