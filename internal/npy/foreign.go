package npy

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strings"
)

// Element reads one number of a kind of element as float64, from as many bytes as it
// takes.
type Element struct {
	Width  int
	Number func(b []byte) (float64, error)
}

// ElementOf returns the element of a real kind in one of NumPy's codes without its byte
// order, such as f4 or i8; ok is false for others.
func ElementOf(code string, order binary.ByteOrder) (e Element, ok bool) {
	exactly := func(width int, number func(b []byte) float64) (Element, bool) {
		return Element{width, func(b []byte) (float64, error) { return number(b), nil }}, true
	}
	switch code {
	case "f8":
		return exactly(8, func(b []byte) float64 { return math.Float64frombits(order.Uint64(b)) })
	case "f4":
		return exactly(4, func(b []byte) float64 { return float64(math.Float32frombits(order.Uint32(b))) })
	case "f2":
		return exactly(2, func(b []byte) float64 { return half(order.Uint16(b)) })
	case "bf2": // the upper half of a float32: not one of NumPy's, but of SafeTensors
		return exactly(2, func(b []byte) float64 { return float64(math.Float32frombits(uint32(order.Uint16(b)) << 16)) })
	case "b1":
		return exactly(1, func(b []byte) float64 {
			if b[0] != 0 {
				return 1
			}
			return 0
		})
	case "i1":
		return exactly(1, func(b []byte) float64 { return float64(int8(b[0])) })
	case "u1":
		return exactly(1, func(b []byte) float64 { return float64(b[0]) })
	case "i2":
		return exactly(2, func(b []byte) float64 { return float64(int16(order.Uint16(b))) })
	case "u2":
		return exactly(2, func(b []byte) float64 { return float64(order.Uint16(b)) })
	case "i4":
		return exactly(4, func(b []byte) float64 { return float64(int32(order.Uint32(b))) })
	case "u4":
		return exactly(4, func(b []byte) float64 { return float64(order.Uint32(b)) })
	case "i8":
		return Element{8, func(b []byte) (float64, error) {
			v := int64(order.Uint64(b))
			if int64(float64(v)) != v || v == math.MaxInt64 {
				return 0, fmt.Errorf("the whole number %d, which no float64 holds", v)
			}
			return float64(v), nil
		}}, true
	case "u8":
		return Element{8, func(b []byte) (float64, error) {
			v := order.Uint64(b)
			if f := float64(v); f >= 1<<64 || uint64(f) != v {
				return 0, fmt.Errorf("the whole number %d, which no float64 holds", v)
			}
			return float64(v), nil
		}}, true
	}
	return Element{}, false
}

// half returns the value of a number of 16 bits.
func half(v uint16) float64 {
	sign, exponent, fraction := 1-2*float64(v>>15), int(v>>10&31), float64(v&1023)
	switch exponent {
	case 0:
		return sign * math.Ldexp(fraction, -24)
	case 31:
		if fraction != 0 {
			return math.NaN()
		}
		return sign * math.Inf(1)
	}
	return sign * math.Ldexp(1024+fraction, exponent-25)
}

// DecodeAny reads an array of any real kind, byte order and layout from r, which yields
// size bytes, as float64 with the last axis fastest. It allocates no more than twice what
// the numbers take.
func DecodeAny(r io.Reader, size int64) (shape []int, values []float64, err error) {
	text, begin, err := headerText(r)
	if err != nil {
		return nil, nil, err
	}
	kind, fortran, shape, err := parseHeader(text)
	if err != nil {
		return nil, nil, err
	}
	order := binary.ByteOrder(binary.LittleEndian)
	if strings.HasPrefix(kind, ">") {
		order = binary.BigEndian
	}
	e, ok := ElementOf(strings.TrimLeft(kind, "<>|="), order)
	switch {
	case strings.Contains(kind, "c"):
		return nil, nil, fmt.Errorf("complex elements (%s); save the real and the imaginary part apart", kind)
	case strings.Contains(kind, "O"):
		return nil, nil, fmt.Errorf("objects of Python, which only Python reads; save the numbers with numpy.save(…, allow_pickle=False)")
	case !ok:
		return nil, nil, fmt.Errorf("elements of kind %q, which are no real numbers; convert them with NumPy's astype", kind)
	}
	count, err := fits(kind, e.Width, shape, size-int64(begin))
	if err != nil {
		return nil, nil, err
	}
	if values, err = Numbers(r, count, e); err != nil {
		return nil, nil, err
	}
	if fortran && len(shape) > 1 {
		values = transposed(values, shape)
	}
	return shape, values, nil
}

// Numbers reads count elements.
func Numbers(r io.Reader, count int, e Element) ([]float64, error) {
	values := make([]float64, 0, min(count, 1<<20))
	buf := make([]byte, e.Width*min(chunk, max(count, 1)))
	for len(values) < count {
		b := buf[:e.Width*min(chunk, count-len(values))]
		if _, err := io.ReadFull(r, b); err != nil {
			return nil, fmt.Errorf("reading the data: %w", err)
		}
		for ; len(b) > 0; b = b[e.Width:] {
			v, err := e.Number(b[:e.Width])
			if err != nil {
				return nil, fmt.Errorf("element %d is %w", len(values), err)
			}
			values = append(values, v)
		}
	}
	return values, nil
}

// transposed returns numbers in Fortran order with the last axis fastest.
func transposed(values []float64, shape []int) []float64 {
	out := make([]float64, len(values))
	at := make([]int, len(shape))
	for i := range out {
		from, stride := 0, 1
		for j, n := range shape {
			from += at[j] * stride
			stride *= n
		}
		out[i] = values[from]
		for j := len(shape) - 1; j >= 0; j-- {
			if at[j]++; at[j] < shape[j] {
				break
			}
			at[j] = 0
		}
	}
	return out
}
