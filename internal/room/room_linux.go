package room

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// memory is the least of what the system has available, what the control group allows
// and what the limit of address space (ulimit -v) leaves.
func memory() (free float64, known bool) {
	least := func(bytes float64) {
		if !known || bytes < free {
			free, known = max(bytes, 0), true
		}
	}
	if kB, ok := value("/proc/meminfo", "MemAvailable:"); ok {
		swap, _ := value("/proc/meminfo", "SwapFree:")
		least(1024 * (kB + swap))
	}
	if most, ok := number("/sys/fs/cgroup/memory.max"); ok {
		used, _ := number("/sys/fs/cgroup/memory.current")
		cache, _ := value("/sys/fs/cgroup/memory.stat", "inactive_file")
		least(most - used + cache)
	}
	var limit syscall.Rlimit
	const infinity = ^uint64(0)
	if err := syscall.Getrlimit(syscall.RLIMIT_AS, &limit); err == nil && limit.Cur != infinity {
		if pages, ok := number("/proc/self/statm"); ok {
			// Go reserves more than it uses: a tenth stays for that.
			least(0.9 * (float64(limit.Cur) - pages*float64(os.Getpagesize())))
		}
	}
	return free, known
}

// number returns the first number in a file.
func number(path string) (float64, bool) {
	b, err := os.ReadFile(path)
	if err != nil {
		return 0, false
	}
	first, _, _ := strings.Cut(strings.TrimSpace(string(b)), " ")
	v, err := strconv.ParseFloat(first, 64)
	return v, err == nil
}

// value returns the number after a word at the beginning of a line.
func value(path, word string) (float64, bool) {
	b, err := os.ReadFile(path)
	if err != nil {
		return 0, false
	}
	for line := range bytes.Lines(b) {
		if words := bytes.Fields(line); len(words) > 1 && string(words[0]) == word {
			v, err := strconv.ParseFloat(string(words[1]), 64)
			return v, err == nil
		}
	}
	return 0, false
}

// disk is what a user who is not root may write.
func disk(dir string) (free float64, known bool) {
	for {
		var s syscall.Statfs_t
		err := syscall.Statfs(dir, &s)
		if err == nil {
			return float64(s.Bavail) * float64(s.Bsize), true
		}
		parent := filepath.Dir(dir)
		if err != syscall.ENOENT || parent == dir {
			return 0, false
		}
		dir = parent
	}
}
