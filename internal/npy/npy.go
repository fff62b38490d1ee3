// Package npy reads and writes arrays in NumPy's NPY format (versions 1.0 and
// 2.0): float64, complex128 and int64, little-endian, in C order.
//
// The data begins at a multiple of 64 bytes, so that a file can be mapped into
// memory.
package npy

import (
	"bufio"
	"bytes"
	"cmp"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/nnfield/nnfield/internal/regular"
)

const (
	magic     = "\x93NUMPY"
	align     = 64
	maxDims   = 32      // NumPy's own limit
	maxHeader = 1 << 16 // bytes; a header of ours has 128
	chunk     = 4096    // numbers that are converted at a time
)

// kinds says how NumPy calls the elements and how many bytes they take.
var kinds = map[string]int{"<f8": 8, "<c16": 16, "<i8": 8}

// Array is what a file holds: Data is a []float64, []complex128 or []int64 with
// as many elements as the product of Shape, the last axis fastest. The shape of
// a single number is empty.
type Array struct {
	Shape []int
	Data  any
}

// Read returns the array in a file. It fails if the file is not an NPY file, is
// cut off or longer than its header says, is in Fortran order, or holds elements
// of another kind; it allocates no more than the file holds. A file that cannot be
// read for another reason gives the system's error.
func Read(path string) (*Array, error) {
	f, err := regular.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	a, err := decode(bufio.NewReaderSize(f, 1<<16), info.Size())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return a, nil
}

// ReadFloats returns the elements of a file that holds float64 numbers, of
// whatever shape.
func ReadFloats(path string) ([]float64, error) {
	a, err := Read(path)
	if err != nil {
		return nil, err
	}
	v, ok := a.Data.([]float64)
	if !ok {
		return nil, fmt.Errorf("%s: it holds %T; float64 is needed, so convert it with NumPy's astype", path, a.Data)
	}
	return v, nil
}

// decode reads an array from r, which yields size bytes.
func decode(r io.Reader, size int64) (*Array, error) {
	kind, shape, count, _, err := readHeader(r, size)
	if err != nil {
		return nil, err
	}
	a := &Array{Shape: shape}
	switch kind {
	case "<f8":
		a.Data, err = read(r, make([]float64, count), 8, func(b []byte) float64 { return math.Float64frombits(binary.LittleEndian.Uint64(b)) })
	case "<c16":
		a.Data, err = read(r, make([]complex128, count), 16, func(b []byte) complex128 {
			return complex(math.Float64frombits(binary.LittleEndian.Uint64(b)), math.Float64frombits(binary.LittleEndian.Uint64(b[8:])))
		})
	case "<i8":
		a.Data, err = read(r, make([]int64, count), 8, func(b []byte) int64 { return int64(binary.LittleEndian.Uint64(b)) })
	}
	return a, err
}

// readHeader reads the header of an array from r, which yields size bytes, and
// returns what its elements are, how many, and where in the file they begin. It
// fails if the rest of the file is not as long as they are.
func readHeader(r io.Reader, size int64) (kind string, shape []int, count, begin int, err error) {
	text, begin, err := headerText(r)
	if err != nil {
		return "", nil, 0, 0, err
	}
	kind, fortran, shape, err := parseHeader(text)
	switch {
	case err != nil:
		return "", nil, 0, 0, err
	case kinds[kind] == 0:
		return "", nil, 0, 0, fmt.Errorf("elements of kind %q; <f8, <c16 and <i8 are read, so convert them with NumPy's astype", kind)
	case fortran:
		return "", nil, 0, 0, errors.New("the array is in Fortran order; save it with numpy.ascontiguousarray")
	}
	count, err = fits(kind, kinds[kind], shape, size-int64(begin))
	return kind, shape, count, begin, err
}

