package plotting

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
)

// span is the range of the finite numbers it was shown; the zero span has seen
// none.
type span struct {
	lo, hi float64
	seen   bool
}

func (s *span) add(v float64) {
	if v-v != 0 { // NaN or infinite
		return
	}
	if !s.seen {
		s.lo, s.hi, s.seen = v, v, true
		return
	}
	s.lo, s.hi = min(s.lo, v), max(s.hi, v)
}

func (s *span) join(t span) {
	if t.seen {
		s.add(t.lo)
		s.add(t.hi)
	}
}

// scale maps numbers to the unit interval along an axis.
type scale struct {
	lo, hi float64 // lo < hi; both positive if log
	log    bool
	flip   bool // the high end comes first

	// Of a symmetric-logarithmic scale, −hi to hi: linear between −linear and
	// linear, logarithmic beyond; 0 for other scales.
	linear float64
	angle  bool // −π to π
}

// tiny is where linear scales give up: below it, differences of floats have
// too few digits to draw.
const tiny = 1e-300

// linear returns the scale that shows a span with a margin, a fraction of its
// width, on either side. A span without width, or narrower than round-off, is
// widened about its value.
func linear(s span, margin float64) scale {
	if !s.seen {
		return scale{lo: 0, hi: 1}
	}
	lo, hi := s.lo, s.hi
	size := max(math.Abs(lo), math.Abs(hi))
	if size < tiny {
		return scale{lo: -1, hi: 1}
	}
	if width := hi/2 - lo/2; width < 1e-14*size {
		return scale{lo: max(lo-size/2, -math.MaxFloat64), hi: min(hi+size/2, math.MaxFloat64)}
	}
	pad := 2 * margin * (hi/2 - lo/2)
	return scale{lo: max(lo-pad, -math.MaxFloat64), hi: min(hi+pad, math.MaxFloat64)}
}

// logarithmic returns the logarithmic scale that shows a span of positive
// numbers, at least a factor of 2 wide.
func logarithmic(s span, margin float64) scale {
	if !s.seen {
		return scale{lo: 0.1, hi: 1, log: true}
	}
	// Powers of ten from −307 to 308 are floats of full precision.
	const lowest, highest = -307, 308
	lo, hi := max(math.Log10(s.lo), lowest), max(math.Log10(s.hi), lowest)
	pad := max(margin*(hi-lo), (0.3-(hi-lo))/2)
	lo = min(max(lo-pad, lowest), highest-0.3)
	hi = min(max(hi+pad, lowest+0.3), highest)
	return scale{lo: math.Pow(10, lo), hi: math.Pow(10, hi), log: true}
}

// at returns where v is, 0 at the low end and 1 at the high end; NaN if it is
// nowhere.
func (s scale) at(v float64) float64 {
	var t float64
	switch width := s.hi - s.lo; {
	case s.log && v <= 0:
		return math.NaN()
	case s.linear > 0:
		t = (symlog(v/s.linear)/symlog(s.hi/s.linear) + 1) / 2
	case s.log:
		t = (math.Log(v) - math.Log(s.lo)) / (math.Log(s.hi) - math.Log(s.lo))
	case !math.IsInf(width, 0):
		t = (v - s.lo) / width
	default:
		t = (v/2 - s.lo/2) / (s.hi/2 - s.lo/2)
	}
	if s.flip {
		return 1 - t
	}
	return t
}

// tick is a mark on an axis; minor ones have no label.
type tick struct {
	at    float64 // on the unit interval
	label string
}

// ticks are the marks of an axis. Tick labels times factor, plus offset, are
// the numbers: factor is "×10^{−8}" or empty, offset "+ 1.25" or empty.
type ticks struct {
	major          []tick
	minor          []float64
	factor, offset string
}

// suffix is what has to stand at the end of the axis.
func (t ticks) suffix() string { return strings.TrimSpace(t.factor + " " + t.offset) }

// ticks returns about n ticks, at least 2 where numbers allow.
func (s scale) ticks(n int) ticks {
	switch {
	case s.log:
		return s.logTicks(n)
	case s.linear > 0:
		return s.symlogTicks(n)
	case s.angle:
		return ticks{major: []tick{{0, "−π"}, {0.25, "−π/2"}, {0.5, "0"}, {0.75, "π/2"}, {1, "π"}}}
	}
	return s.linearTicks(n)
}

