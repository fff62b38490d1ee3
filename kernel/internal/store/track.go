package store

import (
	"errors"
	"fmt"
	"path/filepath"

	"github.com/nnfield/nnfield/internal/npy"
	"github.com/nnfield/nnfield/internal/regular"
)

// extent says how much of a track there is: what a manifest and a checkpoint
// keep of it.
type extent struct {
	Records int    `json:"records"`
	Width   int    `json:"width"`        // numbers of a record
	Index   uint32 `json:"index_crc32c"` // of the numbers of the index
}

// track is what is recorded of one quantity, in two files:
//
//	NAME.npy        float64 [records, width]
//	NAME.index.npy  float64 [records, 3]: step, time, CRC32-C of the record
type track struct {
	extent
	data, index *npy.Growing
	synced      int // records that are on the disk, +1
}

func dataFile(dir, name string) string  { return filepath.Join(dir, name+".npy") }
func indexFile(dir, name string) string { return filepath.Join(dir, name+".index.npy") }

// openTrack begins a track, or goes on with one that has been recorded so far.
func openTrack(dir, name string, width int, so extent) (*track, error) {
	t := &track{extent: so}
	t.Width = width
	if so.Records < 0 || so.Records > 0 && so.Width != width {
		return nil, fmt.Errorf("%s %w: records of %d numbers, not %d; remove its directory", dataFile(dir, name), errDamaged, so.Width, width)
	}
	var err error
	if t.data, err = npy.Grow(dataFile(dir, name), []int{width}, so.Records); err != nil {
		return nil, judged(dataFile(dir, name), err)
	}
	if t.index, err = npy.Grow(indexFile(dir, name), []int{3}, so.Records); err != nil {
		t.data.Close()
		return nil, judged(indexFile(dir, name), err)
	}
	return t, nil
}

func (t *track) append(step int, time float64, values []float64) error {
	entry := []float64{float64(step), time, float64(checksum(0, values))}
	t.Index = checksum(t.Index, entry)
	t.Records++
	return errors.Join(t.data.Append(values), t.index.Append(entry))
}

// sync returns when everything is on the disk.
func (t *track) sync() error {
	if t.synced == t.Records+1 {
		return nil
	}
	t.synced = t.Records + 1
	return errors.Join(t.data.Sync(), t.index.Sync())
}

func (t *track) flush() error { return errors.Join(t.data.Flush(), t.index.Flush()) }

func (t *track) close() error { return errors.Join(t.data.Close(), t.index.Close()) }

// records is a track that is read.
type records struct {
	name   string
	width  int
	steps  []int
	times  []float64
	sums   []uint32
	values []float64
	unmap  func()
}

// readTrack opens a track: the files are there and of the right length, and the
// index has its checksum. The records are not looked at.
func readTrack(dir, name string, so extent) (*records, error) {
	r := &records{name: name, width: so.Width}
	index, unmap, err := loadFile(indexFile(dir, name))
	if err != nil {
		return nil, err
	}
	defer unmap()
	if so.Records < 0 || so.Width < 1 || len(index) != 3*so.Records || checksum(0, index) != so.Index {
		return nil, fmt.Errorf("%s %w: its checksum differs", indexFile(dir, name), errDamaged)
	}
	for i := range so.Records {
		r.steps = append(r.steps, int(index[3*i]))
		r.times = append(r.times, index[3*i+1])
		r.sums = append(r.sums, uint32(index[3*i+2]))
	}
	if r.values, r.unmap, err = loadFile(dataFile(dir, name)); err != nil {
		return nil, err
	}
	if n := len(r.values); n != 0 && (so.Records == 0 || n/so.Records != so.Width || n%so.Records != 0) || n == 0 && so.Records != 0 {
		r.unmap()
		return nil, fmt.Errorf("%s %w: %d numbers; the manifest says %d × %d", dataFile(dir, name), errDamaged, len(r.values), so.Records, so.Width)
	}
	return r, nil
}

func loadFile(path string) ([]float64, func(), error) {
	f, err := regular.Open(path)
	if err != nil {
		return nil, nil, judged(path, err)
	}
	defer f.Close()
	values, unmap, err := load(f)
	if err != nil {
		return nil, nil, judged(path, err)
	}
	return values, unmap, nil
}

// verify checks one record.
func (r *records) verify(i int) error {
	if checksum(0, r.values[i*r.width:(i+1)*r.width]) != r.sums[i] {
		return fmt.Errorf("record %d of %s (step %d) %w: its checksum differs", i, r.name, r.steps[i], errDamaged)
	}
	return nil
}

// verifyAll checks every record.
func (r *records) verifyAll() error {
	for i := range r.steps {
		if err := r.verify(i); err != nil {
			return err
		}
	}
	return nil
}
