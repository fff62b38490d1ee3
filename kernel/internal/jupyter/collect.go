package jupyter

import (
	"strings"

	"github.com/nnfield/nnfield/kernel/internal/notebook"
)

// collector builds the outputs of one cell from the messages of its execution.
type collector struct {
	outputs []notebook.Output
	stream  strings.Builder // text of the last output while that is a stream
	clear   bool            // clear_output(wait): clear when the next output comes

	// shown holds the outputs of this and earlier cells by their display id:
	// update_display_data changes them wherever they are.
	shown map[string][]notebook.Output
}

// add takes in one message; messages that are no output are ignored.
func (c *collector) add(m message) {
	switch m.header.Type {
	case "stream":
		c.beforeOutput()
		name := m.text("name")
		if n := len(c.outputs); n == 0 || c.outputs[n-1].Type() != "stream" || c.outputs[n-1].Stream() != name {
			c.flush()
			c.outputs = append(c.outputs, notebook.Output{"output_type": "stream", "name": name, "text": ""})
		}
		c.stream.WriteString(m.text("text"))
	case "error":
		c.beforeOutput()
		c.append(notebook.Output{"output_type": "error",
			"ename": m.text("ename"), "evalue": m.text("evalue"), "traceback": m.content["traceback"]})
	case "display_data", "execute_result":
		c.beforeOutput()
		o := notebook.Output{"output_type": m.header.Type, "data": object(m, "data"), "metadata": object(m, "metadata")}
		if m.header.Type == "execute_result" {
			o["execution_count"] = m.content["execution_count"]
		}
		c.append(o)
		if id := displayID(m); id != "" {
			c.shown[id] = append(c.shown[id], o)
		}
	case "update_display_data":
		for _, o := range c.shown[displayID(m)] {
			o["data"], o["metadata"] = object(m, "data"), object(m, "metadata")
		}
	case "clear_output":
		if wait, _ := m.content["wait"].(bool); wait {
			c.clear = true
		} else {
			c.reset()
		}
	}
}

func (c *collector) append(o notebook.Output) {
	c.flush()
	c.outputs = append(c.outputs, o)
}

func (c *collector) beforeOutput() {
	if c.clear {
		c.reset()
	}
}

func (c *collector) reset() {
	c.outputs, c.clear = nil, false
	c.stream.Reset()
}

// flush ends the stream output that is being written.
func (c *collector) flush() {
	if n := len(c.outputs); n > 0 && c.outputs[n-1].Type() == "stream" && c.stream.Len() > 0 {
		c.outputs[n-1]["text"] = overwrite(c.stream.String())
	}
	c.stream.Reset()
}

// done returns the outputs.
func (c *collector) done() []notebook.Output {
	c.flush()
	return c.outputs
}

func object(m message, field string) map[string]any {
	o, _ := m.content[field].(map[string]any)
	if o == nil {
		o = map[string]any{}
	}
	return o
}

func displayID(m message) string {
	id, _ := object(m, "transient")["display_id"].(string)
	return id
}

// overwrite applies carriage returns as progress lines use them: what follows
// one replaces the line so far.
func overwrite(text string) string {
	if !strings.Contains(text, "\r") {
		return text
	}
	var b strings.Builder
	for line := range strings.Lines(strings.ReplaceAll(text, "\r\n", "\n")) {
		body := strings.TrimRight(line, "\r\n")
		body = body[strings.LastIndexByte(body, '\r')+1:]
		b.WriteString(body)
		if strings.HasSuffix(line, "\n") {
			b.WriteByte('\n')
		}
	}
	return b.String()
}
