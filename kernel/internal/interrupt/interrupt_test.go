package interrupt

import (
	"context"
	"os"
	"testing"
	"time"
)

// ended plays signals to a watched context and tells when the process would have ended,
// 0 if it would not within Patience and half a second.
func ended(t *testing.T, look bool, signals ...time.Duration) time.Duration {
	t.Helper()
	inner, cancel := context.WithCancel(t.Context())
	l := &looked{Context: inner}
	c, done, end := make(chan os.Signal, 2), make(chan struct{}), make(chan struct{})
	defer close(done)
	began := time.Now()
	go watch(l, cancel, c, done, func() { close(end) })
	for _, at := range signals {
		time.Sleep(at - time.Since(began))
		c <- os.Interrupt
		if look {
			<-l.Done()
			if l.Err() == nil {
				t.Error("not cancelled")
			}
		}
	}
	select {
	case <-end:
		return time.Since(began)
	case <-time.After(Patience + 500*time.Millisecond):
		return 0
	}
}

func TestSignals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		look     bool
		signals  []time.Duration
		from, to time.Duration
	}{
		"looked at":                  {true, []time.Duration{0}, 0, 0},
		"twice at once":              {true, []time.Duration{0, 10 * time.Millisecond}, 0, 0},
		"twice":                      {true, []time.Duration{0, 500 * time.Millisecond}, 500 * time.Millisecond, time.Second},
		"nobody looks":               {false, []time.Duration{0}, Patience, Patience + 400*time.Millisecond},
		"nobody looks, and a second": {false, []time.Duration{0, 600 * time.Millisecond}, 600 * time.Millisecond, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if after := ended(t, c.look, c.signals...); after < c.from || after > c.to {
				t.Errorf("ended after %v, not between %v and %v", after, c.from, c.to)
			}
		})
	}
}
