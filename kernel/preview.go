package kernel

import (
	"fmt"
	"os"
	"time"

	"github.com/nnfield/nnfield/kernel/display"
	"github.com/nnfield/nnfield/kernel/internal/store"
	"github.com/nnfield/nnfield/nnfield/simulate"
)

// previewInterval is the shortest time between two pictures of a preview.
const previewInterval = 300 * time.Millisecond

// Preview shows a figure of the run as it evolves, a few times a second, and at
// the end, in its place, that of the whole run:
//
//	kernel.Run(kg.Until(300), kernel.Preview(func(r *nnfield.Run) plotting.Figure { return plotting.Spacetime(r) }))
//
// The run that draw gets holds what is recorded so far and is valid during the
// call only. Outside a notebook only the last figure is shown.
func Preview[F interface {
	Bundle() (display.Bundle, error)
}](draw func(*simulate.Run) F) Option {
	return func(j *job) {
		j.preview = &preview{
			id:   fmt.Sprintf("nnfield-preview-%d-%d", os.Getpid(), time.Now().UnixNano()),
			draw: func(r *simulate.Run) (display.Bundle, error) { return draw(r).Bundle() },
			show: display.Update, live: display.InNotebook(),
		}
	}
}

// preview is the figure of a run that is going on; a nil one shows nothing.
type preview struct {
	id   string
	draw func(*simulate.Run) (display.Bundle, error)
	show func(id string, b display.Bundle) error
	live bool
	next time.Time
}

// update shows the run so far, if it is time to. A picture that cannot be drawn
// yet, of one frame perhaps, is left out.
func (p *preview) update(part *store.Part) {
	if p == nil || !p.live || part == nil || time.Now().Before(p.next) {
		return
	}
	began := time.Now()
	run, unmap, err := part.SoFar()
	if err != nil {
		return
	}
	defer unmap()
	if b, err := p.draw(run); err == nil {
		_ = p.show(p.id, b)
	}
	// Drawing takes at most a quarter of the time.
	p.next = time.Now().Add(max(previewInterval, 3*time.Since(began)))
}

// finish shows the whole run in place of the preview.
func (p *preview) finish(run *simulate.Run) error {
	if p == nil {
		return nil
	}
	b, err := p.draw(run)
	if err == nil {
		err = p.show(p.id, b)
	}
	if err != nil {
		return fmt.Errorf("kernel.Preview: %w", err)
	}
	return nil
}
