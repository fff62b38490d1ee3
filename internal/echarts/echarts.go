// Package echarts holds the scripts that draw interactive charts, Apache ECharts
// 5.6.0 and its extension for surfaces, ECharts-GL 2.1.0, so that no chart ever
// asks the network for them.
//
// A chart in a notebook carries no script of these. It looks for one in the page
// it stands in, where [Inline] puts it once for all charts, and then beside the
// kernel, where an installation puts [Scripts]; with neither it stays a picture.
// See licenses/ for the terms of both.
package echarts

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"encoding/base64"
	"fmt"
	"io"
)

// Names of the scripts, as charts ask for them.
const (
	Core = "echarts"
	GL   = "echarts-gl" // needs Core
)

//go:embed echarts.min.js.gz
var core []byte

//go:embed echarts-gl.min.js.gz
var gl []byte

var scripts = []struct {
	name string
	data []byte // gzip
}{{Core, core}, {GL, gl}}

// Script is a file to be served to notebooks.
type Script struct {
	File string // its name, such as "echarts.min.js"
	Data []byte
}

// Scripts returns the scripts as files. They belong into the directory of the
// kernelspec: Jupyter serves its files at <base>/kernelspecs/nnfield/.
func Scripts() ([]Script, error) {
	var all []Script
	for _, s := range scripts {
		file := s.name + ".min.js"
		r, err := gzip.NewReader(bytes.NewReader(s.data))
		if err != nil {
			return nil, fmt.Errorf("echarts: %s: %w", file, err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			return nil, fmt.Errorf("echarts: %s: %w", file, err)
		}
		all = append(all, Script{file, data})
	}
	return all, nil
}

// Needs returns the attribute by which the element of a chart names the scripts
// it needs. Inline looks for it.
func Needs(name string) string { return `data-nnfield-needs="` + name + `"` }

// id is that of the element that holds a script.
func id(name string) string { return "nnfield-" + name }

// Inline returns an HTML page with the scripts that its charts need, each once,
// compressed, at the end of its body: such a page shows its charts offline and
// anywhere. A page without charts, or with the scripts inside already, comes
// back unchanged.
func Inline(page []byte) []byte {
	surfaces := bytes.Contains(page, []byte(Needs(GL)))
	charts := surfaces || bytes.Contains(page, []byte(Needs(Core)))
	var add []byte
	for _, s := range scripts {
		if !charts || s.name == GL && !surfaces || bytes.Contains(page, []byte(`id="`+id(s.name)+`"`)) {
			continue
		}
		// A browser does not run this type; the charts unpack and run it.
		add = fmt.Appendf(add, "<script type=\"text/plain\" id=\"%s\">%s</script>\n", id(s.name), base64.StdEncoding.EncodeToString(s.data))
	}
	if add == nil {
		return page
	}
	end := bytes.LastIndex(page, []byte("</body>"))
	if end < 0 {
		end = len(page)
	}
	return append(append(page[:end:end], add...), page[end:]...)
}
