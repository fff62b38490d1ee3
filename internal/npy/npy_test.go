package npy

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/sbinet/npyio"
	"pgregory.net/rapid"
)

// foreign reads an array with a library that shares no code with this one.
func foreign(t interface{ Fatal(...any) }, file []byte) *Array {
	r, err := npyio.NewReader(bytes.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	if r.Header.Descr.Fortran {
		t.Fatal("Fortran order")
	}
	a := &Array{Shape: append([]int{}, r.Header.Descr.Shape...)}
	switch r.Header.Descr.Type {
	case "<f8":
		v := []float64{}
		err = r.Read(&v)
		a.Data = v
	case "<c16":
		v := []complex128{}
		err = r.Read(&v)
		a.Data = v
	case "<i8":
		v := []int64{}
		err = r.Read(&v)
		a.Data = v
	}
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// equal compares bits, so that NaN is equal to itself.
func equal(a, b *Array) bool {
	if !slices.Equal(a.Shape, b.Shape) || reflect.TypeOf(a.Data) != reflect.TypeOf(b.Data) {
		return false
	}
	var x, y bytes.Buffer
	binary.Write(&x, binary.LittleEndian, a.Data)
	binary.Write(&y, binary.LittleEndian, b.Data)
	return bytes.Equal(x.Bytes(), y.Bytes())
}

// draw returns a random array of the given shape.
func draw(t *rapid.T, shape []int) *Array {
	n, _ := product(shape)
	a := &Array{Shape: append([]int{}, shape...)}
	switch float := rapid.Float64(); rapid.IntRange(0, 2).Draw(t, "kind") {
	case 0:
		a.Data = rapid.SliceOfN(float, n, n).Draw(t, "data")
	case 1:
		pair := rapid.Custom(func(t *rapid.T) complex128 { return complex(float.Draw(t, "re"), float.Draw(t, "im")) })
		a.Data = rapid.SliceOfN(pair, n, n).Draw(t, "data")
	case 2:
		a.Data = rapid.SliceOfN(rapid.Int64(), n, n).Draw(t, "data")
	}
	return a
}

func TestWriteAndRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.npy")
	rapid.Check(t, func(t *rapid.T) {
		a := draw(t, rapid.SliceOfN(rapid.IntRange(1, 5), 0, 4).Draw(t, "shape"))
		var b bytes.Buffer
		if err := Write(&b, a.Shape, a.Data); err != nil {
			t.Fatal(err)
		}
		if got := foreign(t, b.Bytes()); !equal(got, a) {
			t.Fatalf("npyio reads %v as %v", a, got)
		}
		if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
		got, err := Read(path)
		if err != nil || !equal(got, a) {
			t.Fatalf("%v is read as %v (%v)", a, got, err)
		}
	})
}

// What npyio writes is not aligned, as old versions of NumPy did not.
func TestReadsForeignFiles(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.npy")
	want := &Array{[]int{3}, []float64{1, math.Inf(-1), -0.5}}
	var b bytes.Buffer
	if err := npyio.Write(&b, want.Data); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
		t.Fatal(err)
	}
	if got, err := Read(path); err != nil || !equal(got, want) {
		t.Fatalf("got %v, %v", got, err)
	}
}