// fits returns the number of elements of a shape, or an error if the bytes that are left
// are not theirs.
func fits(kind string, width int, shape []int, left int64) (count int, err error) {
	if count, err = product(shape); err != nil {
		return 0, err
	}
	if w := int64(width); left/w != int64(count) || left%w != 0 {
		return 0, fmt.Errorf("%d bytes of data; shape %v of %s has %v", left, shape, kind, float64(count)*float64(w))
	}
	return count, nil
}

// headerText reads what comes before the data: the dictionary, and where the data begins.
func headerText(r io.Reader) (text string, begin int, err error) {
	start := make([]byte, 10)
	n, err := io.ReadFull(r, start)
	if err := failed(err); err != nil {
		return "", 0, err
	}
	if n < len(start) || string(start[:6]) != magic {
		return "", 0, fmt.Errorf("not an NPY file: it begins with %q", start[:min(n, 6)])
	}
	length := int64(binary.LittleEndian.Uint16(start[8:]))
	switch start[6] {
	case 1:
	case 2:
		start = append(start, 0, 0)
		if _, err := io.ReadFull(r, start[10:]); err != nil {
			return "", 0, cmp.Or(failed(err), errors.New("cut off within the header"))
		}
		length = int64(binary.LittleEndian.Uint32(start[8:]))
	default:
		return "", 0, fmt.Errorf("NPY version %d.%d; versions 1.0 and 2.0 are read", start[6], start[7])
	}
	if length > maxHeader {
		return "", 0, fmt.Errorf("header of %d bytes; at most %d are read", length, maxHeader)
	}
	b := make([]byte, length)
	if _, err := io.ReadFull(r, b); err != nil {
		return "", 0, cmp.Or(failed(err), errors.New("cut off within the header"))
	}
	return string(b), len(start) + int(length), nil
}

// failed returns the error of io.ReadFull unless it is that the file ends there,
// which says something of the file and not of the disk.
func failed(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return nil
	}
	return err
}

// read fills data with numbers of the given width.
func read[T any](r io.Reader, data []T, width int, number func([]byte) T) ([]T, error) {
	buf := make([]byte, width*min(chunk, len(data)))
	for part := range slices.Chunk(data, chunk) {
		b := buf[:width*len(part)]
		if _, err := io.ReadFull(r, b); err != nil {
			return nil, fmt.Errorf("reading the data: %w", err)
		}
		for i := range part {
			part[i] = number(b[width*i:])
		}
	}
	return data, nil
}

const entry = `'(?:descr|fortran_order|shape)'\s*:\s*(?:'[^']*'|True|False|\([\d\s,]*\))`

var (
	dictionary = regexp.MustCompile(`^\s*\{\s*` + entry + `(?:\s*,\s*` + entry + `){2}\s*,?\s*\}\s*$`)
	entries    = regexp.MustCompile(`'(\w+)'\s*:\s*('[^']*'|True|False|\([^)]*\))`)
)

// parseHeader reads the Python dictionary of a header.
func parseHeader(text string) (kind string, fortran bool, shape []int, err error) {
	bad := fmt.Errorf("the header %.80q is not one of a plain array", text)
	if !dictionary.MatchString(text) {
		return "", false, nil, bad
	}
	value := map[string]string{}
	for _, m := range entries.FindAllStringSubmatch(text, -1) {
		value[m[1]] = m[2]
	}
	kind = strings.Trim(value["descr"], "'")
	switch order := value["fortran_order"]; {
	case len(value) != 3 || value["descr"][0] != '\'' || value["shape"][0] != '(' || order != "True" && order != "False":
		return "", false, nil, bad
	default:
		fortran = order == "True"
	}
	shape = []int{}
	for dim := range strings.SplitSeq(strings.Trim(value["shape"], "()"), ",") {
		if dim = strings.TrimSpace(dim); dim == "" {
			continue // after the last comma
		}
		n, err := strconv.Atoi(dim)
		if err != nil {
			return "", false, nil, fmt.Errorf("shape %s: %q is not a length", value["shape"], dim)
		}
		shape = append(shape, n)
	}
	return kind, fortran, shape, nil
}

