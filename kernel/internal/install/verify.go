package install

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/nnfield/nnfield/kernel/internal/jupyter"
	"github.com/nnfield/nnfield/kernel/internal/notebook"
)

// Probe is a cell that shows that a kernel works, and what must come out of it.
type Probe struct {
	Name string
	Cell string
	want func(outputs []notebook.Output) bool
}

// Hello prints a word.
var Hello = Probe{
	Name: "a hello cell",
	Cell: "import \"fmt\"\n\n%%\nfmt.Println(\"hello\")",
	want: func(outputs []notebook.Output) bool {
		return len(outputs) == 1 && outputs[0].Text() == "hello\n"
	},
}

// Figure runs a field and shows its figure.
var Figure = Probe{
	Name: "a figure cell",
	Cell: `import (
	"github.com/nnfield/nnfield/kernel"
	"github.com/nnfield/nnfield/nnfield"
	"github.com/nnfield/nnfield/plotting"
)

%%
packet := nnfield.KleinGordon().Ring(64, 16).Mass(1).Packet(nnfield.Width(1.5), nnfield.WaveNumber(2))
plotting.Show(plotting.Spacetime(kernel.Run(packet.Until(2))))`,
	want: func(outputs []notebook.Output) bool {
		for _, o := range outputs {
			if strings.Contains(o.Data("text/html"), "<img") {
				return true
			}
		}
		return false
	},
}

// cellTime is for one probe: a cold build of all that it imports takes half a minute.
const cellTime = 5 * time.Minute

// Session is a kernel that was started as Jupyter starts it.
type Session struct {
	kernel *jupyter.Kernel
	dir    string
}

// Start starts the kernel of a kernelspec in an empty directory.
func Start(ctx context.Context, s Spec) (*Session, error) {
	dir, err := os.MkdirTemp("", "nnfield-verify-")
	if err != nil {
		return nil, err
	}
	k, err := jupyter.Start(ctx, jupyter.Command{Argv: s.Argv, Env: os.Environ(), Dir: dir})
	if err != nil {
		_ = os.RemoveAll(dir)
		return nil, err
	}
	return &Session{k, dir}, nil
}

// Close ends the kernel.
func (s *Session) Close() {
	s.kernel.Close()
	_ = os.RemoveAll(s.dir)
}

// Run executes a probe and returns how long it took.
func (s *Session) Run(ctx context.Context, p Probe) (time.Duration, error) {
	start := time.Now()
	r, err := s.kernel.Execute(ctx, p.Cell, cellTime)
	if err == nil {
		err = r.Failure
	}
	if err != nil {
		var printed strings.Builder
		for _, o := range r.Outputs {
			if o.Stream() == "stderr" {
				printed.WriteString(o.Text())
			}
		}
		return 0, fmt.Errorf("%s failed: %w\n%s", p.Name, err, strings.TrimSpace(printed.String()))
	}
	if !p.want(r.Outputs) {
		return 0, fmt.Errorf("%s did not show what it must: %v", p.Name, r.Outputs)
	}
	return time.Since(start), nil
}
