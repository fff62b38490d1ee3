package canon

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/big"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// The table of RFC 8785, appendix B; −0 is 0 there too.
func TestNumbersOfRFC8785(t *testing.T) {
	for bits, want := range map[uint64]string{
		0x0000000000000000: "0",
		0x8000000000000000: "0",
		0x0000000000000001: "5e-324",
		0x8000000000000001: "-5e-324",
		0x7fefffffffffffff: "1.7976931348623157e+308",
		0xffefffffffffffff: "-1.7976931348623157e+308",
		0x4340000000000000: "9007199254740992",
		0xc340000000000000: "-9007199254740992",
		0x4430000000000000: "295147905179352830000",
		0x44b52d02c7e14af5: "9.999999999999997e+22",
		0x44b52d02c7e14af6: "1e+23",
		0x44b52d02c7e14af7: "1.0000000000000001e+23",
		0x444b1ae4d6e2ef4e: "999999999999999700000",
		0x444b1ae4d6e2ef4f: "999999999999999900000",
		0x444b1ae4d6e2ef50: "1e+21",
		0x3eb0c6f7a0b5ed8c: "9.999999999999997e-7",
		0x3eb0c6f7a0b5ed8d: "0.000001",
		0x41b3de4355555553: "333333333.3333332",
		0x41b3de4355555554: "333333333.33333325",
		0x41b3de4355555555: "333333333.3333333",
		0x41b3de4355555556: "333333333.3333334",
		0x41b3de4355555557: "333333333.33333343",
		0xbecbf647612f3696: "-0.0000033333333333333333",
		0x43143ff3c1cb0959: "1424953923781206.2",
	} {
		got, err := Marshal(math.Float64frombits(bits))
		if err != nil || string(got) != want {
			t.Errorf("%016x is written as %s (%v); want %s", bits, got, err, want)
		}
	}
}

