// Package regular opens files that somebody else may have made: only regular ones,
// without ever waiting, and reads no more of them than the caller has room for.
package regular

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"
)

// ErrKind is what Open fails with for a pipe, a socket or a device.
var ErrKind = errors.New("it is not a regular file")

// Open opens a regular file for reading. A pipe that nobody writes to would make
// os.Open wait for ever; here it fails with [ErrKind], or for a directory with
// syscall.EISDIR. Symbolic links are followed. Errors name the path.
func Open(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|nonblock, 0)
	if err != nil {
		return nil, err
	}
	return checked(f, path)
}

// checked returns an open file if it is a regular one.
func checked(f *os.File, path string) (*os.File, error) {
	info, err := f.Stat()
	if err == nil && info.IsDir() {
		err = &fs.PathError{Op: "open", Path: path, Err: syscall.EISDIR}
	}
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "open", Path: path, Err: ErrKind}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// ReadFile returns the contents of a regular file of at most so many bytes. A larger
// one is an error that says both sizes, before a byte of it is read.
func ReadFile(path string, most int64) ([]byte, error) {
	f, err := Open(path)
	if err != nil {
		return nil, err
	}
	return read(f, path, most)
}

// ReadFileIn is [ReadFile] of a file in a directory or below, whose name leads nowhere
// else: not by .. and not by symbolic links.
func ReadFileIn(dir, name string, most int64) ([]byte, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	f, err := root.OpenFile(name, os.O_RDONLY|nonblock, 0)
	if err != nil {
		return nil, err
	}
	if f, err = checked(f, name); err != nil {
		return nil, err
	}
	return read(f, name, most)
}

// read returns the contents of a file and closes it.
func read(f *os.File, path string, most int64) ([]byte, error) {
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	size := info.Size()
	if size > most {
		return nil, &fs.PathError{Op: "read", Path: path, Err: fmt.Errorf("it has %d bytes; at most %d are read", size, most)}
	}
	// Files of some file systems, such as /proc, say 0 bytes and have more.
	b, err := io.ReadAll(io.LimitReader(f, most+1))
	if err == nil && int64(len(b)) > most {
		err = &fs.PathError{Op: "read", Path: path, Err: fmt.Errorf("it has more than %d bytes, which is what is read at most", most)}
	}
	if err != nil {
		return nil, err
	}
	return b, nil
}