// linearTicks puts ticks at the multiples k·c·10^p, c = 1, 2 or 5. Labels are
// built from the integers k·c, so that they are exact.
func (s scale) linearTicks(n int) ticks {
	c, p, first, last, minorSteps := int64(0), 0, int64(0), int64(0), 0
	for parts := float64(max(n, 2)); last-first < 1; parts++ {
		c, p = step(s.hi/parts - s.lo/parts) // this order cannot overflow
		first, last, minorSteps = s.multiples(c, p)
	}

	// The largest label decides about a power of ten to take out, of which
	// steps and labels then have no more than a few digits.
	largest := max(abs(first), abs(last)) * c
	exponent := len(strconv.FormatInt(largest, 10)) - 1 + p
	if largest == 0 {
		exponent = p
	}
	var t ticks
	base := int64(0)
	if digits := exponent - p; digits > 4 {
		// Too many digits for a label: take an offset out.
		round := int64(1)
		for round <= (last-first)*c {
			round *= 10
		}
		base = floorDiv(first*c, round) * round
		t.offset = plus(decimal(base, p))
		largest = max(abs(first*c-base), abs(last*c-base))
		exponent = len(strconv.FormatInt(largest, 10)) - 1 + p
	}
	if exponent > -3 && exponent < 5 {
		exponent = 0
	} else {
		t.factor = "×10^{" + minus(strconv.Itoa(exponent)) + "}"
	}
	for k := first; k <= last; k++ {
		value := float64(k) * float64(c) * math.Pow10(p)
		t.major = append(t.major, tick{s.at(value), minus(fixedPoint(k*c-base, p-exponent))})
	}
	for k := (first - 1) * int64(minorSteps); k <= (last+1)*int64(minorSteps); k++ {
		if k%int64(minorSteps) == 0 {
			continue
		}
		at := s.at(float64(k) / float64(minorSteps) * float64(c) * math.Pow10(p))
		if at > 0 && at < 1 {
			t.minor = append(t.minor, at)
		}
	}
	return t
}

// step returns c·10^p, c = 1, 2 or 5, not smaller than width.
func step(width float64) (c int64, p int) {
	p = int(math.Floor(math.Log10(width)))
	for {
		for _, c := range []int64{1, 2, 5} {
			if float64(c)*math.Pow10(p) >= width*(1-1e-9) {
				return c, p
			}
		}
		p++
	}
}

// multiples returns the first and last k with k·c·10^p inside the scale, and
// in how many parts minor ticks cut a step.
func (s scale) multiples(c int64, p int) (first, last int64, minorSteps int) {
	width := float64(c) * math.Pow10(p)
	const hair = 1e-9 // a tick at the very end is inside
	first = int64(math.Ceil(s.lo/width - hair))
	last = int64(math.Floor(s.hi/width + hair))
	if c == 2 {
		return first, last, 2
	}
	return first, last, 5
}

// logTicks puts ticks at powers of ten or, on short scales, between them.
func (s scale) logTicks(n int) ticks {
	lo, hi := math.Log10(s.lo), math.Log10(s.hi)
	const hair = 1e-9
	first, last := int(math.Ceil(lo-hair)), int(math.Floor(hi+hair))
	var t ticks
	if last-first < 1 {
		return s.shortLogTicks(n)
	}
	every := 1
	for (last-first)/every+1 > n {
		every++
	}
	for e := first; e <= last; e++ {
		at := s.at(math.Pow10(e))
		if floorDiv(int64(e), int64(every))*int64(every) == int64(e) {
			t.major = append(t.major, tick{at, power(e)})
		} else {
			t.minor = append(t.minor, at)
		}
	}
	if every == 1 && last-first < 12 {
		for e := first - 1; e <= last; e++ {
			for m := 2; m <= 9; m++ {
				if at := s.at(float64(m) * math.Pow10(e)); at > 0 && at < 1 {
					t.minor = append(t.minor, at)
				}
			}
		}
	}
	return t
}

