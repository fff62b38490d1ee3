package store

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io/fs"
	"math"
	"os"
	"strconv"
	"syscall"
	"unsafe"

	"github.com/nnfield/nnfield/internal/atomicfile"
	"github.com/nnfield/nnfield/internal/regular"
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

// sealedMost is the size up to which sealed files are read, in bytes: kept values are
// the largest.
const sealedMost = 1 << 30

// unseal reads v from a file that seal wrote. It fails for a file that is not
// there, for a damaged one with errDamaged, for one of a later version with
// errFuture. A changed byte is found wherever it stands.
func unseal(path string, v any) error {
	b, err := regular.ReadFile(path, sealedMost)
	if err != nil {
		return judged(path, err)
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
	// The checksum is of the body without spaces: the rest is as seal writes it.
	s.Body = body.Bytes()
	if again, err := json.MarshalIndent(s, "", "  "); err != nil || string(again)+"\n" != string(b) {
		return fmt.Errorf("%s %w: it is not as it was written", path, errDamaged)
	}
	if err := json.Unmarshal(s.Body, v); err != nil {
		return fmt.Errorf("%s %w: %v", path, errDamaged, err)
	}
	return nil
}

// judged says what an error of reading a file means. Damaged is what was read and is
// wrong, and what is of another kind than the store writes. Whatever the system says
// else passes (no descriptor or memory left, a disk or a server that does not answer,
// no permission): it stays what it is, and nothing is removed for it. A file that is
// not there is fs.ErrNotExist.
func judged(path string, err error) error {
	var system syscall.Errno
	switch {
	case errors.Is(err, errDamaged), errors.Is(err, errFuture), errors.Is(err, fs.ErrNotExist):
		return err
	case errors.Is(err, syscall.EISDIR), errors.Is(err, syscall.ENOTDIR), errors.Is(err, syscall.ELOOP), errors.Is(err, syscall.ENXIO):
	case errors.As(err, &system), errors.Is(err, os.ErrClosed):
		return err
	}
	return fmt.Errorf("%s %w: %w", path, errDamaged, err)
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
