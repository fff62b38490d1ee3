// Package notebook reads and writes Jupyter notebooks (nbformat 4).
//
// Fields this package does not know are kept. Files are written as Jupyter
// writes them, byte for byte the same for the same contents: sorted keys,
// indented by one space, long texts as lists of lines.
package notebook

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/nnfield/nnfield/internal/atomicfile"
)

// Kinds of cells.
const (
	Code     = "code"
	Markdown = "markdown"
	Raw      = "raw"
)

// Notebook is a notebook in memory.
type Notebook struct {
	Cells []*Cell
	root  map[string]any
}

// Cell is one cell of a notebook.
type Cell struct {
	fields map[string]any
}

// Output is one output of a code cell as nbformat defines it: "output_type" is
// stream ("name", "text"), display_data or execute_result ("data", "metadata")
// or error ("ename", "evalue", "traceback"). Texts are single strings.
type Output map[string]any

// Read reads a notebook from a file. Errors are one sentence that names the file.
func Read(path string) (*Notebook, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		var p *fs.PathError
		if errors.As(err, &p) {
			err = p.Err
		}
		return nil, fmt.Errorf("notebook %s: cannot be read: %w; give the path of an .ipynb file", path, err)
	}
	nb, err := Parse(data)
	if err != nil {
		return nil, fmt.Errorf("notebook %s: %w", path, err)
	}
	return nb, nil
}

// Parse reads a notebook from its JSON text.
func Parse(data []byte) (*Notebook, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber() // numbers of fields we do not know keep their digits
	var root map[string]any
	if err := d.Decode(&root); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			line := 1 + bytes.Count(data[:min(int(syntax.Offset), len(data))], []byte("\n"))
			return nil, fmt.Errorf("not JSON (line %d: %w); restore the file or save it again from Jupyter", line, err)
		}
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, errors.New("the file is empty or cut short; restore it or save it again from Jupyter")
		}
		return nil, errors.New("not a notebook: the file holds no JSON object; save it again from Jupyter")
	}
	if _, err := d.Token(); err != io.EOF {
		return nil, errors.New("not a notebook: text follows the JSON object; save it again from Jupyter")
	}
	if v := fmt.Sprint(root["nbformat"]); v != "4" {
		if root["nbformat"] == nil {
			return nil, errors.New("not a notebook: nbformat is missing; save it again from Jupyter")
		}
		return nil, fmt.Errorf("nbformat %s; only 4 is supported; open it in Jupyter and save it in format 4", v)
	}
	list, ok := root["cells"].([]any)
	if !ok {
		return nil, errors.New("not a notebook: the list of cells is missing; save it again from Jupyter")
	}
	nb := &Notebook{root: root}
	for i, x := range list {
		fields, ok := x.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("cell %d is not a JSON object; save it again from Jupyter", i+1)
		}
		c := &Cell{fields: fields}
		if c.Kind() == "" {
			return nil, fmt.Errorf("cell %d has no cell_type; use code, markdown or raw", i+1)
		}
		source, ok := join(fields["source"])
		if !ok {
			return nil, fmt.Errorf("cell %d: source is not text; save it again from Jupyter", i+1)
		}
		fields["source"] = source
		if c.Kind() == Code {
			outputs, err := parseOutputs(fields["outputs"])
			if err != nil {
				return nil, fmt.Errorf("cell %d: %w", i+1, err)
			}
			fields["outputs"] = outputs
		}
		nb.Cells = append(nb.Cells, c)
	}
	return nb, nil
}

func parseOutputs(v any) ([]Output, error) {
	list, ok := v.([]any)
	if !ok && v != nil {
		return nil, errors.New("outputs is not a list; save it again from Jupyter")
	}
	outputs := []Output{}
	for i, x := range list {
		o, ok := x.(map[string]any)
		if !ok {
			return nil, fmt.Errorf("output %d is not a JSON object; clear the outputs and save it again", i+1)
		}
		if s, ok := join(o["text"]); ok && o["text"] != nil {
			o["text"] = s
		}
		if data, ok := o["data"].(map[string]any); ok {
			for mime, content := range data {
				if s, ok := join(content); ok && !IsJSON(mime) {
					data[mime] = s
				}
			}
		}
		outputs = append(outputs, o)
	}
	return outputs, nil
}

// join returns a text that nbformat stores as a string or as a list of strings.
func join(v any) (string, bool) {
	switch v := v.(type) {
	case nil:
		return "", true
	case string:
		return v, true
	case []any:
		var b strings.Builder
		for _, x := range v {
			s, ok := x.(string)
			if !ok {
				return "", false
			}
			b.WriteString(s)
		}
		return b.String(), true
	}
	return "", false
}