// The examples of RFC 8785, sections 3.2.2 and 3.2.3.
func TestExamplesOfRFC8785(t *testing.T) {
	for in, want := range map[string]string{
		`{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
		  "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}`: `{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
		`{"\u20ac":1,"\r":2,"\ufb33":3,"1":4,"\ud83d\ude00":5,"\u0080":6,"\u00f6":7}`: "{\"\\r\":2,\"1\":4,\"\u0080\":6,\"ö\":7,\"€\":1,\"😀\":5,\"\ufb33\":3}",
		`"<a&b>\b\f\t\u007f\u2028\u000b"`:                                             "\"<a&b>\\b\\f\\t\u007f\u2028\\u000b\"",
	} {
		got, err := Marshal(json.RawMessage(in))
		if err != nil || string(got) != want {
			t.Errorf("%s\nis written as %s (%v)\nwant %s", in, got, err, want)
		}
	}
}

type inner struct {
	Length float64  `json:"length"`
	Sites  int      `json:"sites"`
	Name   string   `json:"name,omitempty"`
	Shape  [2]int   `json:"shape"`
	Note   *string  `json:"note"`
	Tail   *float64 `json:"tail,omitempty"`
}

type common struct {
	Format int `json:"format"`
}

type spec struct {
	common
	Mass  float64            `json:"mass"`
	Axes  []inner            `json:"axes"`
	Extra map[string]float64 `json:"extra"`
	Seed  uint64             `json:"seed,string"`
	Free  any                `json:"free"`
	On    bool               `json:"on"`
	Kind  kind               `json:"kind"`
	Unit  unit               `json:"unit"`
	Skip  func()             `json:"-"`
}

// kind decodes itself, and by Decode.
type kind struct{ Width float64 }

func (k kind) MarshalJSON() ([]byte, error) {
	return json.Marshal(map[string]float64{"width": k.Width})
}

func (k *kind) UnmarshalJSON(b []byte) error {
	var v struct {
		Width float64 `json:"width"`
	}
	if err := Decode(b, &v); err != nil {
		return err
	}
	if v.Width < 0 {
		return errors.New("a negative width")
	}
	k.Width = v.Width
	return nil
}

// unit is a word.
type unit struct{ name string }

func (u unit) MarshalText() ([]byte, error) { return []byte(u.name), nil }

func (u *unit) UnmarshalText(b []byte) error {
	if len(b) > 3 {
		return errors.New("a long unit")
	}
	u.name = string(b)
	return nil
}

const valid = `{"axes":[{"length":2.5,"note":null,"shape":[1,2],"sites":3}],"extra":{"a":1},"format":1,` +
	`"free":{"x":[1,"y"]},"kind":{"width":1},"mass":2,"on":true,"seed":"18446744073709551615","unit":"cm"}`

func TestFixedPoint(t *testing.T) {
	var s spec
	if err := Decode([]byte(valid), &s); err != nil {
		t.Fatal(err)
	}
	if s.Seed != math.MaxUint64 || s.Format != 1 || s.Axes[0].Length != 2.5 || s.Kind.Width != 1 || s.Unit.name != "cm" {
		t.Fatalf("decoded as %+v", s)
	}
	if got, err := Marshal(s); err != nil || string(got) != valid {
		t.Fatalf("written as %s (%v)\nwant %s", got, err, valid)
	}
	value := rapid.Custom(func(t *rapid.T) spec {
		s := spec{
			Mass:  rapid.Float64Range(-math.MaxFloat64, math.MaxFloat64).Draw(t, "mass"),
			Seed:  rapid.Uint64().Draw(t, "seed"),
			Extra: rapid.MapOf(rapid.String(), rapid.Float64Range(-1e30, 1e30)).Draw(t, "extra"),
			Unit:  unit{rapid.SampledFrom([]string{"", "cm", "é\n"}).Draw(t, "unit")},
			Free:  rapid.String().Draw(t, "free"),
		}
		for range rapid.IntRange(0, 3).Draw(t, "axes") {
			note := rapid.String().Draw(t, "note")
			s.Axes = append(s.Axes, inner{Length: rapid.Float64Range(-10, 10).Draw(t, "length"),
				Sites: rapid.IntRange(-1<<53, 1<<53).Draw(t, "sites"), Name: rapid.String().Draw(t, "name"), Note: &note})
		}
		return s
	})
	rapid.Check(t, func(t *rapid.T) {
		s := value.Draw(t, "value")
		first, err := Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		var back spec
		if err := Decode(first, &back); err != nil {
			t.Fatalf("%s: %v", first, err)
		}
		if back.Mass != s.Mass || back.Seed != s.Seed || !maps.Equal(back.Extra, s.Extra) || !reflect.DeepEqual(back.Axes, s.Axes) {
			t.Fatalf("%+v came back as %+v", s, back)
		}
		if second, err := Marshal(back); err != nil || !bytes.Equal(first, second) {
			t.Fatalf("%s\nbecomes %s (%v)", first, second, err)
		}
		if !json.Valid(first) || bytes.ContainsAny(first, "\n\t") {
			t.Fatalf("%q is not canonical", first)
		}
	})
}

func TestMarshalErrors(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(-1)
	loop := map[string]any{}
	loop["self"] = loop
	for want, v := range map[string]any{
		"NaN; numbers must be finite":   nan,
		"axes[1].length: -Inf; numbers": spec{Axes: []inner{{}, {Length: inf}}},
		"axes[0].tail: NaN":             spec{Axes: []inner{{Tail: &nan}}},
		"extra.b: NaN":                  spec{Extra: map[string]float64{"a": 1, "b": nan}},
		"free[2]: NaN":                  &spec{Free: []any{1, "x", nan}},
		"sites: the whole number 9007199254740993 is not exact":         map[string]int{"sites": 1<<53 + 1},
		"[1]: the whole number 10000000000000000000000001 is not exact": []any{1, new(big.Int).Add(new(big.Int).Exp(big.NewInt(10), big.NewInt(25), nil), big.NewInt(1))},
		"a: 1e999; numbers must be below":                               map[string]any{"a": json.RawMessage("1e999")},
		"unsupported type: func()":                                      func() {},
		"encountered a cycle":                                           loop,
	} {
		if b, err := Marshal(v); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %s, %v; want %q", b, err, want)
		}
	}
}

func TestDecodeErrors(t *testing.T) {
	for in, want := range map[string]string{
		`{"mas":1}`:                      `mas: unknown key; did you mean "mass"?`,
		`{"Mass":1}`:                     `Mass: unknown key; did you mean "mass"?`,
		`{"axes":[{},{"lenght":1}]}`:     `axes[1].lenght: unknown key; did you mean "length"?`,
		`{"banana":1}`:                   "banana: unknown key; known are axes, extra, format, free, kind, mass, on, seed, unit",
		`{"Skip":1}`:                     "Skip: unknown key",
		`{"mass":1,"mass":2}`:            "mass: the key stands here twice",
		`{"free":{"a":[{"b":1,"b":1}]}}`: "free.a[0].b: the key stands here twice",
		`{"extra":{"a":1,"\u0061":2}}`:   "extra.a: the key stands here twice",
		`{"mass":"heavy"}`:               `mass: "heavy" where a number is expected`,
		`{"mass":null}`:                  "mass: null where a number is expected",
		`{"mass":[1]}`:                   "mass: a list where a number is expected",
		`{"mass":1e999}`:                 "mass: 1e999 where a number is expected",
		`{"axes":{"length":1}}`:          "axes: an object where a list is expected",
		`{"axes":[1]}`:                   "axes[0]: 1 where an object is expected",
		`{"axes":[{"sites":1.5}]}`:       "axes[0].sites: 1.5 where a whole number of 64 bits is expected",
		`{"axes":[{"shape":[1,2,3]}]}`:   "axes[0].shape: a list of 3 where a list of 2 is expected",
		`{"axes":[{"shape":[1]}]}`:       "axes[0].shape: a list of 1 where",
		`{"axes":[{"tail":"x"}]}`:        `axes[0].tail: "x" where a number is expected`,
		`{"axes":[{"name":7}]}`:          "axes[0].name: 7 where a string is expected",
		`{"extra":{"a":true}}`:           "extra.a: true where a number is expected",
		`{"seed":7}`:                     "seed: 7 where a whole number of 64 bits, not negative, in quotes is expected",
		`{"seed":"x"}`:                   `seed: "x" where a whole number`,
		`{"seed":"-1"}`:                  "seed: -1 where a whole number",
		`{"on":1}`:                       "on: 1 where true or false is expected",
		`{"kind":{"widht":1}}`:           `kind.widht: unknown key; did you mean "width"?`,
		`{"kind":{"width":-1}}`:          "kind: a negative width",
		`{"kind":{"width":1,"width":1}}`: "kind.width: the key stands here twice",
		`{"unit":"metre"}`:               "unit: a long unit",
		`{"unit":3}`:                     "unit: 3 where a string is expected",
		`[]`:                             "a list where an object is expected",
		`{"mass":1} x`:                   "line 1, column 12: not JSON: invalid character 'x' after top-level value",
		"{\n \"mass\": 01}":              "line 2, column 11: not JSON",
		"":                               "not JSON: unexpected end",
		"{\"mass\xff\":1}":               "not valid UTF-8",
	} {
		s := spec{Mass: 42}
		err := Decode([]byte(in), &s)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v; want %s", in, err, want)
		}
		if s.Mass != 42 {
			t.Errorf("%s: the value has changed", in)
		}
	}
	for _, into := range []any{nil, spec{}, (*spec)(nil)} {
		if err := Decode([]byte("{}"), into); err == nil || !strings.Contains(err.Error(), "pass a pointer") {
			t.Errorf("%T: got %v", into, err)
		}
	}
}

func TestHash(t *testing.T) { // the empty text of FIPS 180-4
	if got := Hash(nil); got != "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855" {
		t.Error(got)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(valid))
	for _, s := range []string{`{"axes":[{"shape":[]}]}`, `[`, `"\ud800"`, `{"free":-0}`, `{"extra":null}`, `{"":{}}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var s spec
		if Decode(data, &s) != nil {
			return
		}
		first, err := Marshal(s)
		if err != nil {
			if strings.Contains(err.Error(), "is not exact") {
				return
			}
			t.Fatal(err)
		}
		var back spec
		if err := Decode(first, &back); err != nil {
			t.Fatalf("%s: %v", first, err)
		}
		if second, err := Marshal(back); err != nil || !bytes.Equal(first, second) {
			t.Fatalf("%s\nbecomes %s (%v)", first, second, err)
		}
	})
}

func ExampleMarshal() {
	b, err := Marshal(map[string]any{"mass": 0.5, "axes": []float64{1e21, math.Copysign(0, -1)}})
	fmt.Println(string(b), err)
	fmt.Println(Hash(b)[:18])
	_, err = Marshal(map[string]any{"mass": math.NaN()})
	fmt.Println(err)
	// Output:
	// {"axes":[1e+21,0],"mass":0.5} <nil>
	// sha256:d5bf85af24b
	// mass: NaN; numbers must be finite
}

func ExampleDecode() {
	var model struct {
		Mass float64 `json:"mass"`
	}
	fmt.Println(Decode([]byte(`{"mas": 1}`), &model))
	// Output: mas: unknown key; did you mean "mass"?
}