// product returns the number of elements of a shape.
func product(shape []int) (int, error) {
	if len(shape) > maxDims {
		return 0, fmt.Errorf("%d axes; an array has at most %d", len(shape), maxDims)
	}
	if i := slices.IndexFunc(shape, func(n int) bool { return n < 0 }); i >= 0 {
		return 0, fmt.Errorf("shape %v; a length is not negative", shape)
	}
	if slices.Contains(shape, 0) {
		return 0, nil
	}
	count := 1
	for _, n := range shape {
		if n > math.MaxInt/16/count {
			return 0, fmt.Errorf("shape %v; that many elements do not fit into memory", shape)
		}
		count *= n
	}
	return count, nil
}

// kindOf returns the kind and the number of elements of a slice.
func kindOf(data any) (kind string, count int, err error) {
	switch v := data.(type) {
	case []float64:
		return "<f8", len(v), nil
	case []complex128:
		return "<c16", len(v), nil
	case []int64:
		return "<i8", len(v), nil
	}
	return "", 0, fmt.Errorf("data of type %v; use []float64, []complex128 or []int64", reflect.TypeOf(data)) // %T would move data to the heap
}

// header returns the header of an array, padded to a multiple of 64 bytes and to
// at least the given length.
func header(kind string, shape []int, length int) []byte {
	var b bytes.Buffer
	b.WriteString(magic + "\x01\x00  {'descr': '" + kind + "', 'fortran_order': False, 'shape': (")
	for i, n := range shape {
		if i > 0 {
			b.WriteByte(' ')
		}
		fmt.Fprintf(&b, "%d,", n)
	}
	b.WriteString("), }")
	for b.Len()+1 < length || (b.Len()+1)%align != 0 {
		b.WriteByte(' ')
	}
	b.WriteByte('\n')
	h := b.Bytes()
	binary.LittleEndian.PutUint16(h[8:], uint16(len(h)-10))
	return h
}

// Write writes an array to w: data is a []float64, []complex128 or []int64, the
// last axis of the shape fastest. It fails if data has not as many elements as
// the shape, or if w fails.
func Write(w io.Writer, shape []int, data any) error {
	kind, count, err := kindOf(data)
	if err != nil {
		return fmt.Errorf("npy.Write: %w", err)
	}
	want, err := product(shape)
	if err != nil {
		return fmt.Errorf("npy.Write: %w", err)
	}
	if count != want {
		return fmt.Errorf("npy.Write: %d elements; shape %v has %d", count, shape, want)
	}
	if _, err := w.Write(header(kind, shape, 0)); err != nil {
		return err
	}
	e := encoder{w: w}
	e.put(data)
	return e.err
}

// encoder writes numbers, and nothing more once that has failed.
type encoder struct {
	w   io.Writer
	buf []byte
	err error
}

// put writes the elements of a slice that kindOf knows.
func (e *encoder) put(data any) {
	switch v := data.(type) {
	case []float64:
		write(e, v, func(b []byte, x float64) []byte { return binary.LittleEndian.AppendUint64(b, math.Float64bits(x)) })
	case []complex128:
		write(e, v, func(b []byte, x complex128) []byte {
			b = binary.LittleEndian.AppendUint64(b, math.Float64bits(real(x)))
			return binary.LittleEndian.AppendUint64(b, math.Float64bits(imag(x)))
		})
	case []int64:
		write(e, v, func(b []byte, x int64) []byte { return binary.LittleEndian.AppendUint64(b, uint64(x)) })
	}
}

func write[T any](e *encoder, data []T, number func([]byte, T) []byte) {
	for len(data) > 0 && e.err == nil {
		part := data[:min(chunk, len(data))]
		data = data[len(part):]
		e.buf = e.buf[:0]
		for _, x := range part {
			e.buf = number(e.buf, x)
		}
		_, e.err = e.w.Write(e.buf)
	}
}
