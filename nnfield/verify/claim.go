package verify

import (
	"fmt"
	"math"
)

// finding is what measuring a claim gave: the part of a row that is not known
// before.
type finding struct {
	status          Status
	measured, bound string
}

// atMost holds a number to an upper bound; a note is added to the text. What is
// not a number is an error, so that it cannot pass as the failure that a
// control is after.
func atMost(value, bound float64, note string) (finding, error) {
	if math.IsNaN(value) || math.IsInf(value, 0) {
		return finding{}, fmt.Errorf("the measured value is %v", value)
	}
	return held(value <= bound, fmt.Sprintf("%.2g%s", value, note), fmt.Sprintf("≤ %.0e", bound)), nil
}

// tolerance is how far an observed order may lie from the order of the scheme:
// 2.1 instead of 2 is an error that falls by 4.3 instead of 4.
const tolerance = 0.1

// ofOrder holds the last pairwise order of a refinement to the order of the
// scheme.
func ofOrder(o Order, want int, note string) (finding, error) {
	last := o.Pairwise[len(o.Pairwise)-1]
	if math.IsNaN(last) || math.IsInf(last, 0) {
		return finding{}, fmt.Errorf("no order can be observed: the errors are %.2g", o.Errors)
	}
	text := fmt.Sprintf("order %.2f, %.2g down to %.2g%s", last, o.Errors[0], o.Errors[len(o.Errors)-1], note)
	return held(math.Abs(last-float64(want)) <= tolerance, text, fmt.Sprintf("order %d ± %v", want, tolerance)), nil
}

// held returns what was found of a bound.
func held(ok bool, measured, bound string) finding {
	if ok {
		return finding{Passed, measured, bound}
	}
	return finding{Failed, measured, bound}
}

// notApplicable returns a finding that is none, for a reason.
func notApplicable(reason string) (finding, error) {
	return finding{status: NotApplicable, measured: reason}, nil
}

// claim is a claim about a subject S: a model and what is said about it.
type claim[S any] struct {
	name, text string
	measure    func(S) (finding, error)
}

// row measures the claim.
func (c claim[S]) row(s S) Row {
	r := Row{Name: c.name, Claim: c.text}
	f, err := c.measure(s)
	if err != nil {
		f = finding{status: Failed, measured: "error: " + err.Error()}
	}
	r.Status, r.Measured, r.Bound = f.status, f.measured, f.bound
	return r
}

// judged returns the rows of all claims, then of those controls whose claim applies to
// the subject.
func judged[S any](s S, claims []claim[S], controls []control[S]) (rows []Row) {
	applies := map[string]bool{}
	for _, c := range claims {
		r := c.row(s)
		applies[c.name] = r.Status != NotApplicable && r.Status != Skipped
		rows = append(rows, r)
	}
	for _, c := range controls {
		if applies[c.claim.name] {
			rows = append(rows, c.row(s))
		}
	}
	return rows
}

// control is a claim that must fail for a changed subject.
type control[S any] struct {
	claim[S]
	name   string
	text   string // how the model was changed
	change func(S) S
}

// row measures the claim on the changed subject and turns the outcome round. An
// error is not the failure that was asked for.
func (c control[S]) row(s S) Row {
	r := Row{Name: c.claim.name + ": " + c.name, Claim: c.text, Control: true}
	f, err := c.measure(c.change(s))
	if err != nil {
		r.Status, r.Measured = Failed, "error: "+err.Error()
		return r
	}
	r.Status, r.Measured, r.Bound = f.status, f.measured, f.bound
	switch f.status {
	case Passed:
		r.Status = Failed
	case Failed:
		r.Status = Passed
	}
	if f.bound != "" {
		r.Bound = "not " + f.bound
	}
	return r
}
