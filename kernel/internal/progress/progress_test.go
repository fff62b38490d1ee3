package progress

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"
)

// record is a screen that remembers.
type record struct{ lines []string }

func (r *record) draw(fraction float64, line string) {
	r.lines = append(r.lines, fmt.Sprintf("%.2f %s", fraction, line))
}

func (r *record) end(line string) { r.lines = append(r.lines, "end "+line) }

func TestPacedByTheClock(t *testing.T) {
	var r record
	clock := time.Unix(0, 0)
	b := start("φ⁴", 0, 1000, "steps", &r, func() time.Time { return clock })
	for n := range int64(1000) { // a millisecond a step
		clock = clock.Add(time.Millisecond)
		b.Set(n + 1)
	}
	b.Close("φ⁴: 1000 steps")
	b.Close("again")
	b.Set(3)
	want := []string{
		"0.20 φ⁴  20 %  1k steps/s  0:01 left",
		"0.40 φ⁴  40 %  1k steps/s  0:01 left",
		"0.60 φ⁴  60 %  1k steps/s  0:00 left",
		"0.80 φ⁴  80 %  1k steps/s  0:00 left",
		"1.00 φ⁴ 100 %  1k steps/s  0:00 left",
		"end φ⁴: 1000 steps",
	}
	if got := strings.Join(r.lines, "\n"); got != strings.Join(want, "\n") {
		t.Errorf("got\n%s", got)
	}
}

// A resumed job must not count what was done before as its own speed.
func TestResumedJob(t *testing.T) {
	var r record
	clock := time.Unix(0, 0)
	b := start("x", 900, 1000, "steps", &r, func() time.Time { return clock })
	clock = clock.Add(10 * time.Second)
	b.Set(950)
	if want := "0.95 x  95 %  5 steps/s  0:10 left"; len(r.lines) != 1 || r.lines[0] != want {
		t.Errorf("got %q, want %q", r.lines, want)
	}
}

func TestOddNumbers(t *testing.T) {
	var r record
	clock := time.Unix(0, 0)
	b := start("x", 0, 0, "steps", &r, func() time.Time { return clock })
	for _, n := range []int64{-5, 0, 7} {
		clock = clock.Add(time.Second)
		b.Set(n)
	}
	for _, line := range r.lines {
		if line != "1.00 x 100 %" {
			t.Errorf("got %q", line)
		}
	}
}

func TestSetAllocatesNothingBetweenUpdates(t *testing.T) {
	clock := time.Unix(0, 0)
	b := start("x", 0, 1000, "steps", &record{}, func() time.Time { return clock })
	if n := testing.AllocsPerRun(100, func() { b.Set(1) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

func TestTerminal(t *testing.T) {
	var out bytes.Buffer
	s := &terminal{w: &out}
	s.draw(0.5, "half")
	s.end("done")
	if want := "\r\x1b[K" + strings.Repeat("█", 12) + strings.Repeat("░", 12) + " half\r\x1b[Kdone\n"; out.String() != want {
		t.Errorf("wrote %q", out.String())
	}
	out.Reset()
	(&terminal{w: &out}).end("")
	(&log{&out}).draw(0.5, "half")
	(&log{&out}).end("")
	if out.Len() != 0 {
		t.Errorf("wrote %q", out.String())
	}
}

func TestClock(t *testing.T) {
	for d, want := range map[time.Duration]string{
		7400 * time.Millisecond: "0:07", 754 * time.Second: "12:34", 3723 * time.Second: "1:02:03", 0: "0:00",
	} {
		if got := clock(d); got != want {
			t.Errorf("clock(%v) = %s, want %s", d, got, want)
		}
	}
}

func TestPhase(t *testing.T) {
	var out bytes.Buffer
	failure := errors.New("no")
	if err := Phase(&out, "building", func() error { return nil }); err != nil {
		t.Fatal(err)
	}
	if err := Phase(&out, "packing", func() error { return failure }); err != failure {
		t.Errorf("error %v", err)
	}
	if !regexp.MustCompile(`^building \.\.\. \d+\.\d s\npacking \.\.\. failed after \d+\.\d s\n$`).MatchString(out.String()) {
		t.Errorf("wrote %q", out.String())
	}
}
