package notebook

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// testdata/jupyter.ipynb was written by Python's json with Jupyter's options
// (indent=1, sort_keys, no ASCII escapes).
func TestWriteAsJupyterDoes(t *testing.T) {
	want, err := os.ReadFile("testdata/jupyter.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	nb, err := Parse(want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := nb.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("not the same bytes after reading and writing:\n%s", got)
	}
}

func TestAccessors(t *testing.T) {
	nb, err := Read("testdata/jupyter.ipynb")
	if err != nil {
		t.Fatal(err)
	}
	c := nb.Cells[2]
	if c.Kind() != Code || c.Source() != "%%\nfmt.Println(1 < 2, \"ü\")" || c.Count() != 3 {
		t.Errorf("cell = %q %q %d", c.Kind(), c.Source(), c.Count())
	}
	out := c.Outputs()
	if out[0].Type() != "stream" || out[0].Stream() != "stdout" || out[0].Text() != "true ü\nnext\nrest" {
		t.Errorf("stream = %v", out[0])
	}
	if out[1].Data("text/plain") != "a\nb" || out[1].Data("image/svg+xml") != "<svg>\n</svg>" || out[1].Data("text/latex") != "" {
		t.Errorf("display = %v", out[1])
	}
	if tb := out[2].Traceback(); len(tb) != 1 || tb[0] != "\x1b[31mbad\x1b[0m" {
		t.Errorf("traceback = %q", tb)
	}
	if tb := (Output{"ename": "E", "evalue": "v"}).Traceback(); len(tb) != 1 || tb[0] != "E: v" {
		t.Errorf("traceback without lines = %q", tb)
	}
	if nb.Cells[0].Outputs() != nil {
		t.Error("a markdown cell has outputs")
	}
}

func TestSetOutputsAndKernel(t *testing.T) {
	nb, err := Parse([]byte(`{"nbformat":4,"cells":[
		{"cell_type":"code","source":"a\nb","metadata":{"execution":{"iopub.status.busy":"2024"},"keep":1}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	nb.SetKernel("nnfield", "nnfield (Go)", "go", ".go", "text/x-go")
	nb.Cells[0].SetOutputs([]Output{{"output_type": "stream", "name": "stdout", "text": "x\ny"}}, 1)
	got, err := nb.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	const want = `{
 "cells": [
  {
   "cell_type": "code",
   "execution_count": 1,
   "metadata": {
    "keep": 1
   },
   "outputs": [
    {
     "name": "stdout",
     "output_type": "stream",
     "text": [
      "x\n",
      "y"
     ]
    }
   ],
   "source": [
    "a\n",
    "b"
   ]
  }
 ],
 "metadata": {
  "kernelspec": {
   "display_name": "nnfield (Go)",
   "language": "go",
   "name": "nnfield"
  },
  "language_info": {
   "file_extension": ".go",
   "mimetype": "text/x-go",
   "name": "go"
  }
 },
 "nbformat": 4
}
`
	if string(got) != want {
		t.Errorf("got:\n%s", got)
	}
	nb.Cells[0].SetOutputs(nil, 0)
	got, err = nb.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(got), `"execution_count": null`) || !strings.Contains(string(got), `"outputs": []`) {
		t.Errorf("a cell that was not executed:\n%s", got)
	}
}

func TestParseErrors(t *testing.T) {
	for text, want := range map[string]string{
		``:                            "empty or cut short",
		`{"nbformat":4,`:              "cut short",
		"{\n\"a\": nope}":             "line 2",
		`[1]`:                         "no JSON object",
		`{"nbformat":4} {}`:           "text follows",
		`{"cells":[]}`:                "nbformat is missing",
		`{"nbformat":3}`:              "nbformat 3; only 4",
		`{"nbformat":4}`:              "list of cells is missing",
		`{"nbformat":4,"cells":[7]}`:  "cell 1 is not a JSON object",
		`{"nbformat":4,"cells":[{}]}`: "cell 1 has no cell_type",
		`{"nbformat":4,"cells":[{"cell_type":"code","source":7}]}`:                      "source is not text",
		`{"nbformat":4,"cells":[{"cell_type":"code","source":[7]}]}`:                    "source is not text",
		`{"nbformat":4,"cells":[{"cell_type":"code","outputs":7}]}`:                     "outputs is not a list",
		`{"nbformat":4,"cells":[{"cell_type":"code","outputs":[{"output_type":1},7]}]}`: "output 2 is not a JSON object",
	} {
		nb, err := Parse([]byte(text))
		if err == nil || !strings.Contains(err.Error(), want) || nb != nil {
			t.Errorf("%s: error %v, want %q", text, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: the error has several lines", text)
		}
	}
}

func FuzzParse(f *testing.F) {
	data, err := os.ReadFile("testdata/jupyter.ipynb")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) {
		nb, err := Parse(data)
		if err != nil {
			return
		}
		once, err := nb.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		again, err := Parse(once)
		if err != nil {
			t.Fatalf("what was written cannot be read: %v", err)
		}
		twice, err := again.Bytes()
		if err != nil || !bytes.Equal(once, twice) {
			t.Fatalf("not a fixed point: %v", err)
		}
		for _, c := range nb.Cells {
			for _, o := range c.Outputs() {
				_, _, _, _ = o.Type(), o.Text(), o.Data("text/html"), o.Traceback()
			}
		}
	})
}

func TestReadErrorsNameTheFile(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing.ipynb")
	_, err := Read(missing)
	if err == nil || strings.Count(err.Error(), missing) != 1 || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("error %v", err)
	}
	if _, err := Read(t.TempDir()); err == nil || !strings.Contains(err.Error(), "is a directory") {
		t.Errorf("error %v", err)
	}
}

func TestAttachment(t *testing.T) {
	nb, err := Parse([]byte(`{"nbformat":4,"cells":[{"cell_type":"markdown","source":"![](attachment:a.png)",
		"attachments":{"a.png":{"image/png":"aGk="},"b.png":{"image/png":"%%"}}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	if mime, data, ok := nb.Cells[0].Attachment("a.png"); !ok || mime != "image/png" || string(data) != "hi" {
		t.Errorf("%q %q %v", mime, data, ok)
	}
	for _, name := range []string{"b.png", "c.png"} {
		if _, _, ok := nb.Cells[0].Attachment(name); ok {
			t.Errorf("%s: found", name)
		}
	}
}
