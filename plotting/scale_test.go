package plotting

import (
	"math"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// read turns a tick label back into the number it says.
func read(t *rapid.T, s string) float64 {
	s = strings.NewReplacer("− ", "-", "−", "-", "+ ", "").Replace(s)
	exponent := 0
	mantissa, power, found := strings.Cut(s, "10^{")
	if found {
		var err error
		if exponent, err = strconv.Atoi(strings.TrimSuffix(power, "}")); err != nil {
			t.Fatalf("exponent of %q: %v", s, err)
		}
		mantissa = strings.TrimSuffix(mantissa, "×")
		if mantissa == "" {
			mantissa = "1"
		}
	}
	v, err := strconv.ParseFloat(mantissa+"e"+strconv.Itoa(exponent), 64)
	if err != nil {
		t.Fatalf("%q is no number: %v", s, err)
	}
	return v
}

func readSuffix(t *rapid.T, ticks ticks) (factor, offset float64) {
	factor = 1
	if ticks.factor != "" {
		factor = read(t, strings.TrimPrefix(ticks.factor, "×"))
	}
	if ticks.offset != "" {
		offset = read(t, ticks.offset)
	}
	return factor, offset
}

// Whatever the range, ticks say where they stand: label × factor + offset is
// the number at the tick.
func TestLinearTicksSayWhereTheyStand(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		exponent := rapid.Float64Range(-290, 290).Draw(t, "exponent")
		width := math.Pow(10, exponent)
		lo := rapid.Float64Range(-1e6, 1e6).Draw(t, "offset") * width
		s := linear(span{lo, lo + width, true}, 0.05)
		n := rapid.IntRange(2, 8).Draw(t, "n")
		ticks := s.ticks(n)
		if len(ticks.major) < 1 || len(ticks.major) > 2*n+1 {
			t.Fatalf("%d ticks where about %d were wanted", len(ticks.major), n)
		}
		factor, offset := readSuffix(t, ticks)
		last := math.Inf(-1)
		for _, k := range ticks.major {
			if k.at < -1e-6 || k.at > 1+1e-6 {
				t.Fatalf("tick %q at %v is outside the axis", k.label, k.at)
			}
			value := read(t, k.label)*factor + offset
			if at := s.at(value); math.Abs(at-k.at) > 1e-3 {
				t.Fatalf("tick %q ×%v %+v says %v, at %v; it stands at %v", k.label, factor, offset, value, at, k.at)
			}
			if k.at <= last {
				t.Fatalf("ticks do not ascend")
			}
			last = k.at
			if len([]rune(k.label)) > 9 {
				t.Fatalf("label %q is too long to fit an axis", k.label)
			}
		}
	})
}

func TestLogTicksSayWhereTheyStand(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		lo := rapid.Float64Range(-300, 290).Draw(t, "lo")
		hi := min(lo+rapid.Float64Range(0, 40).Draw(t, "width"), 300)
		s := logarithmic(span{math.Pow(10, lo), math.Pow(10, hi), true}, 0.05)
		ticks := s.ticks(rapid.IntRange(2, 8).Draw(t, "n"))
		factor, offset := readSuffix(t, ticks)
		for _, k := range ticks.major {
			if at := s.at(read(t, k.label)*factor + offset); math.Abs(at-k.at) > 1e-6 {
				t.Fatalf("tick %q stands at %v, not %v", k.label, k.at, at)
			}
		}
		if len(ticks.major) == 0 {
			t.Fatal("no ticks")
		}
	})
}

