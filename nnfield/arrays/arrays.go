// Package arrays reads arrays that other programs have written: NPY and NPZ of NumPy,
// SafeTensors, and CSV. Numbers become float64, the last axis fastest, whatever the
// file's kind of number, byte order and layout; what float64 does not hold is an error.
//
// It is apart from what uses them, so that a program links it only if it reads files:
//
//	w := septuple.Array(arrays.Read("weights.safetensors", "rnn.weight_hh_l0"))
//
// Stability: provisional.
package arrays

import (
	"archive/zip"
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/nnfield/nnfield/internal/npy"
	"github.com/nnfield/nnfield/internal/regular"
	"github.com/nnfield/nnfield/internal/room"
)

// Read returns an array of a file: its shape and its numbers, the last axis fastest. The
// name says which, of a file that holds several; without one there must be one only. The
// kind of file is that of its extension: .npy, .npz, .safetensors or .csv.
//
// A CSV file is a table of numbers, of shape (rows, columns); a first row that holds
// none is one of names and is left out.
//
// It fails for a file of another kind, one that is damaged or cut off, a name that the
// file does not have, elements that are not real numbers and whole numbers that float64
// does not hold.
func Read(path string, name ...string) (shape []int, values []float64, err error) {
	fail := func(err error) ([]int, []float64, error) {
		return nil, nil, fmt.Errorf("arrays.Read(%q): %w", path, err)
	}
	if len(name) > 1 {
		return fail(fmt.Errorf("%d names; give one", len(name)))
	}
	f, err := open(path)
	if err != nil {
		return fail(err)
	}
	defer f.close()
	names := f.names()
	which := ""
	switch {
	case len(name) == 1:
		which = name[0]
	case len(names) == 1:
		which = names[0]
	case len(names) == 0:
		return fail(errors.New("it holds no array"))
	default:
		return fail(fmt.Errorf("it holds %d arrays; name one of %s", len(names), listed(names)))
	}
	if !slices.Contains(names, which) {
		return fail(fmt.Errorf("no array %q; it has %s", which, listed(names)))
	}
	if shape, values, err = f.read(which); err != nil {
		return fail(err)
	}
	return shape, values, nil
}

// Names returns the names of the arrays in a file, in order; "" for the one of a file
// that has no names.
func Names(path string) ([]string, error) {
	f, err := open(path)
	if err != nil {
		return nil, fmt.Errorf("arrays.Names(%q): %w", path, err)
	}
	defer f.close()
	return f.names(), nil
}

// listed shows some names.
func listed(names []string) string {
	const most = 12
	if len(names) > most {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", len(names)-most)
	}
	return strings.Join(names, ", ")
}

// file is one that is open.
type file interface {
	names() []string
	read(name string) (shape []int, values []float64, err error)
	close()
}

func open(path string) (file, error) {
	kind := strings.ToLower(filepath.Ext(path))
	openers := map[string]func(*os.File, int64) (file, error){".npy": openNPY, ".npz": openNPZ, ".safetensors": openSafeTensors, ".csv": openCSV}
	opener, ok := openers[kind]
	if !ok {
		return nil, fmt.Errorf("a file of kind %q; .npy, .npz, .safetensors and .csv are read", kind)
	}
	f, err := regular.Open(path)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, err
	}
	out, err := opener(f, info.Size())
	if err != nil {
		f.Close()
		return nil, err
	}
	return out, nil
}

// enough refuses arrays that this process has no memory for.
func enough(name string, count float64) error {
	return room.Memory(fmt.Sprintf("the array %s", name), 8*count)
}

// single is an NPY file.
type single struct {
	f    *os.File
	size int64
}

func openNPY(f *os.File, size int64) (file, error) { return single{f, size}, nil }
func (s single) names() []string                   { return []string{""} }
func (s single) close()                            { s.f.Close() }

func (s single) read(string) ([]int, []float64, error) {
	if err := enough("", float64(s.size)); err != nil { // a byte an element at least
		return nil, nil, err
	}
	return npy.DecodeAny(bufio.NewReaderSize(s.f, 1<<16), s.size)
}

// archive is an NPZ file: a ZIP archive of NPY files.
type archive struct {
	f       *os.File
	members []*zip.File
}

func openNPZ(f *os.File, size int64) (file, error) {
	z, err := zip.NewReader(f, size)
	if err != nil {
		return nil, fmt.Errorf("not an NPZ file: %w", err)
	}
	a := archive{f: f}
	for _, m := range z.File {
		if strings.HasSuffix(m.Name, ".npy") {
			a.members = append(a.members, m)
		}
	}
	return a, nil
}

func (a archive) close() { a.f.Close() }

func (a archive) names() (all []string) {
	for _, m := range a.members {
		all = append(all, strings.TrimSuffix(m.Name, ".npy"))
	}
	return all
}

