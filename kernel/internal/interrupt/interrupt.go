// Package interrupt ends what runs when a signal asks for it: gently what looks, and
// at once what does not.
package interrupt

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"sync/atomic"
	"time"
)

// Status is the exit status of a program that a signal ended: 128 + SIGINT, as shells
// have it.
const Status = 130

// Patience is how long the program has to look at its context after a signal. Between
// looks a run takes 20 ms to 250 ms, so that whoever does not look in this time reads,
// decodes, plans or waits, and has nothing to save.
const Patience = 2 * time.Second

// together is the time within which two signals count as one: Jupyter sends each to the
// process group and to the kernel, which passes it on.
const together = 250 * time.Millisecond

// looked is a context that notes when somebody has seen that it is cancelled.
type looked struct {
	context.Context
	seen atomic.Bool
}

func (l *looked) Err() error {
	err := l.Context.Err()
	if err != nil {
		l.seen.Store(true)
	}
	return err
}

// Context returns a context that the first of the signals cancels. A second one, or one
// after which nobody looks at the context for [Patience], ends the process with
// [Status] and a sentence on standard error. Who looks has the time it needs to save
// and to clear away.
func Context(name string, signals ...os.Signal) (ctx context.Context, stop func()) {
	inner, cancel := context.WithCancel(context.Background())
	l := &looked{Context: inner}
	c := make(chan os.Signal, 2)
	done := make(chan struct{})
	signal.Notify(c, signals...)
	go watch(l, cancel, c, done, func() {
		fmt.Fprintln(os.Stderr, name+"interrupted")
		os.Exit(Status)
	})
	return l, func() {
		signal.Stop(c)
		select {
		case <-done:
		default:
			close(done)
		}
		cancel()
	}
}

// watch waits for signals.
func watch(l *looked, cancel func(), c <-chan os.Signal, done <-chan struct{}, end func()) {
	select {
	case <-c:
	case <-done:
		return
	}
	first := time.Now()
	cancel()
	patience := time.After(Patience)
	for {
		select {
		case <-c:
			if time.Since(first) > together {
				end()
				return
			}
		case <-patience:
			if !l.seen.Load() {
				end()
				return
			}
		case <-done:
			return
		}
	}
}
