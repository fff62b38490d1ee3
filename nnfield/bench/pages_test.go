package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the tables and figures of the pages anew")

// The pages show what was measured: tables stand between markers, figures beside.
func TestPages(t *testing.T) {
	report, err := readReport("../../docs/performance.json")
	if err != nil {
		t.Fatal(err)
	}
	scaling, err := readScaling("../../docs/scaling.json")
	if err != nil {
		t.Fatal(err)
	}
	tables := map[string]string{"summary": report.Summary(), "details": report.Details(), "scaling": scaling.Tables()}
	for _, page := range []string{"../../README.md", "../../docs/performance.md"} {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		want := string(text)
		for name, table := range tables {
			want = insert(want, name, table)
		}
		hold(t, page, []byte(want))
	}
	for name, f := range map[string]interface{ SVG() ([]byte, error) }{
		"../../docs/performance.svg": report.Figure(),
		"../../docs/scaling.svg":     scaling.Figure(),
	} {
		svg, err := f.SVG()
		if err != nil {
			t.Fatal(err)
		}
		hold(t, name, svg)
	}
}

// hold compares a file with what it should be, or writes it.
func hold(t *testing.T, name string, want []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, want, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(name)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s is not what was measured (%v); run the test with -update", name, err)
	}
}

// insert puts text between the markers of a name in a page, in place of what is
// there:
//
//	<!-- benchmark summary -->
//	…
//	<!-- end of benchmark summary -->
//
// A page without them stays as it is.
func insert(page, name, text string) string {
	begin, end := "<!-- benchmark "+name+" -->\n", "<!-- end of benchmark "+name+" -->"
	head, rest, ok := strings.Cut(page, begin)
	if !ok {
		return page
	}
	_, tail, ok := strings.Cut(rest, end)
	if !ok {
		return page
	}
	return head + begin + "\n" + strings.TrimSpace(text) + "\n\n" + end + tail
}

// readScaling reads what a run with -scaling wrote.
func readScaling(name string) (s Scaling, err error) {
	text, err := os.ReadFile(name)
	if err == nil {
		err = json.Unmarshal(text, &s)
	}
	return s, err
}
