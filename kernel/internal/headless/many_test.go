//go:build unix

package headless

import (
	"bytes"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Two notebooks at a time: both have begun before a cell of either has ended.
func TestSeveralAtATime(t *testing.T) {
	dir := t.TempDir()
	paths := []string{}
	for _, name := range []string{"a.ipynb", "b.ipynb", "c.ipynb"} {
		paths = append(paths, write(t, dir, name, "sleep", "stdout "+name))
	}
	for jobs, want := range map[int]string{1: "path cell cell wrote path cell cell wrote", 2: "path path"} {
		var log bytes.Buffer
		job := Job{Notebooks: paths[:2], Dir: filepath.Join(dir, "out"), Log: &log, Jobs: jobs, KeepGoing: true, Timeout: 300 * time.Millisecond}
		err := job.Run(t.Context(), fake)
		kinds := []string{}
		for line := range strings.Lines(log.String()) {
			switch {
			case strings.Contains(line, "s  "):
				kinds = append(kinds, "cell")
				if labelled := strings.HasPrefix(line, "a.ipynb [") || strings.HasPrefix(line, "b.ipynb ["); labelled != (jobs > 1) {
					t.Errorf("%d jobs: %s", jobs, line)
				}
			case strings.HasPrefix(line, "wrote"):
				kinds = append(kinds, "wrote")
			default:
				kinds = append(kinds, "path")
			}
		}
		if got := strings.Join(kinds, " "); !strings.HasPrefix(got, want) || len(kinds) != 8 {
			t.Errorf("%d jobs: %s\n%s", jobs, got, log.String())
		}
		// Failures come in the order of the notebooks, whichever came first.
		if a, b := strings.Index(err.Error(), "a.ipynb"), strings.Index(err.Error(), "b.ipynb"); a < 0 || b < a {
			t.Errorf("error %v", err)
		}
	}
	// After a failure no other is begun.
	var log bytes.Buffer
	job := Job{Notebooks: []string{write(t, dir, "bad.ipynb", "fail oh"), paths[2]}, Dir: filepath.Join(dir, "out2"), Log: &log, Jobs: 1}
	if err := job.Run(t.Context(), fake); err == nil || strings.Contains(log.String(), "c.ipynb") {
		t.Errorf("%v\n%s", err, log.String())
	}
}

func TestCheckOutputs(t *testing.T) {
	dir := t.TempDir()
	path := write(t, dir, "a.ipynb", "stdout E = 1.2345678", "stdout stale")
	job := Job{Notebooks: []string{path}, Dir: filepath.Join(dir, "out"), Log: &bytes.Buffer{}, Compare: true, Digits: 6}
	err := errors.Join(job.Check(), job.Run(t.Context(), fake))
	var difference *DifferenceError
	if !errors.As(err, &difference) || difference.Cell != 1 || strings.Count(err.Error(), "are not those stored") != 1 || !strings.Contains(err.Error(), "--in-place") {
		t.Fatalf("error %v", err)
	}
	job.Compare, job.InPlace = false, true
	if err := job.Run(t.Context(), fake); err != nil {
		t.Fatal(err)
	}
	job.Compare, job.InPlace = true, false
	if err := errors.Join(job.Check(), job.Run(t.Context(), fake)); err != nil {
		t.Errorf("what was stored just now differs: %v", err)
	}
}

func TestRunWithParams(t *testing.T) {
	dir := t.TempDir()
	path := write(t, dir, "a.ipynb", "stdout x")
	job := Job{Notebooks: []string{path}, Dir: filepath.Join(dir, "out"), Log: &bytes.Buffer{}, Params: []Param{{"mass", "2"}}}
	for _, err := range []error{job.Check(), job.Run(t.Context(), fake)} {
		if err == nil || !strings.Contains(err.Error(), "a.ipynb: no code cell has the tag") {
			t.Errorf("error %v", err)
		}
	}
}
