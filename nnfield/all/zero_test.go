package all_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/nnfield/geometry"
	"github.com/nnfield/nnfield/nnfield/geometry/einstein"
	stringtheory "github.com/nnfield/nnfield/nnfield/geometry/strings"
	"github.com/nnfield/nnfield/nnfield/quantum"
)

// A builder that was declared and not begun says with what to begin, whatever is called
// on it, and never panics.
func TestZeroBuilders(t *testing.T) {
	for _, zero := range []any{
		nnfield.KleinGordonModel{}, nnfield.DiracModel{}, nnfield.ChargedScalarModel{}, nnfield.ChargedDiracModel{}, nnfield.MaxwellModel{},
		quantum.Builder{}, geometry.Builder{}, stringtheory.Builder{}, einstein.Builder{},
	} {
		v := reflect.ValueOf(zero)
		name := fmt.Sprintf("%T{}", zero)
		for i := range v.NumMethod() {
			method, called := v.Type().Method(i).Name, v.Method(i)
			if method == "MustBuild" {
				continue // which panics on any error
			}
			func() {
				defer func() {
					if r := recover(); r != nil {
						t.Errorf("%s.%s panics: %v", name, method, r)
					}
				}()
				arguments := make([]reflect.Value, 0, called.Type().NumIn())
				for j := range called.Type().NumIn() {
					if called.Type().IsVariadic() && j == called.Type().NumIn()-1 {
						break
					}
					arguments = append(arguments, reflect.Zero(called.Type().In(j)))
				}
				for _, out := range called.Call(arguments) {
					switch x := out.Interface().(type) {
					case interface{ Err() error }:
						if err := x.Err(); err == nil {
							t.Errorf("%s.%s builds", name, method)
						}
					}
				}
			}()
		}
		err := v.Interface().(interface{ Err() error }).Err()
		if _, begins := zero.(stringtheory.Builder); begins {
			continue // String() returns it
		}
		if err == nil || !strings.Contains(err.Error(), "begin with ") {
			t.Errorf("%s: %v", name, err)
		}
	}
}
