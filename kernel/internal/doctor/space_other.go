//go:build !linux && !darwin

package doctor

import "errors"

func freeSpace(string) (uint64, error) {
	return 0, errors.New("its free space cannot be told on this system")
}
