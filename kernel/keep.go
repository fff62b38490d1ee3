package kernel

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"reflect"
	"strings"

	"github.com/nnfield/nnfield/kernel/internal/store"
	"github.com/nnfield/nnfield/nnfield/simulate"
	"github.com/nnfield/nnfield/nnfield/theory"
)

// Keep returns a value that takes long to compute: it is loaded from the store if
// it was kept under this name, with these inputs and this type, and computed and
// kept otherwise.
//
//	spectrum := kernel.Keep("spectrum", []any{kg, 128}, func() []float64 { return … })
//
// Declare as inputs all that the value depends on: what changes gives another
// value. What compute itself does is not looked at; give it another name when you
// change that. Inputs are values that JSON can hold, simulations, models and
// runs, alone or in a []any or map[string]any. Values are lists of float64, or
// what JSON gives back as it was.
//
// As [Run] it ends the cell with one sentence if anything of that is not so.
func Keep[T any](name string, inputs any, compute func() T) T {
	v, err := TryKeep(name, inputs, func() (T, error) { return compute(), nil })
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	return v
}

// TryKeep is [Keep] for programs and for what can fail: an error of compute is
// returned and nothing is kept.
func TryKeep[T any](name string, inputs any, compute func() (T, error)) (T, error) {
	var value T
	id, err := keptID(name, inputs, reflect.TypeFor[T]())
	if err != nil {
		return value, fmt.Errorf("Keep(%q): %w", name, err)
	}
	s, notice, err := store.Default()
	if err != nil {
		warn(err.Error())
		return compute()
	}
	if notice != "" {
		note(notice)
	}
	switch text, numbers, err := s.Kept(id, warn); {
	case err == nil && text == nil:
		reflect.ValueOf(&value).Elem().Set(reflect.ValueOf(numbers).Convert(reflect.TypeFor[T]()))
		return value, nil
	case err == nil:
		if err := decode(text, &value); err != nil {
			return value, fmt.Errorf("Keep(%q): the kept value: %w; give it another name", name, err)
		}
		return value, nil
	case !errors.Is(err, fs.ErrNotExist):
		return value, fmt.Errorf("Keep(%q): %w", name, err)
	}
	if value, err = compute(); err != nil {
		return value, err
	}
	if err := keep(s, id, name, value); err != nil {
		return value, fmt.Errorf("Keep(%q): %w", name, err)
	}
	return value, nil
}

// keep stores a value, if it would come back as it is.
func keep[T any](s *store.Store, id, name string, value T) error {
	if t := reflect.TypeFor[T](); t.Kind() == reflect.Slice && t.Elem() == reflect.TypeFor[float64]() {
		return s.Keep(id, name, nil, reflect.ValueOf(value).Convert(reflect.TypeFor[[]float64]()).Interface().([]float64))
	}
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("the value cannot be written as JSON: %w; keep finite numbers, strings, lists, maps and structs of them", err)
	}
	var back T
	if err := decode(text, &back); err != nil || !reflect.DeepEqual(back, value) {
		return fmt.Errorf("the value of type %T does not come back from JSON as it was; keep exported fields and plain types only", value)
	}
	return s.Keep(id, name, text, nil)
}

func decode(text []byte, value any) error {
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	return d.Decode(value)
}

// keptID names what a value was asked for: name, inputs and type.
func keptID(name string, inputs any, t reflect.Type) (string, error) {
	if strings.TrimSpace(name) == "" {
		return "", errors.New("the name is empty; give each kept value a name of its own")
	}
	described, err := describe(inputs)
	if err != nil {
		return "", err
	}
	b, err := json.Marshal([]any{"nnfield kept value 1", name, typeOf(t, nil), described})
	if err != nil {
		return "", fmt.Errorf("the inputs cannot be written as JSON: %w", err)
	}
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:]), nil
}

// describe returns an input as a value for JSON that tells it from others.
func describe(input any) (any, error) {
	switch v := input.(type) {
	case simulate.Simulation:
		j, err := v.Prepare()
		if err != nil {
			return nil, err
		}
		return map[string]string{"simulation": j.Key()}, nil
	case *simulate.Run:
		if v == nil {
			return nil, errors.New("an input is a run that is nil")
		}
		return map[string]any{"run": string(v.Spec), "numerics": []int{v.Model.Numerics(), simulate.Numerics}, "stop": v.Stop}, nil
	case theory.Builder:
		m, err := v.Build()
		if err != nil {
			return nil, err
		}
		// Large arrays stand in it by their hash.
		spec, err := m.Spec(simulate.NewArrays())
		return map[string]any{"model": spec, "numerics": m.Numerics()}, err
	case []any:
		all := make([]any, len(v))
		for i, x := range v {
			var err error
			if all[i], err = describe(x); err != nil {
				return nil, err
			}
		}
		return all, nil
	case map[string]any:
		all := map[string]any{}
		for key, x := range v {
			var err error
			if all[key], err = describe(x); err != nil {
				return nil, err
			}
		}
		return all, nil
	}
	if input != nil {
		if hidden := unseen(reflect.TypeOf(input), nil); hidden != "" {
			return nil, fmt.Errorf("an input of type %T holds %s, which JSON does not see, so that a change would go unnoticed; give its parts", input, hidden)
		}
	}
	return input, nil
}

// unseen names what encoding/json leaves out of values of a type; "" for nothing.
func unseen(t reflect.Type, within []reflect.Type) string {
	for _, w := range within {
		if w == t {
			return ""
		}
	}
	within = append(within, t)
	if t.Implements(reflect.TypeFor[json.Marshaler]()) {
		return ""
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return unseen(t.Elem(), within)
	case reflect.Interface:
		return "values of any type"
	case reflect.Struct:
		for i := range t.NumField() {
			f := t.Field(i)
			if !f.IsExported() && !f.Anonymous || f.Tag.Get("json") == "-" {
				return "the field " + f.Name
			}
			if hidden := unseen(f.Type, within); hidden != "" {
				return hidden
			}
		}
	}
	return ""
}

// typeOf describes a type by what it holds: the name alone stays the same when a
// cell changes the type.
func typeOf(t reflect.Type, within []reflect.Type) string {
	for _, w := range within {
		if w == t {
			return t.String()
		}
	}
	within = append(within, t)
	switch t.Kind() {
	case reflect.Pointer, reflect.Slice:
		return t.Kind().String() + " " + typeOf(t.Elem(), within)
	case reflect.Array:
		return fmt.Sprintf("array %d %s", t.Len(), typeOf(t.Elem(), within))
	case reflect.Map:
		return "map " + typeOf(t.Key(), within) + " " + typeOf(t.Elem(), within)
	case reflect.Struct:
		var fields []string
		for i := range t.NumField() {
			f := t.Field(i)
			fields = append(fields, f.Name+" "+typeOf(f.Type, within)+" "+f.Tag.Get("json"))
		}
		return t.String() + "{" + strings.Join(fields, "; ") + "}"
	}
	return t.String()
}
