package player

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"html"
	"image"
	"image/color"
	"math"
	"path/filepath"
	"strings"

	"github.com/nnfield/nnfield/internal/atomicfile"
	"github.com/nnfield/nnfield/kernel/display"
	"github.com/nnfield/nnfield/plotting/internal/canvas"
	"github.com/nnfield/nnfield/plotting/internal/document"
	"github.com/nnfield/nnfield/plotting/internal/frames"
	"github.com/nnfield/nnfield/plotting/internal/reduce"
)

//go:embed player.js
var script string

// mostFrames bounds the compressed frames in a notebook, in bytes; with picture
// and script a film stays below 1.5 MB.
const mostFrames = 1_050_000

// reel is what the script reads; see player.js.
type reel struct {
	NX      int        `json:"nx"`
	NY      int        `json:"ny"`
	Names   []string   `json:"names"`
	Area    [4]float64 `json:"area"`    // left, top, width and height of the data, as parts of the picture
	Pause   int        `json:"pause"`   // between frames, in ms
	Sheer   string     `json:"sheer"`   // of curves: the picture without them, as a URL
	Palette string     `json:"palette"` // base64 of 256 colours
	Frames  string     `json:"frames"`  // base64 of gzip of one byte a cell
}

// Bundle returns the film as a notebook shows it: the picture of its last
// frame, a script that lets it play, and words.
func (f Film) Bundle() (display.Bundle, error) {
	const dpi = 192 // two pixels a CSS pixel
	img, area, err := f.place(dpi)
	if err != nil {
		return display.Bundle{}, err
	}
	r := f.wound()
	if f.sheer {
		if r.Sheer, err = address(img, dpi); err != nil {
			return display.Bundle{}, err
		}
	}
	f.paint(img, area, len(f.frames)-1)
	picture, err := address(img, dpi)
	if err != nil {
		return display.Bundle{}, err
	}
	size := img.Bounds().Size()
	for i, v := range []int{area.Min.X, area.Min.Y, area.Dx(), area.Dy()} {
		r.Area[i] = float64(v) / float64([]int{size.X, size.Y}[i%2])
	}
	data, err := json.Marshal(r) // escapes <, so that no name ends the script
	if err != nil {
		return display.Bundle{}, err
	}
	title, _, _ := strings.Cut(f.words, "\n")
	key := fmt.Sprintf("%x", sha256.Sum256(data))[:16]
	page := fmt.Sprintf(`<div data-nnfield-film="%s"><img src="%s" width="%d" alt="%s"><p>%s: the last of %d frames</p></div>
<script>(function (key, film) {
%s})("%[1]s", %[8]s);</script>`, key, picture, size.X/2, html.EscapeString(title),
		html.EscapeString(f.names[len(f.names)-1]), len(f.names), script, data)
	return display.Bundle{Data: map[string]any{"text/html": page, "text/plain": f.words}}, nil
}

// address returns a picture as a URL that holds it.
func address(img image.Image, dpi float64) (string, error) {
	data, err := canvas.PNG(img, dpi, zlib.BestCompression)
	if err != nil {
		return "", err
	}
	return "data:image/png;base64," + base64.StdEncoding.EncodeToString(data), nil
}

// wound returns the frames as the script reads them, fewer and then coarser if
// they are too many bytes.
func (f Film) wound() reel {
	var rgb []byte
	for _, c := range f.palette {
		c := color.NRGBAModel.Convert(c).(color.NRGBA)
		rgb = append(rgb, c.R, c.G, c.B)
	}
	for {
		var b bytes.Buffer
		w := gzip.NewWriter(&b)
		for _, level := range f.frames {
			w.Write(level) // to memory: cannot fail
		}
		w.Close()
		n := base64.StdEncoding.EncodedLen(b.Len())
		if n <= mostFrames {
			return reel{
				NX: f.nx, NY: f.ny, Names: f.names, Pause: pause(len(f.frames)),
				Palette: base64.StdEncoding.EncodeToString(rgb),
				Frames:  base64.StdEncoding.EncodeToString(b.Bytes()),
			}
		}
		// A little below what would fit if bytes were proportional to cells.
		if fit := 0.95 * mostFrames / float64(n); len(f.frames) > 48 {
			f = f.fewer(max(48, int(fit*float64(len(f.frames)))))
		} else {
			side := math.Sqrt(fit)
			f = f.coarser(max(1, int(side*float64(f.nx))), max(1, int(side*float64(f.ny))))
		}
	}
}

// pause returns the time between frames in ms: six seconds for the film, but no
// more than 0.5 s and no less than 40 ms a frame.
func pause(frames int) int { return min(max(6000/frames, 40), 500) }

// fewer returns the film with n of its frames, first and last included.
func (f Film) fewer(n int) Film {
	f.frames, f.names = frames.Spread(f.frames, n), frames.Spread(f.names, n)
	return f
}

// coarser returns the film with fewer cells; extrema stay.
func (f Film) coarser(nx, ny int) Film {
	xBin, yBin := reduce.Even(f.nx, nx), reduce.Even(f.ny, ny)
	var small [][]uint8
	values := make([]float64, f.nx*f.ny)
	for _, level := range f.frames {
		for i, l := range level {
			values[i] = float64(l)
			if l == missing {
				values[i] = math.NaN()
			}
		}
		to := make([]uint8, nx*ny)
		for i, v := range reduce.Field(values, xBin, nx, yBin, ny) {
			to[i] = missing
			if !math.IsNaN(v) {
				to[i] = uint8(v)
			}
		}
		small = append(small, to)
	}
	f.nx, f.ny, f.frames = nx, ny, small
	return f
}

// HTML returns a page that shows the film by itself: one file that needs no
// network and no other file.
func (f Film) HTML() ([]byte, error) {
	b, err := f.Bundle()
	if err != nil {
		return nil, err
	}
	title, _, _ := strings.Cut(f.words, "\n")
	page, _ := b.Data["text/html"].(string)
	return document.Page(title, page), nil
}

// Save writes the film to a file by the ending of its name: .gif, .png (an
// animated PNG) or .html. The file appears complete or not at all.
func (f Film) Save(path string) error {
	var (
		data []byte
		err  error
	)
	switch ext := strings.ToLower(filepath.Ext(path)); ext {
	case ".gif":
		data, err = f.GIF()
	case ".png", ".apng":
		data, err = f.APNG()
	case ".html":
		data, err = f.HTML()
	default:
		return fmt.Errorf("Save(%q): no format of a film has the ending %q; use .gif, .png (animated) or .html", path, ext)
	}
	if err != nil {
		return err
	}
	if err := atomicfile.Write(path, data); err != nil {
		return fmt.Errorf("Save(%q): %w", path, err)
	}
	return nil
}
