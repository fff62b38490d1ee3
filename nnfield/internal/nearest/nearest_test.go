package nearest

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

func TestName(t *testing.T) {
	for _, c := range []struct {
		word, want string
		from       []string
	}{
		{"mas", "mass", []string{"length", "mass"}},
		{"Mass", "mass", []string{"length", "mass"}},
		{"legnth", "length", []string{"mass", "length"}},
		{"lamda", "lambda", []string{"gamma", "lambda"}},
		{"sim", "sin", []string{"sin", "sinh"}},
		{"phy", "phi", []string{"phi", "pi"}},
		{"M", "m", []string{"m", "phi"}},
		{"q", "", []string{"m", "phi"}},
		{"", "", []string{"m"}},
		{"colour", "", []string{"mass", "length"}},
		{"x", "", nil},
	} {
		if got := Name(c.word, c.from); got != c.want {
			t.Errorf("Name(%q, %q) = %q; want %q", c.word, c.from, got, c.want)
		}
	}
}

func TestDistanceIsAMetric(t *testing.T) {
	word := rapid.StringOfN(rapid.SampledFrom([]rune("abcφ")), 0, 8, -1)
	rapid.Check(t, func(t *rapid.T) {
		a, b := word.Draw(t, "a"), word.Draw(t, "b")
		d := distance(a, b)
		if d != distance(b, a) || (d == 0) != (a == b) {
			t.Fatalf("distance(%q, %q) = %d", a, b, d)
		}
		if longest := max(len([]rune(a)), len([]rune(b))); d > longest {
			t.Fatalf("distance(%q, %q) = %d exceeds %d", a, b, d, longest)
		}
		if one := distance(a, a+"b"); one != 1 {
			t.Fatalf("one insertion counts %d", one)
		}
	})
}

func ExampleName() {
	fmt.Println(Name("lenght", []string{"mass", "length"}))
	// Output: length
}