func TestTickLabels(t *testing.T) {
	for _, c := range []struct {
		lo, hi float64
		n      int
		want   string // labels | suffix
	}{
		{0, 1, 5, "0.0 0.2 0.4 0.6 0.8 1.0 | "},
		{-1, 1, 4, "−1.0 −0.5 0.0 0.5 1.0 | "},
		{0, 30, 6, "0 5 10 15 20 25 30 | "},
		{0, 3e-8, 3, "0 1 2 3 | ×10^{−8}"},
		{0, 2e5, 4, "0.0 0.5 1.0 1.5 2.0 | ×10^{5}"},
		{2000, 12000, 5, "2000 4000 6000 8000 10000 12000 | "},
		{6.92757, 6.92759, 4, "7.0 7.5 8.0 8.5 9.0 | ×10^{−5} + 6.9275"},
		{-1e300, 1e300, 4, "−1.0 −0.5 0.0 0.5 1.0 | ×10^{300}"},
	} {
		ticks := scale{lo: c.lo, hi: c.hi}.ticks(c.n)
		var labels []string
		for _, k := range ticks.major {
			labels = append(labels, k.label)
		}
		if got := strings.Join(labels, " ") + " | " + ticks.suffix(); got != c.want {
			t.Errorf("ticks of %v to %v: %s, want %s", c.lo, c.hi, got, c.want)
		}
	}
}

// Ticks of a symmetric-logarithmic scale stand where their numbers are.
func TestSymlogTicksSayWhereTheyStand(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		hi := math.Pow(10, rapid.Float64Range(-250, 250).Draw(t, "log hi"))
		s := scale{lo: -hi, hi: hi, linear: hi * math.Pow(10, -rapid.Float64Range(0.3, 40).Draw(t, "decades"))}
		ticks := s.ticks(rapid.IntRange(2, 9).Draw(t, "n"))
		if len(ticks.major)%2 != 1 || ticks.major[len(ticks.major)/2].label != "0" {
			t.Fatalf("ticks %v have no 0 in their middle", ticks.major)
		}
		for i, k := range ticks.major {
			if k.label == "0" {
				continue
			}
			size, negative := strings.CutPrefix(k.label, "−")
			v := read(t, size)
			if negative {
				v = -v
			}
			if math.Abs(s.at(v)-k.at) > 1e-9 {
				t.Errorf("%s stands at %v, its number at %v", k.label, k.at, s.at(v))
			}
			if i > 0 && k.at <= ticks.major[i-1].at {
				t.Errorf("ticks do not ascend: %v", ticks.major)
			}
		}
	})
	// The scale is odd, continuous and linear in the middle.
	s := scale{lo: -100, hi: 100, linear: 1}
	for v, want := range map[float64]float64{0: 0.5, 1: 0.5 + 1./6, 10: 0.5 + 2./6, 100: 1, -0.5: 0.5 - 1./12, -100: 0} {
		if math.Abs(s.at(v)-want) > 1e-12 {
			t.Errorf("%v is at %v, want %v", v, s.at(v), want)
		}
	}
}

func TestScalesOfAwkwardSpans(t *testing.T) {
	for _, s := range []span{
		{}, {0, 0, true}, {3, 3, true}, {-5, -5, true}, {1, 1 + 1e-16, true}, {1e-310, 2e-310, true},
		{-math.MaxFloat64, math.MaxFloat64, true}, {math.MaxFloat64, math.MaxFloat64, true}, {1e300, 1.0000001e300, true},
	} {
		scales := []scale{linear(s, 0), linear(s, 0.05)}
		if !s.seen || s.lo > 0 {
			scales = append(scales, logarithmic(s, 0.05))
		}
		for _, sc := range scales {
			if !(sc.lo < sc.hi) || math.IsInf(sc.lo, 0) || math.IsInf(sc.hi, 0) {
				t.Errorf("span %v gives scale %v", s, sc)
			}
			for n := 2; n <= 8; n++ {
				if k := len(sc.ticks(n).major); k == 0 || k > 20 {
					t.Errorf("span %v, scale %v: %d ticks", s, sc, k)
				}
			}
		}
	}
}

func FuzzScale(f *testing.F) {
	f.Add(0.0, 1.0)
	f.Add(-1e308, 1e308)
	f.Add(1e-320, 3e-318)
	f.Fuzz(func(t *testing.T, lo, hi float64) {
		var s span
		s.add(lo)
		s.add(hi)
		linear(s, 0.05).ticks(5)
		if lo > 0 && hi > 0 {
			logarithmic(s, 0.05).ticks(5)
		}
	})
}
