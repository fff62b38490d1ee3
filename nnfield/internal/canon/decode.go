package canon

import (
	"bytes"
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/nnfield/nnfield/nnfield/internal/nearest"
)

// Decode reads JSON, canonical or not, into the value that into points to, as
// encoding/json does it but strictly: unknown and repeated keys, keys in another
// case, values of another type (null for a number, three numbers for two) and
// anything after the value are errors. They name the path, and for an unknown
// key the nearest valid one. Errors of an UnmarshalJSON or UnmarshalText method
// get the path in front; paths continue through nested calls of Decode.
//
// What into points to does not change unless its own methods do it.
func Decode(data []byte, into any) error {
	target := reflect.TypeOf(into)
	if target == nil || target.Kind() != reflect.Pointer || reflect.ValueOf(into).IsNil() {
		return fmt.Errorf("canon.Decode: cannot decode into %T; pass a pointer", into)
	}
	if !utf8.Valid(data) {
		return errors.New("not valid UTF-8")
	}
	if err := bounded(data); err != nil {
		return err
	}
	var whole json.RawMessage
	if err := json.Unmarshal(data, &whole); err != nil {
		return syntax(data, err)
	}
	if err := check(whole, target.Elem(), ""); err != nil {
		return err
	}
	if err := json.Unmarshal(data, into); err != nil {
		return within("", err)
	}
	return nil
}

// What is read is nested at most so deep and has strings of at most so many bytes: deeper
// JSON takes memory as the square of its depth, and longer names fill the screen.
const (
	maxDepth  = 64
	maxString = 1 << 16
)

