package simulate

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/nnfield/nnfield/nnfield/internal/elementary"
)

// Schedule says when something is recorded, in steps or in simulation time,
// never in wall clock. What falls between two steps is taken at the nearest one
// and its true time is recorded; the step is not changed to hit it.
//
// The zero value is the default of whoever takes it.
type Schedule struct {
	every       int
	everyTime   float64
	times       []float64
	logarithmic int
	count       int
	err         error
}

// Every records every n steps, n ≥ 1, from the start, and the last state.
func Every(n int) Schedule {
	s := Schedule{every: n}
	if n < 1 {
		s.err = fmt.Errorf("Every(%d): the number of steps must be at least 1", n)
	}
	return s
}

// EveryTime records every dt units of simulation time, from the start, and the
// last state.
func EveryTime(dt float64) Schedule {
	s := Schedule{everyTime: dt}
	if !(dt > 0) || math.IsInf(dt, 1) {
		s.err = fmt.Errorf("EveryTime(%v): the interval must be positive and finite", dt)
	}
	return s
}

// AtTimes records at the given times.
func AtTimes(times ...float64) Schedule {
	s := Schedule{times: slices.Clone(times)}
	if len(times) == 0 {
		s.err = fmt.Errorf("AtTimes(): give at least one time")
	}
	for _, t := range times {
		if !(t >= 0) || math.IsInf(t, 1) {
			s.err = fmt.Errorf("AtTimes(%v): every time must be finite and not negative", t)
		}
	}
	return s
}

// Logarithmic records n times per decade of the step number, and at the start
// and the end.
func Logarithmic(n int) Schedule {
	s := Schedule{logarithmic: n}
	if n < 1 {
		s.err = fmt.Errorf("Logarithmic(%d): the number of records a decade must be at least 1", n)
	}
	return s
}

// Count records n states at equal distances, the first and the last included.
func Count(n int) Schedule {
	s := Schedule{count: n}
	if n < 2 {
		s.err = fmt.Errorf("Count(%d): there must be at least 2, the first and the last state", n)
	}
	return s
}

// maxRecords bounds what one schedule records: more frames or values than these nobody
// looks at, and their step numbers alone would take the memory.
const maxRecords = 10_000_000

// String returns the call that makes the schedule.
func (s Schedule) String() string {
	switch {
	case s.every > 0:
		return fmt.Sprintf("Every(%d)", s.every)
	case s.everyTime > 0:
		return fmt.Sprintf("EveryTime(%v)", s.everyTime)
	case s.times != nil:
		return fmt.Sprintf("AtTimes(%s)", strings.Join(strings.Fields(strings.Trim(fmt.Sprint(s.times), "[]")), ", "))
	case s.logarithmic > 0:
		return fmt.Sprintf("Logarithmic(%d)", s.logarithmic)
	case s.count > 0:
		return fmt.Sprintf("Count(%d)", s.count)
	case s.err != nil:
		return s.err.Error()
	}
	return "the default schedule"
}

func (s Schedule) zero() bool {
	return s.every == 0 && s.everyTime == 0 && s.times == nil && s.logarithmic == 0 && s.count == 0 && s.err == nil
}

// Steps returns the step numbers, ascending, of a run of n steps of duration
// step.
func (s Schedule) Steps(n int, step float64) ([]int, error) {
	if s.err != nil {
		return nil, s.err
	}
	var at []int
	if records := s.records(n, step); records > maxRecords {
		return nil, fmt.Errorf("%v: %.3g records in %d steps; at most %.0e are kept, record less often", s, records, n, float64(maxRecords))
	}
	switch {
	case s.every > 0:
		for i := 0; i < n; i += s.every {
			at = append(at, i)
		}
		at = append(at, n)
	case s.everyTime > 0:
		if s.everyTime < step/2 {
			return nil, fmt.Errorf("EveryTime(%v): shorter than half the step %.6g; use Every(1)", s.everyTime, step)
		}
		for i := 0; ; i++ {
			k := math.Round(float64(i) * s.everyTime / step)
			if k >= float64(n) {
				break
			}
			at = append(at, int(k))
		}
		at = append(at, n)
	case s.times != nil:
		for _, t := range s.times {
			k := math.Round(t / step)
			if k > float64(n) {
				return nil, fmt.Errorf("AtTimes(%v): after the end of the run at %.6g; use a later Until", t, float64(n)*step)
			}
			at = append(at, int(k))
		}
	case s.logarithmic > 3*n, s.count > n: // between two of them there is less than a step
		for i := range n + 1 {
			at = append(at, i)
		}
	case s.logarithmic > 0:
		at = append(at, 0)
		for i := 0; ; i++ {
			k := math.Round(elementary.Pow(10, float64(i)/float64(s.logarithmic)))
			if k >= float64(n) {
				break
			}
			at = append(at, int(k))
		}
		at = append(at, n)
	case s.count > 0:
		for i := range s.count {
			at = append(at, int(math.Round(float64(i)*float64(n)/float64(s.count-1))))
		}
	}
	slices.Sort(at)
	return slices.Compact(at), nil
}

// records bounds the number of records of a run of n steps from above, before any of
// them is written down.
func (s Schedule) records(n int, step float64) float64 {
	all := float64(n) + 1
	switch {
	case s.every > 0:
		return all / float64(s.every)
	case s.everyTime > 0:
		return min(all, all*step/s.everyTime)
	case s.logarithmic > 0:
		return min(all, float64(s.logarithmic)*(1+math.Log10(all)))
	case s.count > 0:
		return min(all, float64(s.count))
	}
	return float64(len(s.times))
}

// scheduleSpec is a schedule in a Spec: exactly one key.
type scheduleSpec struct {
	Every       *int      `json:"every,omitempty"`
	EveryTime   *float64  `json:"every_time,omitempty"`
	Times       []float64 `json:"times,omitempty"`
	Logarithmic *int      `json:"logarithmic,omitempty"`
	Count       *int      `json:"count,omitempty"`
}

func (s Schedule) spec() scheduleSpec {
	switch {
	case s.every > 0:
		return scheduleSpec{Every: &s.every}
	case s.everyTime > 0:
		return scheduleSpec{EveryTime: &s.everyTime}
	case s.times != nil:
		return scheduleSpec{Times: s.times}
	case s.logarithmic > 0:
		return scheduleSpec{Logarithmic: &s.logarithmic}
	}
	return scheduleSpec{Count: &s.count}
}

func (s scheduleSpec) schedule() (Schedule, error) {
	var given []Schedule
	if s.Every != nil {
		given = append(given, Every(*s.Every))
	}
	if s.EveryTime != nil {
		given = append(given, EveryTime(*s.EveryTime))
	}
	if s.Times != nil {
		given = append(given, AtTimes(s.Times...))
	}
	if s.Logarithmic != nil {
		given = append(given, Logarithmic(*s.Logarithmic))
	}
	if s.Count != nil {
		given = append(given, Count(*s.Count))
	}
	if len(given) != 1 {
		return Schedule{}, fmt.Errorf("a schedule has exactly one of the keys every, every_time, times, logarithmic, count; it has %d", len(given))
	}
	return given[0], given[0].err
}