func (a archive) read(name string) ([]int, []float64, error) {
	i := slices.Index(a.names(), name)
	m := a.members[i]
	if m.UncompressedSize64 > 1<<48 {
		return nil, nil, fmt.Errorf("%s claims %d bytes", name, m.UncompressedSize64)
	}
	// What is packed well may be large when unpacked: its size is a claim until it is read.
	if err := enough(name, float64(m.UncompressedSize64)); err != nil {
		return nil, nil, err
	}
	r, err := m.Open()
	if err != nil {
		return nil, nil, err
	}
	defer r.Close()
	shape, values, err := npy.DecodeAny(bufio.NewReaderSize(r, 1<<16), int64(m.UncompressedSize64))
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	if _, err := io.Copy(io.Discard, r); err != nil { // the checksum stands at the end
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	return shape, values, nil
}

// safeTensors is a file of that format: the length of a JSON header in eight bytes, the
// header, the data.
type safeTensors struct {
	f     *os.File
	begin int64 // of the data
	order []string
	all   map[string]tensor
}

type tensor struct {
	Kind    string  `json:"dtype"`
	Shape   []int   `json:"shape"`
	Offsets []int64 `json:"data_offsets"`
}

// codes says how NumPy calls the kinds of SafeTensors.
var codes = map[string]string{"F64": "f8", "F32": "f4", "F16": "f2", "BF16": "bf2", "I64": "i8", "I32": "i4", "I16": "i2", "I8": "i1",
	"U64": "u8", "U32": "u4", "U16": "u2", "U8": "u1", "BOOL": "b1"}

// maxHeader is the largest header that the format allows.
const maxHeader = 100_000_000

func openSafeTensors(f *os.File, size int64) (file, error) {
	var length [8]byte
	if _, err := io.ReadFull(f, length[:]); err != nil {
		return nil, errors.New("not a SafeTensors file: it is shorter than 8 bytes")
	}
	n := binary.LittleEndian.Uint64(length[:])
	switch {
	case n > maxHeader:
		return nil, fmt.Errorf("not a SafeTensors file: its header claims %d bytes, and the format allows %d", n, maxHeader)
	case int64(n) > size-8:
		return nil, fmt.Errorf("cut off: its header claims %d bytes, and %d are there", n, size-8)
	}
	header := make([]byte, n)
	if _, err := io.ReadFull(f, header); err != nil {
		return nil, err
	}
	s := safeTensors{f: f, begin: 8 + int64(n), all: map[string]tensor{}}
	d := json.NewDecoder(bytes.NewReader(header))
	bad := func(err error) (file, error) {
		return nil, fmt.Errorf("not a SafeTensors file: the header is no JSON object of tensors: %w", err)
	}
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return bad(cmp(err, errors.New("it does not begin with {")))
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return bad(err)
		}
		name, _ := key.(string)
		if name == "__metadata__" {
			var ignored json.RawMessage
			if err := d.Decode(&ignored); err != nil {
				return bad(err)
			}
			continue
		}
		var t tensor
		if err := d.Decode(&t); err != nil {
			return bad(err)
		}
		if _, twice := s.all[name]; twice {
			return nil, fmt.Errorf("damaged: the header has the tensor %q twice", name)
		}
		s.order, s.all[name] = append(s.order, name), t
	}
	if _, err := d.Token(); err != nil {
		return bad(err)
	}
	for _, name := range s.order {
		if t := s.all[name]; len(t.Offsets) != 2 || t.Offsets[0] < 0 || t.Offsets[1] < t.Offsets[0] || t.Offsets[1] > size-s.begin {
			return nil, fmt.Errorf("damaged: the data of %s lies at %v, and there are %d bytes of data", name, t.Offsets, size-s.begin)
		}
	}
	return s, nil
}

// cmp returns err unless it is nil, then other.
func cmp(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

func (s safeTensors) close()          { s.f.Close() }
func (s safeTensors) names() []string { return s.order }

func (s safeTensors) read(name string) ([]int, []float64, error) {
	t := s.all[name]
	e, ok := npy.ElementOf(codes[t.Kind], binary.LittleEndian)
	if !ok {
		return nil, nil, fmt.Errorf("%s: elements of kind %q; real and whole numbers of 8 to 64 bits are read, convert it to F32 or F64", name, t.Kind)
	}
	count, claimed := 1, 1.0
	for _, n := range t.Shape {
		if n < 0 {
			return nil, nil, fmt.Errorf("%s: damaged, its shape is %v", name, t.Shape)
		}
		count, claimed = count*n, claimed*float64(n)
	}
	if bytes := t.Offsets[1] - t.Offsets[0]; claimed*float64(e.Width) != float64(bytes) {
		return nil, nil, fmt.Errorf("%s: damaged, shape %v of %s takes %.0f bytes, and it has %d", name, t.Shape, t.Kind, claimed*float64(e.Width), bytes)
	}
	if err := enough(name, claimed); err != nil {
		return nil, nil, err
	}
	r := io.NewSectionReader(s.f, s.begin+t.Offsets[0], t.Offsets[1]-t.Offsets[0])
	values, err := npy.Numbers(bufio.NewReaderSize(r, 1<<16), count, e)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", name, err)
	}
	return append([]int{}, t.Shape...), values, nil
}

// table is a CSV file.
type table struct {
	f *os.File
}

func openCSV(f *os.File, _ int64) (file, error) { return table{f}, nil }
func (t table) names() []string                 { return []string{""} }
func (t table) close()                          { t.f.Close() }

func (t table) read(string) ([]int, []float64, error) {
	r := csv.NewReader(bufio.NewReaderSize(t.f, 1<<16))
	r.Comment, r.TrimLeadingSpace, r.ReuseRecord = '#', true, true
	var values []float64
	rows, columns := 0, 0
	for line := 1; ; line++ {
		record, err := r.Read()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, nil, fmt.Errorf("not a table of numbers: %w", err)
		}
		if line == 1 {
			record[0] = strings.TrimPrefix(record[0], "\ufeff")
			if !slices.ContainsFunc(record, isNumber) {
				continue // the names of the columns
			}
		}
		for c, text := range record {
			v, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
			if err != nil {
				at, _ := r.FieldPos(c)
				return nil, nil, fmt.Errorf("line %d, column %d: %q is not a number that float64 holds", at, c+1, text)
			}
			values = append(values, v)
		}
		rows, columns = rows+1, len(record)
	}
	if rows == 0 {
		return nil, nil, errors.New("it holds no numbers")
	}
	return []int{rows, columns}, values, nil
}

func isNumber(text string) bool {
	_, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	return err == nil
}
