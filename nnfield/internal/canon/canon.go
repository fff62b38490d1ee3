// Package canon writes and reads canonical JSON: one value, one sequence of
// bytes, so that a hash of the bytes names the value.
//
// The form is that of RFC 8785: keys sorted by UTF-16 code units, no spaces,
// nothing escaped that need not be, numbers as ECMAScript prints a double (the
// shortest digits that read back as the same bits). Two things are stricter: −0
// is written as 0, and a whole number that a double cannot hold, such as most
// seeds of 64 bits, is refused where RFC 8785 would round it.
package canon

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

// fault is an error at a place in a value.
type fault struct {
	path    string // "" for the whole
	problem string
}

func (f *fault) Error() string {
	if f.path == "" {
		return f.problem
	}
	return f.path + ": " + f.problem
}

// within returns err as one of the value at path; a path in it is continued.
func within(path string, err error) error {
	if f := (*fault)(nil); errors.As(err, &f) {
		switch {
		case f.path == "":
			return &fault{path, f.problem}
		case path == "" || f.path[0] == '[':
			return &fault{path + f.path, f.problem}
		}
		return &fault{path + "." + f.path, f.problem}
	}
	return &fault{path, err.Error()}
}

func member(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

func element(path string, i int) string { return fmt.Sprintf("%s[%d]", path, i) }

// Marshal returns the canonical JSON of v, which is encoded as encoding/json
// does it. It fails for what encoding/json refuses, for NaN and infinities, and
// for whole numbers that a double does not hold, and names the path.
func Marshal(v any) ([]byte, error) {
	plain, err := json.Marshal(v)
	if bad := (*json.UnsupportedValueError)(nil); errors.As(err, &bad) {
		if path, value, ok := nonFinite(reflect.ValueOf(v), "", 0); ok {
			return nil, &fault{path, fmt.Sprintf("%v; numbers must be finite", value)}
		}
	}
	if err != nil {
		return nil, err
	}
	d := json.NewDecoder(bytes.NewReader(plain))
	d.UseNumber()
	var tree any
	if err := d.Decode(&tree); err != nil {
		return nil, err
	}
	return appendValue(nil, tree, "")
}

// Hash returns the name of b by its content: "sha256:" and 64 hexadecimal digits.
func Hash(b []byte) string { return fmt.Sprintf("sha256:%x", sha256.Sum256(b)) }

// nonFinite looks for a NaN or an infinity where encoding/json would meet it.
func nonFinite(v reflect.Value, path string, depth int) (at string, value float64, ok bool) {
	if depth > 1000 { // a cycle
		return "", 0, false
	}
	switch v.Kind() {
	case reflect.Float32, reflect.Float64:
		return path, v.Float(), math.IsNaN(v.Float()) || math.IsInf(v.Float(), 0)
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			return nonFinite(v.Elem(), path, depth+1)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			if at, value, ok = nonFinite(v.Index(i), element(path, i), depth+1); ok {
				return at, value, ok
			}
		}
	case reflect.Map:
		keys := v.MapKeys()
		slices.SortFunc(keys, func(a, b reflect.Value) int { return cmp.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		for _, k := range keys {
			if at, value, ok = nonFinite(v.MapIndex(k), member(path, fmt.Sprint(k)), depth+1); ok {
				return at, value, ok
			}
		}
	case reflect.Struct:
		for _, f := range fields(v.Type()) {
			inner, err := v.FieldByIndexErr(f.index)
			if err != nil {
				continue // within a nil embedded pointer
			}
			if at, value, ok = nonFinite(inner, member(path, f.key), depth+1); ok {
				return at, value, ok
			}
		}
	}
	return "", 0, false
}

// field is a field of a struct as encoding/json sees it.
type field struct {
	key    string
	index  []int
	typ    reflect.Type
	quoted bool // stands in a string, by the option ",string"
}

// fields returns the fields of a struct; those of embedded structs follow and
// yield to the ones of the same key outside.
func fields(t reflect.Type) []field {
	var all, embedded []field
	for i := range t.NumField() {
		f := t.Field(i)
		tag := f.Tag.Get("json")
		name, options, _ := strings.Cut(tag, ",")
		inner := f.Type
		if inner.Kind() == reflect.Pointer {
			inner = inner.Elem()
		}
		switch {
		case tag == "-":
		case f.Anonymous && name == "" && inner.Kind() == reflect.Struct:
			for _, e := range fields(inner) {
				e.index = append([]int{i}, e.index...)
				embedded = append(embedded, e)
			}
		case f.IsExported():
			if name == "" {
				name = f.Name
			}
			all = append(all, field{name, []int{i}, f.Type, slices.Contains(strings.Split(options, ","), "string")})
		}
	}
	for _, e := range embedded {
		if !slices.ContainsFunc(all, func(f field) bool { return f.key == e.key }) {
			all = append(all, e)
		}
	}
	return all
}

// appendValue appends the canonical form of what encoding/json has decoded.
func appendValue(b []byte, v any, path string) ([]byte, error) {
	var err error
	switch v := v.(type) {
	case nil:
		b = append(b, "null"...)
	case bool:
		b = strconv.AppendBool(b, v)
	case string:
		b = appendString(b, v)
	case json.Number:
		if b, err = appendLiteral(b, string(v)); err != nil {
			return nil, within(path, err)
		}
	case []any:
		b = append(b, '[')
		for i, e := range v {
			if i > 0 {
				b = append(b, ',')
			}
			if b, err = appendValue(b, e, element(path, i)); err != nil {
				return nil, err
			}
		}
		b = append(b, ']')
	case map[string]any:
		keys := make([]string, 0, len(v))
		for k := range v {
			keys = append(keys, k)
		}
		slices.SortFunc(keys, func(a, b string) int {
			return slices.Compare(utf16.Encode([]rune(a)), utf16.Encode([]rune(b)))
		})
		b = append(b, '{')
		for i, k := range keys {
			if i > 0 {
				b = append(b, ',')
			}
			b = append(appendString(b, k), ':')
			if b, err = appendValue(b, v[k], member(path, k)); err != nil {
				return nil, err
			}
		}
		b = append(b, '}')
	}
	return b, nil
}

// appendLiteral appends a number that stands in JSON.
func appendLiteral(b []byte, literal string) ([]byte, error) {
	v, err := strconv.ParseFloat(literal, 64)
	if err != nil {
		return nil, fmt.Errorf("%s; numbers must be below 1.8e308", literal)
	}
	start := len(b)
	b = appendNumber(b, v)
	// Digits alone come from an integer, or from a float64 that is printed so.
	if whole := !strings.ContainsAny(literal, ".eE"); whole && v != 0 && string(b[start:]) != literal {
		return nil, fmt.Errorf("the whole number %s is not exact in JSON; store it as a string", literal)
	}
	return b, nil
}

// appendNumber appends a finite number as ECMAScript's Number::toString.
func appendNumber(b []byte, v float64) []byte {
	if v == 0 {
		return append(b, '0') // −0 too
	}
	if v < 0 {
		b, v = append(b, '-'), -v
	}
	// The shortest digits d₁d₂… and the exponent n with v = 0.d₁d₂… · 10ⁿ
	var buf [32]byte
	mantissa, exponent, _ := bytes.Cut(strconv.AppendFloat(buf[:0], v, 'e', -1, 64), []byte("e"))
	digits := slices.DeleteFunc(mantissa, func(c byte) bool { return c == '.' })
	e, _ := strconv.Atoi(string(exponent))
	switch k, n := len(digits), e+1; {
	case k <= n && n <= 21:
		b = append(b, digits...)
		return append(b, strings.Repeat("0", n-k)...)
	case 0 < n && n <= 21:
		b = append(append(b, digits[:n]...), '.')
		return append(b, digits[n:]...)
	case -6 < n && n <= 0:
		b = append(append(b, "0."...), strings.Repeat("0", -n)...)
		return append(b, digits...)
	}
	b = append(b, digits[0])
	if len(digits) > 1 {
		b = append(append(b, '.'), digits[1:]...)
	}
	return fmt.Appendf(b, "e%+d", e)
}

// appendString appends s in quotes with the escapes that JSON demands.
func appendString(b []byte, s string) []byte {
	b = append(b, '"')
	for i := range len(s) {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			b = append(b, '\\', c)
		case c >= ' ':
			b = append(b, c)
		case strings.IndexByte("\b\t\n\f\r", c) >= 0:
			b = append(b, '\\', "btn_fr"[c-'\b'])
		default:
			b = fmt.Appendf(b, `\u%04x`, c)
		}
	}
	return append(b, '"')
}
