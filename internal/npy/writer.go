package npy

import (
	"bufio"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
)

// Writer writes an array frame by frame, the number of frames being known only
// at the end. The file appears under its name when Close succeeds: until then it
// is a temporary one beside it, so that nobody reads half a file.
type Writer struct {
	path   string
	frame  []int // the shape of a frame
	size   int   // elements of a frame
	frames int
	kind   string // of the elements, once a frame is there
	file   *os.File
	buffer *bufio.Writer
	begin  int // where the data begins
	encoder
}

var errDone = errors.New("the file is already closed or discarded")

// Create begins an array whose elements [i, …] are the frames, each of the given
// shape; an empty shape makes it a list of numbers. It fails if the shape is not
// one or if no file can be created beside path.
func Create(path string, frameShape []int) (*Writer, error) {
	size, err := product(frameShape)
	if err != nil {
		return nil, fmt.Errorf("npy.Create(%s): %w", path, err)
	}
	if len(frameShape) == maxDims {
		return nil, fmt.Errorf("npy.Create(%s): frames of %d axes; at most %d leave one for the frames", path, maxDims, maxDims-1)
	}
	temporary := filepath.Join(filepath.Dir(path), fmt.Sprintf(".%s.%016x", filepath.Base(path), rand.Uint64()))
	file, err := os.OpenFile(temporary, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return nil, fmt.Errorf("npy.Create(%s): %w", path, err)
	}
	w := &Writer{path: path, frame: slices.Clone(frameShape), size: size, file: file, buffer: bufio.NewWriterSize(file, 1<<16)}
	w.encoder.w = w.buffer
	room := header("<c16", append([]int{math.MaxInt}, frameShape...), 0) // for the longest header there may be
	w.begin = len(room)
	_, w.err = w.buffer.Write(make([]byte, w.begin))
	return w, nil
}

// Append adds a frame: a []float64, []complex128 or []int64 of as many elements
// as the shape of a frame, the same kind each time. A frame that is refused
// leaves the file as it was; after a failure to write, Append and Close keep
// failing.
func (w *Writer) Append(frame any) error {
	kind, count, err := kindOf(frame)
	switch {
	case err != nil:
	case w.err != nil:
		err = w.err
	case count != w.size:
		err = fmt.Errorf("%d elements; a frame of shape %v has %d", count, w.frame, w.size)
	case w.kind != "" && kind != w.kind:
		err = fmt.Errorf("a frame of kind %s after those of kind %s; an array has one kind", kind, w.kind)
	default:
		w.kind = kind
		w.frames++
		w.put(frame)
		err = w.err
	}
	if err != nil {
		return fmt.Errorf("npy.Append to %s: %w", w.path, err)
	}
	return nil
}

// Close writes the header, makes sure that everything is on the disk and gives
// the file its name, in place of an older one. Without a frame the array is one
// of float64 and length 0. If anything fails or has failed, no file is left.
func (w *Writer) Close() error {
	if w.err == nil {
		w.err = w.finish()
	}
	err := w.err
	w.Discard()
	if err != nil {
		return fmt.Errorf("npy.Close of %s: %w", w.path, err)
	}
	return nil
}

func (w *Writer) finish() error {
	if err := w.buffer.Flush(); err != nil {
		return err
	}
	if w.kind == "" {
		w.kind = "<f8"
	}
	if _, err := w.file.WriteAt(header(w.kind, append([]int{w.frames}, w.frame...), w.begin), 0); err != nil {
		return err
	}
	if err := w.file.Sync(); err != nil {
		return err
	}
	if err := w.file.Close(); err != nil {
		return err
	}
	if err := os.Rename(w.file.Name(), w.path); err != nil {
		return err
	}
	// The name is safe once the directory is; where directories cannot be synced
	// the system sees to that.
	if dir, err := os.Open(filepath.Dir(w.path)); err == nil {
		dir.Sync()
		dir.Close()
	}
	return nil
}

// Discard gives the file up; after Close it does nothing.
func (w *Writer) Discard() {
	if errors.Is(w.err, errDone) {
		return
	}
	w.err = errDone
	w.file.Close()
	os.Remove(w.file.Name()) // gone already if it was renamed
}