// split returns the lines of a text, each with its newline.
func split(s string) []string {
	lines := strings.SplitAfter(s, "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

// IsJSON tells whether data of a MIME type is a JSON value, not a text.
func IsJSON(mime string) bool {
	return mime == "application/json" || strings.HasSuffix(mime, "+json")
}

// isBinary tells whether data of a MIME type is base64, which nbformat keeps in one string.
func isBinary(mime string) bool {
	return strings.HasPrefix(mime, "image/") && mime != "image/svg+xml" || mime == "application/pdf"
}

// SetKernel records which kernel executes the notebook.
func (nb *Notebook) SetKernel(name, display, language, extension, mime string) {
	meta, _ := nb.root["metadata"].(map[string]any)
	if meta == nil {
		meta = map[string]any{}
		nb.root["metadata"] = meta
	}
	meta["kernelspec"] = map[string]any{"name": name, "display_name": display, "language": language}
	// No version: it would change with the machine that executed the notebook.
	meta["language_info"] = map[string]any{"name": language, "file_extension": extension, "mimetype": mime}
}

// Kind returns the cell's type: [Code], [Markdown], [Raw] or one of a later format.
func (c *Cell) Kind() string {
	s, _ := c.fields["cell_type"].(string)
	return s
}

// Tags returns the tags of the cell.
func (c *Cell) Tags() (tags []string) {
	meta, _ := c.fields["metadata"].(map[string]any)
	list, _ := meta["tags"].([]any)
	for _, tag := range list {
		if s, ok := tag.(string); ok {
			tags = append(tags, s)
		}
	}
	return tags
}

// NewCode returns a code cell. The id names it within its notebook.
func NewCode(id, source string, tags ...string) *Cell {
	list := make([]any, len(tags))
	for i, tag := range tags {
		list[i] = tag
	}
	return &Cell{fields: map[string]any{
		"cell_type": Code, "id": id, "source": source, "metadata": map[string]any{"tags": list},
		"outputs": []Output{}, "execution_count": nil,
	}}
}

// Insert puts a cell before the one that is now at position i.
func (nb *Notebook) Insert(i int, c *Cell) {
	minor, _ := nb.root["nbformat_minor"].(json.Number)
	if n, err := minor.Int64(); err != nil || n < 5 {
		delete(c.fields, "id") // cells have one since format 4.5
	}
	nb.Cells = slices.Insert(nb.Cells, i, c)
}

// Source returns the text of the cell.
func (c *Cell) Source() string { return c.fields["source"].(string) }

// Outputs returns the outputs of a code cell, nil for other cells.
func (c *Cell) Outputs() []Output {
	outputs, _ := c.fields["outputs"].([]Output)
	return outputs
}

// Count returns the execution count of a code cell, 0 if it was not executed.
func (c *Cell) Count() int {
	switch n := c.fields["execution_count"].(type) {
	case int:
		return n
	case json.Number:
		i, _ := n.Int64()
		return int(i)
	}
	return 0
}

// SetOutputs stores the result of executing a code cell; count 0 means that it
// was not executed.
func (c *Cell) SetOutputs(outputs []Output, count int) {
	if outputs == nil {
		outputs = []Output{}
	}
	c.fields["outputs"] = outputs
	c.fields["execution_count"] = nil
	if count > 0 {
		c.fields["execution_count"] = count
	}
	// Times of an earlier execution would make the file differ at every run.
	if meta, ok := c.fields["metadata"].(map[string]any); ok {
		delete(meta, "execution")
		delete(meta, "ExecuteTime")
	}
}

// Attachment returns an image that was pasted into the cell, under its name.
func (c *Cell) Attachment(name string) (mime string, data []byte, ok bool) {
	all, _ := c.fields["attachments"].(map[string]any)
	bundle, _ := all[name].(map[string]any)
	for _, mime := range []string{"image/png", "image/jpeg", "image/gif", "image/svg+xml"} {
		text, isText := join(bundle[mime])
		if !isText || text == "" {
			continue
		}
		data, err := base64.StdEncoding.DecodeString(text)
		return mime, data, err == nil
	}
	return "", nil, false
}

// Type returns the output_type.
func (o Output) Type() string { return o.text("output_type") }

// Text returns the text of a stream output.
func (o Output) Text() string { return o.text("text") }

// Stream returns the name of a stream output: stdout or stderr.
func (o Output) Stream() string { return o.text("name") }

// Data returns the content of a MIME type, "" if the output has none.
func (o Output) Data(mime string) string {
	data, _ := o["data"].(map[string]any)
	s, _ := data[mime].(string)
	return s
}

// Traceback returns the lines of an error output, or its name and value if it has no lines.
func (o Output) Traceback() []string {
	var lines []string
	switch t := o["traceback"].(type) {
	case []string:
		lines = t
	case []any:
		for _, x := range t {
			s, _ := x.(string)
			lines = append(lines, s)
		}
	}
	if len(lines) == 0 {
		lines = []string{o.text("ename") + ": " + o.text("evalue")}
	}
	return lines
}

func (o Output) text(field string) string {
	s, _ := o[field].(string)
	return s
}

// Bytes returns the file's contents.
func (nb *Notebook) Bytes() ([]byte, error) {
	cells := make([]any, len(nb.Cells))
	for i, c := range nb.Cells {
		fields := maps.Clone(c.fields)
		fields["source"] = split(c.Source())
		if c.Kind() == Code {
			outputs := make([]any, len(c.Outputs()))
			for j, o := range c.Outputs() {
				outputs[j] = lines(o)
			}
			fields["outputs"] = outputs
		}
		cells[i] = fields
	}
	root := maps.Clone(nb.root)
	root["cells"] = cells
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(root); err != nil {
		return nil, fmt.Errorf("notebook: %w", err)
	}
	return b.Bytes(), nil
}

// lines returns a copy of an output with its texts as lists of lines.
func lines(o Output) map[string]any {
	fields := maps.Clone(o)
	if s, ok := fields["text"].(string); ok {
		fields["text"] = split(s)
	}
	if data, ok := fields["data"].(map[string]any); ok {
		data = maps.Clone(data)
		for mime, content := range data {
			if s, ok := content.(string); ok && !IsJSON(mime) && !isBinary(mime) {
				data[mime] = split(s)
			}
		}
		fields["data"] = data
	}
	return fields
}

// Write writes the notebook to a file, whole or not at all.
func (nb *Notebook) Write(path string) error {
	data, err := nb.Bytes()
	if err != nil {
		return err
	}
	return atomicfile.Write(path, data)
}
