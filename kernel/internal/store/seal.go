package store

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"math"
	"os"
	"strconv"
	"unsafe"

	"github.com/nnfield/nnfield/internal/atomicfile"
)

// format is the version of everything on the disk.
const format = 1

// sealed is the form of the store's JSON files: what they say and its checksum.
type sealed struct {
	Format int             `json:"format"`
	CRC32C string          `json:"crc32c"` // of the body, without spaces
	Body   json.RawMessage `json:"body"`
}

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// seal writes v to a file, whole or not at all.
func seal(path string, v any) error {
	body, err := json.Marshal(v)
	if err != nil {
		return err
	}
	b, err := json.MarshalIndent(sealed{format, fmt.Sprintf("%08x", crc32.Checksum(body, castagnoli)), body}, "", "  ")
	if err != nil {
		return err
	}
	return atomicfile.Write(path, append(b, '\n'))
}

// unseal reads v from a file that seal wrote. It fails for a file that is not
// there, for a damaged one with errDamaged, for one of a later version with
// errFuture.
func unseal(path string, v any) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var s sealed
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("%s %w: %v", path, errDamaged, err)
	}
	if s.Format > format {
		return fmt.Errorf("%s %w: format %d, and this version reads %d; update nnfield, or remove the file", path, errFuture, s.Format, format)
	}
	var body bytes.Buffer
	if err := json.Compact(&body, s.Body); err != nil || s.Format != format || fmt.Sprintf("%08x", crc32.Checksum(body.Bytes(), castagnoli)) != s.CRC32C {
		return fmt.Errorf("%s %w: its checksum differs", path, errDamaged)
	}
	if err := json.Unmarshal(s.Body, v); err != nil {
		return fmt.Errorf("%s %w: %v", path, errDamaged, err)
	}
	return nil
}

var (
	errDamaged = errors.New("is damaged")
	errFuture  = errors.New("is of a later version of nnfield")
	errBusy    = errors.New("another process holds the lock")
	errNoLocks = errors.New("this file system has no locks")
)

// little tells whether numbers in memory are as in the files.
var little = binary.NativeEndian.Uint16([]byte{1, 0}) == 1

// checksum returns the CRC32-C of numbers as they stand in the files, going on
// from that of earlier ones.
func checksum(crc uint32, values []float64) uint32 {
	if len(values) == 0 {
		return crc
	}
	if little {
		return crc32.Update(crc, castagnoli, unsafe.Slice((*byte)(unsafe.Pointer(&values[0])), 8*len(values)))
	}
	var b [8]byte
	for _, v := range values {
		u := math.Float64bits(v)
		for i := range b {
			b[i] = byte(u >> (8 * i))
		}
		crc = crc32.Update(crc, castagnoli, b[:])
	}
	return crc
}

// number is a float64 in JSON, also where it is not finite.
type number float64

func (n number) MarshalText() ([]byte, error) {
	return strconv.AppendFloat(nil, float64(n), 'g', -1, 64), nil
}

func (n *number) UnmarshalText(b []byte) error {
	v, err := strconv.ParseFloat(string(b), 64)
	*n = number(v)
	return err
}