func TestWriter(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.npy")
	rapid.Check(t, func(t *rapid.T) {
		frame := rapid.SliceOfN(rapid.IntRange(1, 4), 0, 3).Draw(t, "frame")
		frames := rapid.IntRange(1, 4).Draw(t, "frames")
		a := draw(t, append([]int{frames}, frame...))
		size, _ := product(frame)
		w, err := Create(path, frame)
		if err != nil {
			t.Fatal(err)
		}
		data := reflect.ValueOf(a.Data)
		for i := range frames {
			if err := w.Append(data.Slice(i*size, (i+1)*size).Interface()); err != nil {
				t.Fatal(err)
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if got, err := Read(path); err != nil || !equal(got, a) {
			t.Fatalf("%v is read as %v (%v)", a, got, err)
		}
		file, _ := os.ReadFile(path)
		if got := foreign(t, file); !equal(got, a) {
			t.Fatalf("npyio reads %v as %v", a, got)
		}
		if begin := 10 + int(binary.LittleEndian.Uint16(file[8:])); begin%align != 0 || file[begin-1] != '\n' {
			t.Fatalf("the data begins at byte %d", begin)
		}
	})
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Fatalf("left over: %v", files)
	}
}

// The room for the header holds the longest number of frames.
func TestHeaderRoom(t *testing.T) {
	for axes := range maxDims {
		frame := slices.Repeat([]int{1 << 20}, axes)
		room := len(header("<c16", append([]int{math.MaxInt}, frame...), 0))
		for _, n := range []int{0, 9, 1 << 40, math.MaxInt} {
			for kind := range kinds {
				if h := header(kind, append([]int{n}, frame...), room); len(h) != room {
					t.Fatalf("header of %d bytes; room for %d", len(h), room)
				}
			}
		}
	}
}

func TestWriterWithoutFrames(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.npy")
	w, err := Create(path, []int{2, 3})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if a, err := Read(path); err != nil || !equal(a, &Array{[]int{0, 2, 3}, []float64{}}) {
		t.Fatalf("got %v, %v", a, err)
	}
}

func TestNobodySeesHalfAFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.npy")
	old := []byte("an older file")
	if err := os.WriteFile(path, old, 0o666); err != nil {
		t.Fatal(err)
	}
	for name, end := range map[string]func(w *Writer) error{
		"discarded": func(w *Writer) error { w.Discard(); w.Discard(); return w.Close() },
		"no rename": func(w *Writer) error { w.path = filepath.Join(dir, "missing", "a.npy"); return w.Close() },
		"no disk":   func(w *Writer) error { w.file.Close(); return w.Close() },
	} {
		w, err := Create(path, []int{2})
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Append([]float64{1, 2}); err != nil {
			t.Fatal(err)
		}
		if now, _ := os.ReadFile(path); !bytes.Equal(now, old) {
			t.Fatalf("%s: the old file is gone too early", name)
		}
		if err := end(w); err == nil {
			t.Errorf("%s: Close reports no error", name)
		}
		if err := w.Append([]float64{1, 2}); err == nil || !strings.Contains(err.Error(), "already closed") {
			t.Errorf("%s: Append after the end: %v", name, err)
		}
		if now, _ := os.ReadFile(path); !bytes.Equal(now, old) {
			t.Errorf("%s: the old file is gone", name)
		}
		if files, _ := os.ReadDir(dir); len(files) != 1 {
			t.Errorf("%s: left over: %v", name, files)
		}
	}
}

// full fails after some bytes.
type full struct{ room int }

func (f *full) Write(b []byte) (int, error) {
	if f.room -= len(b); f.room < 0 {
		return 0, fmt.Errorf("no space")
	}
	return len(b), nil
}

func TestErrorsOfWriting(t *testing.T) {
	dir := t.TempDir()
	w, err := Create(filepath.Join(dir, "a.npy"), []int{2})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Discard()
	if err := w.Append([]float64{1, 2}); err != nil {
		t.Fatal(err)
	}
	for want, f := range map[string]func() error{
		"3 elements; shape [2] has 2":                 func() error { return Write(&full{1 << 20}, []int{2}, make([]float64, 3)) },
		"type []float32; use []float64":               func() error { return Write(&full{1 << 20}, []int{2}, make([]float32, 2)) },
		"shape [-1]; a length is not negative":        func() error { return Write(&full{1 << 20}, []int{-1}, []float64{}) },
		"33 axes":                                     func() error { return Write(&full{1 << 20}, make([]int, 33), []float64{}) },
		"do not fit into memory":                      func() error { return Write(&full{1 << 20}, []int{1 << 31, 1 << 31}, []float64{}) },
		"no space":                                    func() error { return Write(&full{1000}, []int{1000}, make([]float64, 1000)) },
		"1 elements; a frame of shape [2] has 2":      func() error { return w.Append([]float64{1}) },
		"a frame of kind <i8 after those of kind <f8": func() error { return w.Append([]int64{1, 2}) },
		"data of type []int; use":                     func() error { return w.Append([]int{1, 2}) },
		"no such file or directory":                   func() error { _, err := Create(filepath.Join(dir, "x", "a.npy"), nil); return err },
		"at most 31 leave one":                        func() error { _, err := Create(filepath.Join(dir, "b.npy"), make([]int, 32)); return err },
	} {
		if err := f(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v; want %q", err, want)
		}
	}
	if err := w.Close(); err != nil { // refused frames have done no harm
		t.Fatal(err)
	}
	if v, err := ReadFloats(filepath.Join(dir, "a.npy")); err != nil || !slices.Equal(v, []float64{1, 2}) {
		t.Fatalf("got %v, %v", v, err)
	}
}

// file returns an NPY file of version major with the given dictionary and data.
func file(major byte, dict string, data int) []byte {
	b := append([]byte(magic), major, 0)
	if major == 1 {
		b = binary.LittleEndian.AppendUint16(b, uint16(len(dict)))
	} else {
		b = binary.LittleEndian.AppendUint32(b, uint32(len(dict)))
	}
	return append(append(b, dict...), make([]byte, data)...)
}

