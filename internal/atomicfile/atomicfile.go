// Package atomicfile writes files whole or not at all.
package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// Write replaces the file at path by data: a temporary file beside it is
// written, synced and renamed, so that a reader sees the old contents or the
// new, and an error leaves the old ones. A symbolic link is
// followed, permissions are kept; a new file has those that the umask leaves. The
// error names the path.
func Write(path string, data []byte) (err error) {
	defer func() {
		if err != nil {
			// The temporary name in these would mean nothing to the reader.
			var p *fs.PathError
			var l *os.LinkError
			if errors.As(err, &p) {
				err = p.Err
			} else if errors.As(err, &l) {
				err = l.Err
			}
			err = fmt.Errorf("%s cannot be written: %w; choose a directory with space where you may write", path, err)
		}
	}()
	target := path
	if linked, err := filepath.EvalSymlinks(path); err == nil {
		target = linked
	}
	// Not os.CreateTemp, whose files nobody else may read: a new file has the
	// permissions that the umask leaves, as every other.
	temporary := filepath.Join(filepath.Dir(target), fmt.Sprintf(".nnfield-%016x", rand.Uint64()))
	f, err := os.OpenFile(temporary, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o666)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	if old, err := os.Stat(target); err == nil {
		if err := f.Chmod(old.Mode().Perm()); err != nil {
			return err
		}
	}
	if _, err := f.Write(data); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(f.Name(), target)
}
