package nnfield_test

import (
	"os"
	"strings"
	"testing"

	"github.com/nnfield/nnfield/nnfield/all"
	"github.com/nnfield/nnfield/nnfield/simulate"
)

// The Spec in the README is the file beside it, and both are the model of the
// README's ten lines with every default written out.
func TestReadmeSpec(t *testing.T) {
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile("../docs/packet.json")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(readme), "```json\n"+string(file)+"```\n") {
		t.Error("README.md does not show docs/packet.json as it is")
	}
	s, err := all.Decode(file, simulate.NewArrays())
	if err != nil {
		t.Fatal(err)
	}
	got, err := s.Spec(simulate.NewArrays())
	if err != nil {
		t.Fatal(err)
	}
	want, err := packet().Until(30).Spec(simulate.NewArrays())
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("docs/packet.json is\n%s\nthe model of the README is\n%s", got, want)
	}
}
