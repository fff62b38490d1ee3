// Package verify holds a model to what its theory promises: it is the one
// package that joins a theory with its references, its invariants and its
// controls, into a [Report].
//
//	fmt.Print(verify.Model(kg))
//
// Each row of a report is one claim, measured on the model itself and compared
// with a bound. Beside the claims stand controls: the same function with the
// same bound is called on a model that was changed so that the claim must fail,
// and the row is green only if it does. A claim that cannot fail proves nothing.
//
// Judges share no code with what they judge; see package reference. Reports hold
// no times and no dates: the same model has the same report.
//
// [Convergence] measures orders of convergence for anything.
package verify

import (
	"fmt"
	"html"
	"strings"
	"text/tabwriter"

	"github.com/nnfield/nnfield/nnfield/theory"
)

// Status is the outcome of a row. Only Passed is green.
type Status string

// Outcomes.
const (
	Passed        Status = "passed"
	Failed        Status = "failed"
	Skipped       Status = "skipped"        // it could be measured, but was not
	NotApplicable Status = "not applicable" // it means nothing for this model
	Opaque        Status = "opaque"         // the model does not show what it needs
)

// Sign returns ✓ for Passed, ✗ for Failed and – for the others.
func (s Status) Sign() string {
	switch s {
	case Passed:
		return "✓"
	case Failed:
		return "✗"
	}
	return "–"
}

// Row is one claim and what became of it.
type Row struct {
	Name     string
	Claim    string // what is compared with what
	Measured string // to two digits; the reason where nothing was measured
	Bound    string // what Measured is held to; empty where nothing was measured
	Status   Status

	// Control marks a row whose model was changed so that the claim must fail; it
	// passes when the claim does fail.
	Control bool
}

// Report is what [Model] found.
type Report struct {
	Title string
	Rows  []Row
	err   error
}

// Model builds the model and verifies it: all rows of its theory, on its own
// lattice from its own initial state. Where that would take long it says so in
// the row and measures on fewer sites of the same spacings.
//
// It never fails: a model that cannot be built has a report of one red row, its
// error, which Err returns.
func Model(b theory.Builder) Report {
	var m theory.Model
	err := fmt.Errorf("verify.Model(nil): give a model or its builder")
	if b != nil {
		m, err = b.Build()
	}
	if err != nil {
		return Report{
			Title: "Model that cannot be built",
			Rows:  []Row{{Name: "build", Claim: "the model can be built", Measured: err.Error(), Status: Failed}},
			err:   err,
		}
	}
	return Report{Title: m.Card().Title, Rows: rows(m)}
}

// rows returns the rows of a model's theory; each theory has a file of its own.
func rows(m theory.Model) []Row {
	switch m.Theory() {
	case "klein-gordon":
		return kleinGordonRows(m)
	case "dirac", "charged-scalar", "charged-dirac", "maxwell":
		return fieldRows(m)
	case "network":
		return ownRows(m)
	case "training":
		return trainingRows(m)
	case "learners":
		return crowdRows(m)
	case "nelson-learners":
		return nelsonRows(m)
	case "curved-klein-gordon":
		return curvedRows(m)
	case "minisuperspace":
		return universeRows(m)
	case "string":
		return stringRows(m)
	case "schrodinger", "madelung", "hamilton-jacobi":
		return quantumRows(m)
	}
	return []Row{{
		Name: "theory", Claim: "the claims of the model's theory hold",
		Measured: fmt.Sprintf("there are no rows for the theory %q", m.Theory()), Status: Skipped,
	}}
}

// Passed tells whether the report is green: at least one row passed and none
// failed. Rows that were skipped, opaque or not applicable count for nothing.
func (r Report) Passed() bool { return r.count(Passed) > 0 && r.count(Failed) == 0 }

// Err returns the error that kept the model from being built, or nil. Whether
// the claims hold is said by Passed.
func (r Report) Err() error { return r.err }

func (r Report) count(s Status) int {
	n := 0
	for _, row := range r.Rows {
		if row.Status == s {
			n++
		}
	}
	return n
}

// verdict is the report in one sentence.
func (r Report) verdict() string {
	word := "not verified"
	if r.Passed() {
		word = "verified"
	}
	passed, failed := r.count(Passed), r.count(Failed)
	return fmt.Sprintf("%s: %d passed, %d failed, %d not measured", word, passed, failed, len(r.Rows)-passed-failed)
}

// parts returns the claims and the controls.
func (r Report) parts() (claims, controls []Row) {
	for _, row := range r.Rows {
		if row.Control {
			controls = append(controls, row)
		} else {
			claims = append(claims, row)
		}
	}
	return claims, controls
}

const controlsTitle = "controls: a changed model, of which the claim must fail"

// String returns the report as a text table.
func (r Report) String() string {
	var table strings.Builder
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	line := func(row Row) {
		bound := row.Bound
		if bound == "" {
			bound = "–"
		}
		fmt.Fprintf(w, "%s %s\t%s\t%s\t%s\t%s\n", row.Status.Sign(), row.Status, row.Name, row.Measured, bound, row.Claim)
	}
	claims, controls := r.parts()
	fmt.Fprint(w, "status\trow\tmeasured\tbound\tclaim\n")
	for _, row := range append(claims, controls...) {
		line(row)
	}
	w.Flush() // a strings.Builder takes everything
	at := 0
	var out strings.Builder
	for l := range strings.Lines(table.String()) {
		if at == 1+len(claims) {
			fmt.Fprintf(&out, "\n%s\n", controlsTitle)
		}
		out.WriteString(strings.TrimRight(l, " \n") + "\n")
		at++
	}
	return fmt.Sprintf("%s\n%s\n\n%s", r.Title, r.verdict(), out.String())
}

// HTML returns the report as a table that needs no style sheet and no script.
// The status is a sign and a word, not a colour alone.
func (r Report) HTML() string {
	var b strings.Builder
	colour := map[Status]string{Passed: "#1a7f37", Failed: "#c62828"}
	line := func(row Row) {
		c, known := colour[row.Status]
		if !known {
			c = "#757575"
		}
		fmt.Fprintf(&b, `<tr><td style="text-align:left;white-space:nowrap;color:%s"><b>%s</b> %s</td>`, c, row.Status.Sign(), row.Status)
		for _, text := range []string{row.Name, row.Measured, row.Bound, row.Claim} {
			fmt.Fprintf(&b, `<td style="text-align:left">%s</td>`, html.EscapeString(text))
		}
		b.WriteString("</tr>\n")
	}
	fmt.Fprintf(&b, "<table>\n<caption style=\"text-align:left\"><b>%s</b><br>%s</caption>\n<thead><tr>", html.EscapeString(r.Title), html.EscapeString(r.verdict()))
	for _, name := range []string{"status", "row", "measured", "bound", "claim"} {
		fmt.Fprintf(&b, `<th scope="col" style="text-align:left">%s</th>`, name)
	}
	b.WriteString("</tr></thead>\n<tbody>\n")
	claims, controls := r.parts()
	for _, row := range claims {
		line(row)
	}
	if len(controls) > 0 {
		fmt.Fprintf(&b, "<tr><th colspan=\"5\" scope=\"rowgroup\" style=\"text-align:left\">%s</th></tr>\n", html.EscapeString(controlsTitle))
		for _, row := range controls {
			line(row)
		}
	}
	b.WriteString("</tbody>\n</table>\n")
	return b.String()
}