// shortLogTicks labels a scale of less than two powers of ten at the round
// numbers m·10^e: as many of them as n allows, but 2 where there are.
func (s scale) shortLogTicks(n int) ticks {
	e0, e1 := int(math.Floor(math.Log10(s.lo))), int(math.Floor(math.Log10(s.hi)))
	var best ticks
	for _, set := range [][]int{{1, 2, 3, 4, 5, 6, 7, 8, 9}, {1, 2, 3, 5, 7}, {1, 2, 5}, {1, 3}, {1}} {
		var t ticks
		for e := e0; e <= e1; e++ {
			for m := 1; m <= 9; m++ {
				at := s.at(float64(m) * math.Pow10(e))
				if at < -1e-9 || at > 1+1e-9 {
					continue
				}
				if slices.Contains(set, m) {
					t.major = append(t.major, tick{at, short(m, e)})
				} else {
					t.minor = append(t.minor, at)
				}
			}
		}
		if len(t.major) < 2 {
			break
		}
		best = t
		if len(best.major) <= n {
			break
		}
	}
	if len(best.major) == 0 { // less than a factor of 2: the numbers between
		return s.linearTicks(n)
	}
	return best
}

// symlog is v up to 1 and the decades of |v| beyond.
func symlog(v float64) float64 {
	if a := math.Abs(v); a > 1 {
		return math.Copysign(1+math.Log10(a), v)
	}
	return v
}

// symlogTicks puts ticks at 0 and at powers of ten on either side.
func (s scale) symlogTicks(n int) ticks {
	const hair = 1e-9
	first, last := int(math.Ceil(math.Log10(s.linear)-hair)), int(math.Floor(math.Log10(s.hi)+hair))
	every := 1
	for 2*((last-first)/every+1)+1 > max(n, 3) {
		every++
	}
	t := ticks{major: []tick{{0.5, "0"}}}
	for e := last; e >= first; e-- {
		at := s.at(math.Pow10(e))
		if (last-e)%every == 0 {
			t.major = append(t.major, tick{at, power(e)})
			t.major = append([]tick{{1 - at, "−" + power(e)}}, t.major...)
		} else {
			t.minor = append(t.minor, 1-at, at)
		}
	}
	slices.SortFunc(t.major, func(a, b tick) int { return cmp.Compare(a.at, b.at) })
	return t
}

func power(e int) string {
	switch e {
	case 0:
		return "1"
	case 1:
		return "10"
	}
	return "10^{" + minus(strconv.Itoa(e)) + "}"
}

// short writes m·10^e the shortest readable way.
func short(m, e int) string {
	switch {
	case e >= -2 && e < 4:
		return minus(fixedPoint(int64(m), e))
	case m == 1:
		return power(e)
	}
	return strconv.Itoa(m) + "×" + power(e)
}

// fixedPoint writes the integer k·10^p without exponent.
func fixedPoint(k int64, p int) string {
	sign := ""
	if k < 0 {
		sign, k = "-", -k
	}
	digits := strconv.FormatInt(k, 10)
	if p >= 0 {
		if k != 0 {
			digits += strings.Repeat("0", p)
		}
		return sign + digits
	}
	if len(digits) <= -p {
		digits = strings.Repeat("0", -p-len(digits)+1) + digits
	}
	return sign + digits[:len(digits)+p] + "." + digits[len(digits)+p:]
}

// decimal writes k·10^p with as few digits as it needs.
func decimal(k int64, p int) string {
	for k != 0 && k%10 == 0 {
		k, p = k/10, p+1
	}
	if p > 5 || p < -15 {
		return fixedPoint(k, 0) + "×10^{" + minus(strconv.Itoa(p)) + "}"
	}
	return fixedPoint(k, p)
}

// minus replaces hyphens by minus signs.
func minus(number string) string { return strings.ReplaceAll(number, "-", "−") }

// plus puts a sign before a number to be added.
func plus(number string) string {
	if number[0] == '-' {
		return "− " + number[1:]
	}
	return "+ " + number
}

func abs(k int64) int64 { return max(k, -k) }

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}