// bounded refuses JSON that is nested too deep or has too long strings.
func bounded(data []byte) error {
	depth, begin := 0, -1 // begin of the string that it is in
	for i := 0; i < len(data); i++ {
		switch c := data[i]; {
		case begin >= 0 && c == '\\':
			i++
		case begin >= 0 && c == '"':
			if n := i - begin - 1; n > maxString {
				return fmt.Errorf("line %d: a string of %d bytes; it may have %d", 1+bytes.Count(data[:begin], []byte("\n")), n, maxString)
			}
			begin = -1
		case begin >= 0:
		case c == '"':
			begin = i
		case c == '{' || c == '[':
			if depth++; depth > maxDepth {
				return fmt.Errorf("line %d: nested deeper than %d", 1+bytes.Count(data[:i], []byte("\n")), maxDepth)
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return nil
}

// syntax says where the JSON is broken.
func syntax(data []byte, err error) error {
	bad := (*json.SyntaxError)(nil)
	if !errors.As(err, &bad) {
		return err
	}
	before := data[:min(max(bad.Offset-1, 0), int64(len(data)))]
	line := 1 + bytes.Count(before, []byte("\n"))
	column := 1 + utf8.RuneCount(before[bytes.LastIndexByte(before, '\n')+1:])
	return fmt.Errorf("line %d, column %d: not JSON: %v", line, column, bad)
}

var (
	unmarshaler     = reflect.TypeFor[json.Unmarshaler]()
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
	anything        = reflect.TypeFor[any]()
)

// check returns what is wrong with raw, which is valid JSON, as a value of type
// t that stands at path.
func check(raw []byte, t reflect.Type, path string) error {
	raw = bytes.TrimSpace(raw)
	mismatch := &fault{path, fmt.Sprintf("%s where %s is expected", describe(raw), expected(t))}
	if raw[0] == 'n' {
		switch t.Kind() {
		case reflect.Pointer, reflect.Interface, reflect.Map, reflect.Slice:
			return nil
		}
		return mismatch
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch p := reflect.PointerTo(t); {
	case p.Implements(unmarshaler):
		if err := check(raw, anything, path); err != nil {
			return err
		}
		if err := reflect.New(t).Interface().(json.Unmarshaler).UnmarshalJSON(raw); err != nil {
			return within(path, err)
		}
		return nil
	case p.Implements(textUnmarshaler):
		if raw[0] != '"' {
			return mismatch
		}
		if err := reflect.New(t).Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(unquote(raw))); err != nil {
			return within(path, err)
		}
		return nil
	}
	switch raw[0] {
	case '{':
		return checkObject(raw, t, path, mismatch)
	case '[':
		return checkList(raw, t, path, mismatch)
	}
	if err := json.Unmarshal(raw, reflect.New(t).Interface()); err != nil {
		return mismatch
	}
	return nil
}

func checkObject(raw []byte, t reflect.Type, path string, mismatch error) error {
	var known []field
	switch t.Kind() {
	case reflect.Struct:
		known = fields(t)
	case reflect.Map, reflect.Interface:
	default:
		return mismatch
	}
	seen := map[string]bool{}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.Token() // the brace; the JSON is known to be valid
	for d.More() {
		token, _ := d.Token()
		key := token.(string)
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return within(path, err)
		}
		if seen[key] {
			return &fault{member(path, key), "the key stands here twice"}
		}
		seen[key] = true
		f := field{key: key, typ: anything}
		switch t.Kind() {
		case reflect.Map:
			f.typ = t.Elem()
		case reflect.Struct:
			i := slices.IndexFunc(known, func(f field) bool { return f.key == key })
			if i < 0 {
				return unknown(path, key, known)
			}
			f = known[i]
		}
		if f.quoted && value[0] == '"' {
			value = []byte(unquote(value))
			if !json.Valid(value) {
				return &fault{member(path, key), fmt.Sprintf("%q where %s in quotes is expected", value, expected(f.typ))}
			}
		} else if f.quoted && value[0] != 'n' {
			return &fault{member(path, key), fmt.Sprintf("%s where %s in quotes is expected", describe(value), expected(f.typ))}
		}
		if err := check(value, f.typ, member(path, key)); err != nil {
			return err
		}
	}
	return nil
}

func checkList(raw []byte, t reflect.Type, path string, mismatch error) error {
	inner := anything
	switch t.Kind() {
	case reflect.Slice, reflect.Array:
		inner = t.Elem()
	case reflect.Interface:
	default:
		return mismatch
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.Token() // the bracket
	n := 0
	for ; d.More(); n++ {
		var value json.RawMessage
		if err := d.Decode(&value); err != nil {
			return within(path, err)
		}
		if err := check(value, inner, element(path, n)); err != nil {
			return err
		}
	}
	if t.Kind() == reflect.Array && n != t.Len() {
		return &fault{path, fmt.Sprintf("a list of %d where %s is expected", n, expected(t))}
	}
	return nil
}

// unknown is the error of a key that a struct does not have.
func unknown(path, key string, known []field) error {
	keys := make([]string, len(known))
	for i, f := range known {
		keys[i] = f.key
	}
	slices.Sort(keys)
	hint := "there are no keys here"
	if near := nearest.Name(key, keys); near != "" {
		hint = fmt.Sprintf("did you mean %q?", near)
	} else if len(keys) > 0 {
		hint = "known are " + strings.Join(keys, ", ")
	}
	return &fault{member(path, key), "unknown key; " + hint}
}

func unquote(raw []byte) string {
	var s string
	json.Unmarshal(raw, &s) // valid, as it was read from valid JSON
	return s
}

// describe names a JSON value in a message.
func describe(raw []byte) string {
	switch raw[0] {
	case '{':
		return "an object"
	case '[':
		return "a list"
	}
	if text := []rune(string(raw)); len(text) > 40 {
		return string(text[:40]) + "…"
	}
	return string(raw)
}

// expected names the values of a type in a message.
func expected(t reflect.Type) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if reflect.PointerTo(t).Implements(textUnmarshaler) {
		return "a string"
	}
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Float32, reflect.Float64:
		return "a number"
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return fmt.Sprintf("a whole number of %d bits", t.Bits())
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return fmt.Sprintf("a whole number of %d bits, not negative,", t.Bits())
	case reflect.Array:
		return fmt.Sprintf("a list of %d", t.Len())
	case reflect.Slice:
		return "a list"
	case reflect.String:
		return "a string"
	}
	return "an object"
}