func TestHostileFiles(t *testing.T) {
	dict := func(descr, order, shape string) string {
		return "{'descr': " + descr + ", 'fortran_order': " + order + ", 'shape': " + shape + ", }\n"
	}
	good := dict("'<f8'", "False", "(2,)")
	path := filepath.Join(t.TempDir(), "a.npy")
	for _, c := range []struct {
		want string
		file []byte
	}{
		{"", file(1, good, 16)},
		{"", file(2, good, 16)},
		{"", file(1, "{'shape':(2),'descr':'<f8','fortran_order':False}", 16)},
		{"", file(1, dict("'<i8'", "False", "(0, 1000000000000)"), 0)},
		{"it begins with \"\"", nil},
		{"it begins with \"PK\\x03\\x04zi\"", []byte("PK\x03\x04zipzipzip")},
		{"it begins with", []byte(magic[:5])},
		{"version 3.0", file(3, good, 16)},
		{"cut off within the header", file(1, good, 0)[:20]},
		{"cut off within the header", file(2, good, 0)[:11]},
		{"header of 4294967295 bytes", append([]byte(magic+"\x02\x00"), 255, 255, 255, 255)},
		{"15 bytes of data; shape [2] of <f8 has 16", file(1, good, 15)},
		{"17 bytes of data; shape [2] of <f8 has 16", file(1, good, 17)},
		{"0 bytes of data; shape [1000000000 1000000] of <c16", file(1, dict("'<c16'", "False", "(1000000000, 1000000)"), 0)},
		{"do not fit into memory", file(1, dict("'<f8'", "False", "(4294967296, 4294967296, 4294967296)"), 0)},
		{"is not a length", file(1, dict("'<f8'", "False", "(99999999999999999999,)"), 0)},
		{"\"1 2\" is not a length", file(1, dict("'<f8'", "False", "(1 2)"), 0)},
		{"33 axes", file(1, dict("'<f8'", "False", "("+strings.Repeat("1,", 33)+")"), 8)},
		{"Fortran order", file(1, dict("'<f8'", "True", "(2, 1)"), 16)},
		{"kind \">f8\"", file(1, dict("'>f8'", "False", "(2,)"), 16)},
		{"kind \"|O\"", file(1, dict("'|O'", "False", "(2,)"), 16)},
		{"not one of a plain array", file(1, dict("[('a', '<f8')]", "False", "(2,)"), 16)},
		{"not one of a plain array", file(1, dict("'<f8'", "False", "(-2,)"), 16)},
		{"not one of a plain array", file(1, dict("False", "False", "(2,)"), 16)},
		{"not one of a plain array", file(1, "{'shape': (2,), 'shape': (2,), 'descr': '<f8'}", 16)},
		{"not one of a plain array", file(1, "__import__('os')", 16)},
	} {
		if err := os.WriteFile(path, c.file, 0o666); err != nil {
			t.Fatal(err)
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, err := Read(path)
		runtime.ReadMemStats(&after)
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%.80q: %v", c.file, err)
		case c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)):
			t.Errorf("%.80q: got %v; want %s", c.file, err, c.want)
		}
		if got := after.TotalAlloc - before.TotalAlloc; got > 1<<20 {
			t.Errorf("%.80q: %d bytes allocated", c.file, got)
		}
	}
	if _, err := Read(path + ".missing"); !os.IsNotExist(err) {
		t.Errorf("missing file: %v", err)
	}
	var b bytes.Buffer
	Write(&b, nil, []int64{1})
	os.WriteFile(path, b.Bytes(), 0o666)
	if _, err := ReadFloats(path); err == nil || !strings.Contains(err.Error(), "float64 is needed") {
		t.Errorf("integers as floats: %v", err)
	}
}

func TestAppendAllocatesNothing(t *testing.T) {
	w, err := Create(filepath.Join(t.TempDir(), "a.npy"), []int{100})
	if err != nil {
		t.Fatal(err)
	}
	defer w.Discard()
	frame := make([]float64, 100)
	if n := testing.AllocsPerRun(100, func() { w.Append(frame) }); n != 0 {
		t.Fatalf("%v allocations a frame", n)
	}
}

func FuzzRead(f *testing.F) {
	f.Add(file(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }\n", 16))
	f.Add(file(2, "{'shape':(1,2),'descr':'<c16','fortran_order':False}", 32))
	f.Add(file(1, "{'descr': '<i8', 'fortran_order': False, 'shape': (), }", 8))
	f.Fuzz(func(t *testing.T, data []byte) {
		a, err := decode(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		var b bytes.Buffer
		if err := Write(&b, a.Shape, a.Data); err != nil {
			t.Fatal(err)
		}
		again, err := decode(&b, int64(b.Len()))
		if err != nil || !equal(a, again) {
			t.Fatalf("%v comes back as %v (%v)", a, again, err)
		}
	})
}

func ExampleWriter() {
	dir, err := os.MkdirTemp("", "npy")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "frames.npy")
	w, err := Create(path, []int{2})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer w.Discard()
	for i := range 3 {
		if err := w.Append([]float64{float64(i), float64(i * i)}); err != nil {
			fmt.Println(err)
			return
		}
	}
	if err := w.Close(); err != nil {
		fmt.Println(err)
		return
	}
	a, err := Read(path)
	fmt.Println(a.Shape, a.Data, err)
	// Output: [3 2] [0 0 1 1 2 4] <nil>
}
