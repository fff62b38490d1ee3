package progress

import (
	"fmt"
	"io"
	"os"
	"time"
)

// Phase runs a step of unknown length and shows its name and the seconds it
// takes: counting up in a terminal; elsewhere a line when it begins and the time
// when it ends.
func Phase(w io.Writer, name string, step func() error) error {
	start := time.Now()
	fmt.Fprintf(w, "%s ...", name)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		if !isTerminal(w) {
			return
		}
		tick := time.NewTicker(time.Second)
		defer tick.Stop()
		for {
			select {
			case <-tick.C:
				fmt.Fprintf(w, "\r%s ... %.0f s", name, time.Since(start).Seconds())
			case <-stop:
				fmt.Fprintf(w, "\r%s ...", name)
				return
			}
		}
	}()
	err := step()
	close(stop)
	<-stopped
	if err != nil {
		fmt.Fprintf(w, " failed after %.1f s\n", time.Since(start).Seconds())
		return err
	}
	fmt.Fprintf(w, " %.1f s\n", time.Since(start).Seconds())
	return nil
}

// isTerminal tells whether what is written to w is seen by a person as it comes.
func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	if !ok {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
