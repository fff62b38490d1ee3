package arrays_test

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/nnfield/nnfield/nnfield/arrays"
)

// Files that NumPy and SafeTensors have written (testdata/write.py) are read as they were
// meant.
func TestFilesOfOthers(t *testing.T) {
	quarter := []float64{0, 0.25, 0.5, 0.75, 1, 1.25}
	for _, c := range []struct {
		file, name string
		shape      []int
		values     []float64
	}{
		{"f8.npy", "", []int{2, 3}, quarter},
		{"f4-fortran.npy", "", []int{2, 3}, quarter},
		{"big-endian.npy", "", []int{2, 3}, quarter},
		{"f2.npy", "", []int{4}, []float64{1.5, -2, 5.9604644775390625e-08, 65504}},
		{"i4.npy", "", []int{3}, []float64{-3, 0, 7}},
		{"u1.npy", "", []int{1, 2}, []float64{0, 255}},
		{"bool.npy", "", []int{2}, []float64{1, 0}},
		{"scalar.npy", "", []int{}, []float64{2.5}},
		{"two.npz", "W", []int{2, 3}, quarter},
		{"two.npz", "b", []int{2}, []float64{1, 2}},
		{"packed.npz", "", []int{64, 64}, make([]float64, 4096)},
		{"net.safetensors", "rnn.weight_hh_l0", []int{2, 3}, quarter},
		{"net.safetensors", "rnn.bias", []int{2}, []float64{0.5, -1}},
		{"net.safetensors", "n", []int{1, 1}, []float64{3}},
		{"table.csv", "", []int{2, 3}, quarter},
	} {
		var name []string
		if c.name != "" {
			name = []string{c.name}
		}
		shape, values, err := arrays.Read(filepath.Join("testdata", c.file), name...)
		if err != nil || !slices.Equal(shape, c.shape) || !slices.Equal(values, c.values) {
			t.Errorf("%s %s: %v, %v, %v", c.file, c.name, shape, values, err)
		}
	}
	names, err := arrays.Names("testdata/two.npz")
	if err != nil || !slices.Equal(names, []string{"W", "b"}) {
		t.Errorf("names %v, %v", names, err)
	}
}

// What is wrong with a file is said in one sentence that names it.
func TestBadFiles(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, b []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, b, 0o666); err != nil {
			t.Fatal(err)
		}
		return path
	}
	header := func(text string, data ...byte) []byte {
		return append(append(binary.LittleEndian.AppendUint64(nil, uint64(len(text))), text...), data...)
	}
	good, err := os.ReadFile("testdata/net.safetensors")
	if err != nil {
		t.Fatal(err)
	}
	npz := func(name string, body []byte) []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		w, _ := z.Create(name)
		w.Write(body)
		z.Close()
		return b.Bytes()
	}
	for want, read := range map[string][]string{
		"float64 holds":                                  {"testdata/i8-large.npy"},
		"complex elements":                               {"testdata/complex.npy"},
		"name one of W, b":                               {"testdata/two.npz"},
		`no array "V"; it has W, b`:                      {"testdata/two.npz", "V"},
		`a file of kind ".h5"; .npy, .npz`:               {write("a.h5", nil)},
		"no such file":                                   {filepath.Join(dir, "none.npy")},
		"claims 2147483648 bytes, and the format allows": {write("large.safetensors", binary.LittleEndian.AppendUint64(nil, 1<<31))},
		"cut off: its header claims 50000000 bytes":      {write("cut.safetensors", binary.LittleEndian.AppendUint64(nil, 50_000_000))},
		"shorter than 8 bytes":                           {write("short.safetensors", []byte{1})},
		"no JSON object of tensors":                      {write("list.safetensors", header("[1]"))},
		"there are 16 bytes of data":                     {write("outside.safetensors", header(`{"w":{"dtype":"F64","shape":[4],"data_offsets":[0,32]}}`, make([]byte, 16)...))},
		"takes 32 bytes, and it has 16":                  {write("shape.safetensors", header(`{"w":{"dtype":"F64","shape":[2,2],"data_offsets":[0,16]}}`, make([]byte, 16)...))},
		`elements of kind "F8_E4M3"`:                     {write("f8.safetensors", header(`{"w":{"dtype":"F8_E4M3","shape":[2],"data_offsets":[0,2]}}`, 1, 2))},
		"twice":                                          {write("twice.safetensors", header(`{"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"w":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, 1))},
		"damaged, its shape is [-1]":                     {write("negative.safetensors", header(`{"w":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}}`, 1))},
		"name one of rnn.weight_hh_l0":                   nil,
		`line 2, column 2: "x" is not a number`:          {write("bad.csv", []byte("1,2\n3,x\n"))},
		"wrong number of fields":                         {write("ragged.csv", []byte("1,2\n3\n"))},
		"it holds no numbers":                            {write("names.csv", []byte("a,b\n"))},
		"not an NPZ file":                                {write("text.npz", []byte("hello"))},
		"it holds no array":                              {write("empty.npz", npz("readme.txt", nil))},
		`not an NPY file: it begins with "nonsen"`:       {write("nonsense.npz", npz("w.npy", []byte("nonsense, that is")))},
		"objects of Python":                              {write("object.npy", append([]byte("\x93NUMPY\x01\x00\x46\x00"), fmt.Sprintf("%-69s\n", "{'descr': '|O', 'fortran_order': False, 'shape': (1,), }")...))},
	} {
		if read == nil {
			read = []string{write("several.safetensors", good)}
			want = "it holds 3 arrays; name one of"
		}
		_, _, err := arrays.Read(read[0], read[1:]...)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") || !strings.Contains(err.Error(), filepath.Base(read[0])) {
			t.Errorf("%q: %v", want, err)
		}
	}
}

// FuzzSafeTensors: no header makes the reader panic or take memory that the file has not.
func FuzzSafeTensors(f *testing.F) {
	good, err := os.ReadFile("testdata/net.safetensors")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Fuzz(func(t *testing.T, b []byte) {
		path := filepath.Join(t.TempDir(), "x.safetensors")
		if err := os.WriteFile(path, b, 0o666); err != nil {
			t.Fatal(err)
		}
		names, _ := arrays.Names(path)
		for _, name := range names {
			arrays.Read(path, name)
		}
	})
}
