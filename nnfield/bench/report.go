package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/nnfield/nnfield/plotting"
)

// Report is everything that was measured.
type Report struct {
	Machine Machine  `json:"machine"`
	Limits  limits   `json:"limits,omitempty"`
	Cases   []Result `json:"cases"`
}

// own tells whether a row is nnfield's.
func (r Row) own() bool { return strings.HasPrefix(r.Name, "nnfield") }

// write prints the table of a case.
func (r Result) write(w io.Writer) {
	fmt.Fprintf(w, "\n%s, %s, %s; compared after %d steps", r.Name, r.Unit, threads(r.Threads), r.Steps)
	if r.Roof > 0 {
		fmt.Fprintf(w, "; roof %.0f, one pass %.0f", r.Roof, r.OnePass)
	}
	fmt.Fprintf(w, "\n%-22s %9s %9s %6s %9s %10s %7s\n", "million a second", "median", "best", "quiet", "× C naive", "× best peer", "of roof")
	for _, row := range r.Programs {
		switch {
		case row.Absent != "":
			fmt.Fprintf(w, "%-22s absent: %s\n", row.Name, row.Absent)
		case row.Refused != "":
			fmt.Fprintf(w, "%-22s REFUSED: %s\n", row.Name, row.Refused)
		default:
			fmt.Fprintf(w, "%-22s %9.4g %9.4g %5.0f%% %9s %10s %7s\n", row.Name, row.Median, row.Best, 100*row.Quiet,
				ratio(row.VsNaive), ratio(row.VsPeer), percent(row.OfRoof))
		}
	}
}

// ratio writes a ratio to two digits or so, a blank for none.
func ratio(v float64) string {
	switch {
	case v == 0:
		return ""
	case v < 0.95:
		return fmt.Sprintf("%.2f", v)
	case v < 9.95:
		return fmt.Sprintf("%.1f", v)
	}
	return fmt.Sprintf("%.0f", v)
}

// percent writes a part, a blank for none.
func percent(v float64) string {
	if v == 0 {
		return ""
	}
	return fmt.Sprintf("%.0f %%", 100*v)
}

// speed writes million units a second to three digits.
func speed(v float64) string {
	switch {
	case v == 0:
		return ""
	case v < 10:
		return fmt.Sprintf("%.2g", v)
	case v < 1000:
		return fmt.Sprintf("%.3g", v)
	}
	return fmt.Sprintf("%.0f", 10*float64(int(v/10+0.5)))
}

// Summary returns the table for readers: a case a line, nnfield against the best of
// each kind of program. A blank is a program that does not exist or was not there.
// Below stands where it was measured.
func (r Report) Summary() string {
	var b strings.Builder
	b.WriteString("| case | nnfield | C naive | C tiled | numba | NumPy | scipy.sparse | roof |\n")
	b.WriteString("|---|--:|--:|--:|--:|--:|--:|--:|\n")
	for _, c := range r.Cases {
		own := c.best("nnfield")
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s | %s |\n", c.Name, speed(own.Median),
			over(own, c.best(naive)), over(own, c.best("C tiled")), over(own, c.best("numba", "numba, best form")),
			over(own, c.best("NumPy slices", "NumPy roll", "NumPy dot", "NumPy PCG64", "NumPy SFC64")), over(own, c.best("scipy.sparse")), percent(own.OfRoof))
	}
	turns, quiet := 0, 0.
	for _, c := range r.Cases {
		for _, row := range c.Programs {
			turns += len(row.Turns)
			quiet += row.Quiet * float64(len(row.Turns))
		}
	}
	fmt.Fprintf(&b, "\nMeasured with %s; %.0f %% of the turns found it free. \"~\" is a ratio without such turns.\n", r.Machine, 100*quiet/max(1, float64(turns)))
	return b.String()
}

// best returns the fastest of the rows of the given names, an empty one for none.
func (r Result) best(names ...string) (best Row) {
	for _, row := range r.Programs {
		if slices.Contains(names, row.Name) && row.Median > best.Median {
			best = row
		}
	}
	return best
}

