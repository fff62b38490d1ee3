// Package progress tells how far a job is, paced by the wall clock: in a
// terminal on a line that is written over, in a notebook in a display that is
// updated in place, elsewhere by one line when the job has ended.
//
// What stays is one line that the caller gives, without times, so that a saved
// notebook is the same after each execution.
package progress

import (
	"fmt"
	"html"
	"io"
	"os"
	"strings"
	"time"

	"github.com/nnfield/nnfield/kernel/display"
)

// pace is the shortest time between two updates.
const pace = 200 * time.Millisecond

// Bar is the progress of one job. It must be used by one goroutine at a time.
type Bar struct {
	title, unit string
	total       int64
	screen      screen
	now         func() time.Time
	start, last time.Time
	first       int64 // units that were done when the job started
	closed      bool
}

// screen is where a bar is drawn.
type screen interface {
	draw(fraction float64, line string)
	end(line string) // takes the bar away and leaves the line; "" leaves nothing
}

// Start begins to show the progress of a job of total units ("steps"), of which
// done are done already. Nothing appears before the first [Bar.Set] that comes a
// fifth of a second later. Let a deferred Close("") follow.
func Start(title string, done, total int64, unit string) *Bar {
	var s screen = &log{os.Stderr}
	if display.InNotebook() {
		// Unique among the cells and programs that share a notebook.
		s = &cell{id: fmt.Sprintf("nnfield-progress-%d-%d", os.Getpid(), time.Now().UnixNano())}
	} else if isTerminal(os.Stderr) {
		s = &terminal{w: os.Stderr}
	}
	return start(title, done, total, unit, s, time.Now)
}

func start(title string, done, total int64, unit string, s screen, now func() time.Time) *Bar {
	t := now()
	return &Bar{title: title, unit: unit, total: total, first: done, screen: s, now: now, start: t, last: t}
}

// Set tells how many units are done. It is cheap: most calls look at the clock
// and return.
func (b *Bar) Set(done int64) {
	now := b.now()
	if b.closed || now.Sub(b.last) < pace {
		return
	}
	b.last = now
	done = min(max(done, 0), b.total)
	fraction := 1.0
	if b.total > 0 {
		fraction = float64(done) / float64(b.total)
	}
	rate := float64(done-b.first) / now.Sub(b.start).Seconds()
	line := fmt.Sprintf("%s %3.0f %%", b.title, 100*fraction)
	if rate > 0 {
		left := time.Duration(float64(b.total-done) / rate * float64(time.Second))
		line += fmt.Sprintf("  %s %s/s  %s left", short(rate), b.unit, clock(left))
	}
	b.screen.draw(fraction, line)
}

// Close ends the display and leaves the line in its place, nothing if it is "".
// Later calls do nothing.
func (b *Bar) Close(line string) {
	if !b.closed {
		b.closed = true
		b.screen.end(line)
	}
}

// short returns a number with three significant digits and a letter for thousands.
func short(x float64) string {
	for _, s := range []struct {
		unit float64
		name string
	}{{1e9, "G"}, {1e6, "M"}, {1e3, "k"}} {
		if x >= s.unit {
			return fmt.Sprintf("%.3g%s", x/s.unit, s.name)
		}
	}
	return fmt.Sprintf("%.3g", x)
}

// clock returns a duration as 0:07, 12:34 or 1:02:03.
func clock(d time.Duration) string {
	s := int64(d.Round(time.Second) / time.Second)
	if s < 3600 {
		return fmt.Sprintf("%d:%02d", s/60, s%60)
	}
	return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
}

// bar returns a bar of a width that fits an 80-column line.
func bar(fraction float64) string {
	const width = 24
	full := int(fraction * width)
	return strings.Repeat("█", full) + strings.Repeat("░", width-full)
}

// log is a screen that keeps what is written to it.
type log struct{ w io.Writer }

func (l *log) draw(float64, string) {}

func (l *log) end(line string) {
	if line != "" {
		fmt.Fprintln(l.w, line)
	}
}

// terminal is a screen whose last line can be written over.
type terminal struct {
	w     io.Writer
	drawn bool
}

const eraseLine = "\r\x1b[K"

func (t *terminal) draw(fraction float64, line string) {
	t.drawn = true
	fmt.Fprint(t.w, eraseLine, bar(fraction), " ", line)
}

func (t *terminal) end(line string) {
	if t.drawn {
		fmt.Fprint(t.w, eraseLine)
	}
	(&log{t.w}).end(line)
}

// cell is a display in a notebook. What it cannot show is not worth an error:
// the job matters more than its progress.
type cell struct {
	id    string
	drawn bool
}

func (c *cell) draw(fraction float64, line string) {
	c.drawn = true
	_ = display.Update(c.id, display.Bundle{Data: map[string]any{
		"text/html": fmt.Sprintf(`<div style="font-family:monospace"><progress max="1" value="%.4f" style="width:16em"></progress> %s</div>`,
			fraction, html.EscapeString(line)),
		"text/plain": bar(fraction) + " " + line,
	}})
}

func (c *cell) end(line string) {
	b := display.Bundle{Data: map[string]any{"text/html": html.EscapeString(line), "text/plain": line}}
	switch {
	case c.drawn:
		_ = display.Update(c.id, b)
	case line != "":
		_ = display.Show(b)
	}
}
