package npy

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
)

// Growing is an array of float64 in a file that is appended to, frame by frame,
// and that a later process can go on with. Unlike that of a [Writer] the file is
// in place from the start; it is whole up to the last [Growing.Sync].
type Growing struct {
	frame  []int
	size   int // elements of a frame
	frames int
	file   *os.File
	buffer *bufio.Writer
	encoder
}

// growingBegin is where the data of a Growing begins, whatever its shape.
const growingBegin = 2 * 64

// Grow opens the array at path, whose frames have the given shape, and cuts it
// to its first frames, or creates it if frames is 0. It fails if the file holds
// fewer, if the shape is not one or leaves no room in the header.
func Grow(path string, frameShape []int, frames int) (*Growing, error) {
	size, err := product(frameShape)
	if err != nil {
		return nil, fmt.Errorf("npy.Grow(%s): %w", path, err)
	}
	if room := len(header("<f8", append([]int{math.MaxInt}, frameShape...), 0)); room > growingBegin {
		return nil, fmt.Errorf("npy.Grow(%s): the shape %v leaves no room in the header", path, frameShape)
	}
	flags := os.O_RDWR
	if frames == 0 {
		flags |= os.O_CREATE
	}
	file, err := os.OpenFile(path, flags, 0o666)
	if err != nil {
		return nil, err
	}
	end := growingBegin + 8*int64(size)*int64(frames)
	info, err := file.Stat()
	if err == nil && frames > 0 && info.Size() < end {
		err = fmt.Errorf("npy.Grow(%s): %d bytes; %d frames need %d", path, info.Size(), frames, end)
	}
	if err == nil {
		err = file.Truncate(end)
	}
	if err == nil {
		_, err = file.Seek(end, io.SeekStart)
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	g := &Growing{frame: slices.Clone(frameShape), size: size, frames: frames, file: file, buffer: bufio.NewWriterSize(file, 1<<16)}
	g.encoder.w = g.buffer
	return g, nil
}

// Append adds a frame, of as many elements as its shape says. After a failure to
// write it keeps failing.
func (g *Growing) Append(frame []float64) error {
	if len(frame) != g.size {
		return fmt.Errorf("npy.Append to %s: %d elements; a frame of shape %v has %d", g.file.Name(), len(frame), g.frame, g.size)
	}
	g.frames++
	g.put(frame)
	return g.err
}

// Flush writes the header and what was appended, so that the file can be read.
func (g *Growing) Flush() error {
	if g.err == nil {
		g.err = g.buffer.Flush()
	}
	if g.err == nil {
		_, g.err = g.file.WriteAt(header("<f8", append([]int{g.frames}, g.frame...), growingBegin), 0)
	}
	return g.err
}

// Sync is [Growing.Flush], and returns when everything is on the disk.
func (g *Growing) Sync() error {
	if err := g.Flush(); err != nil {
		return err
	}
	g.err = g.file.Sync()
	return g.err
}

// Close closes the file; what was appended since the last Flush is lost.
func (g *Growing) Close() error { return g.file.Close() }

// Locate returns the shape of the array of float64 in an open file that this package
// has written, and where in the file its data begins. It fails as [Read] does, and
// for a header with any other byte than was written.
func Locate(f *os.File) (shape []int, begin int, err error) {
	info, err := f.Stat()
	if err != nil {
		return nil, 0, err
	}
	kind, shape, _, begin, err := readHeader(io.NewSectionReader(f, 0, info.Size()), info.Size())
	if err == nil && kind != "<f8" {
		err = fmt.Errorf("elements of kind %q; <f8 is needed", kind)
	}
	if err == nil {
		got := make([]byte, begin)
		if _, err = f.ReadAt(got, 0); err == nil && !bytes.Equal(got, header(kind, shape, begin)) {
			err = errors.New("its header was changed after it was written")
		}
	}
	if err != nil {
		return nil, 0, fmt.Errorf("%s: %w", f.Name(), err)
	}
	return shape, begin, nil
}
