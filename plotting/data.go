package plotting

import (
	"fmt"
	"math"
)

// Labels are the words of a figure. They may hold raised and lowered parts:
// x², 10⁻⁸, ω_max, e^{ikx}. Any may be empty.
type Labels struct {
	Title   string
	X, Y    string // axes, with units if there are any
	Caption string // parameters, below the figure
}

// Series is a curve, or points, with a name for the legend. X and Y have equal
// length. Where Y is NaN the curve is interrupted.
type Series struct {
	Name   string
	X, Y   []float64
	Points bool // draw points and no line

	// Low and High, if there, are the ends of a band about the curve, such as
	// the spread over seeds; one of each for a point.
	Low, High []float64
}

// check returns what is wrong with a series: lengths that differ, no points or
// none that is finite.
func (s Series) check(call string) error {
	name := call
	if s.Name != "" {
		name = fmt.Sprintf("%s: series %q", call, s.Name)
	}
	if len(s.X) != len(s.Y) {
		return fmt.Errorf("%s: %d values of x and %d of y; give one y for each x", name, len(s.X), len(s.Y))
	}
	if n := len(s.X); (s.Low != nil || s.High != nil) && (len(s.Low) != n || len(s.High) != n) {
		return fmt.Errorf("%s: a band of %d low and %d high ends about %d points; give one of each for a point", name, len(s.Low), len(s.High), n)
	}
	if len(s.X) == 0 {
		return fmt.Errorf("%s: no points; give at least one", name)
	}
	for i := range s.X {
		if s.finite(i) {
			return nil
		}
	}
	return fmt.Errorf("%s: all %d points are NaN or infinite; there is nothing to draw", name, len(s.X))
}

// finite tells whether point i has a place on paper.
func (s Series) finite(i int) bool { return s.X[i]-s.X[i] == 0 && s.Y[i]-s.Y[i] == 0 }

// gaps returns the remark about points that are left out of curves.
func gaps(series ...Series) string {
	missing, all := 0, 0
	for _, s := range series {
		for i := range s.X {
			if !s.finite(i) {
				missing++
			}
		}
		all += len(s.X)
	}
	if missing == 0 {
		return ""
	}
	return fmt.Sprintf("%d of %d points are NaN or infinite and left out.", missing, all)
}

// census counts what is in a field.
type census struct {
	span
	nan, inf int
}

func count(values []float64) census {
	var c census
	for _, v := range values {
		switch {
		case v-v == 0:
			c.add(v)
		case math.IsNaN(v):
			c.nan++
		default:
			c.inf++
		}
	}
	return c
}

// remark says what an image cannot show.
func (c census) remark(symbol string) string {
	if symbol == "" {
		symbol = "value"
	}
	text := ""
	if c.nan > 0 {
		text = fmt.Sprintf("%s NaN (grey).", are(c.nan))
	}
	if c.inf > 0 {
		text = join(text, fmt.Sprintf("%s infinite (colour at the end of the scale).", are(c.inf)))
	}
	if c.lo == c.hi {
		text = join(text, fmt.Sprintf("%s = %s everywhere else.", symbol, minus(fmt.Sprintf("%.6g", c.lo))))
		if c.nan+c.inf == 0 {
			text = fmt.Sprintf("%s = %s everywhere.", symbol, minus(fmt.Sprintf("%.6g", c.lo)))
		}
	}
	return text
}

func are(n int) string {
	if n == 1 {
		return "1 value is"
	}
	return fmt.Sprintf("%d values are", n)
}

func join(a, b string) string {
	if a == "" {
		return b
	}
	return a + " " + b
}