// quiet tells whether the row was ever measured on a free machine.
func (r Row) quiet() bool { return r.Quiet > 0 }

// over writes how many times as fast own is: a blank for nothing, "~" where the
// machine was never free for one of the two, which is no ground for a ratio.
func over(own, other Row) string {
	switch {
	case !own.runs() || !other.runs():
		return ""
	case !own.quiet() || !other.quiet():
		return "~"
	}
	return ratio(own.Median/other.Median) + " ×"
}

// Details returns all rows of all cases.
func (r Report) Details() string {
	var b strings.Builder
	for _, c := range r.Cases {
		fmt.Fprintf(&b, "### %s\n\n%s, million %s a second", c.Name, threads(c.Threads), c.Unit)
		if c.Roof > 0 {
			fmt.Fprintf(&b, "; roof %s, one pass %s", speed(c.Roof), speed(c.OnePass))
		}
		b.WriteString(".\n\n| | median | best | quiet | × C naive | × best peer | of roof |\n|---|--:|--:|--:|--:|--:|--:|\n")
		for _, row := range c.Programs {
			switch {
			case row.Absent != "":
				fmt.Fprintf(&b, "| %s | absent: %s | | | | | |\n", row.Name, row.Absent)
			case row.Refused != "":
				fmt.Fprintf(&b, "| %s | refused: %s | | | | | |\n", row.Name, row.Refused)
			default:
				fmt.Fprintf(&b, "| %s | %s | %s | %.0f %% | %s | %s | %s |\n", row.Name, speed(row.Median), speed(row.Best), 100*row.Quiet,
					ratio(row.VsNaive), ratio(row.VsPeer), percent(row.OfRoof))
			}
		}
		b.WriteString("\n")
	}
	return b.String()
}

// Figure draws the speeds of the cases over the size of the lattice, relative to C
// naive: a panel for each theory and dimension that was measured at several sizes.
func (r Report) Figure() plotting.Figure {
	programs := []string{"nnfield", "C tiled", "C fused", "numba, best form", "NumPy slices"}
	var panels []plotting.Figure
	var titles []string
	series := map[string][]plotting.Series{}
	for _, c := range r.Cases {
		words := strings.Fields(c.Name)
		reference := c.best(naive).Median
		if c.Unit != "sites" || reference == 0 || len(words) < 2 {
			continue
		}
		title := words[0] + " " + words[1]
		if series[title] == nil {
			titles = append(titles, title)
			for _, name := range programs {
				series[title] = append(series[title], plotting.Series{Name: name})
			}
		}
		for i, name := range programs {
			if v := c.best(name).Median; v > 0 {
				s := &series[title][i]
				s.X, s.Y = append(s.X, c.Work), append(s.Y, v/reference)
			}
		}
	}
	for _, title := range titles {
		some := slices.DeleteFunc(series[title], func(s plotting.Series) bool { return len(s.X) < 2 })
		if len(some) == 0 {
			continue
		}
		panels = append(panels, plotting.LogLog(plotting.Labels{Title: title, X: "sites", Y: "speed / C naive"}, some...))
	}
	if len(panels) == 0 {
		return plotting.Failed(errors.New("no theory that C naive was timed in at two sizes; measure more cases"))
	}
	return plotting.Grid(2, panels...)
}

// readReport reads what an earlier run wrote; nothing if there is none.
func readReport(name string) (r Report, err error) {
	text, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return r, nil
	}
	if err == nil {
		err = json.Unmarshal(text, &r)
	}
	return r, err
}

// arrange puts the results in the order of the cases, the latest of each alone, and
// makes all speeds and ratios anew: limits may have risen since.
func (r *Report) arrange(all []problem) {
	measured := r.Cases
	r.Cases = nil
	for _, c := range all {
		for _, result := range slices.Backward(measured) {
			if result.Name == c.name {
				result.Roof, result.OnePass = r.Limits.roofs(c, result.Threads)
				result.compare()
				r.Cases = append(r.Cases, result)
				break
			}
		}
	}
}

// writeJSON writes a value to a file.
func writeJSON(name string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(name, append(text, '\n'), 0o666)
}
