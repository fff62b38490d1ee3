package main

import (
	"context"
	"fmt"
	"math"
	"os/exec"
	"strconv"
	"strings"
)

// limits are what the machine can do at most.
type limits []limit

type limit struct {
	Kind    string  `json:"kind"` // flops, update or read
	Threads int     `json:"threads"`
	Bytes   int     `json:"bytes,omitempty"` // of what is updated or read, all threads together
	Speed   float64 `json:"speed"`           // thousand million operations or bytes a second
}

// measureLimits measures until the machine was free meanwhile, at most three times,
// and keeps the best, with what is known already: they are limits. There are none
// without a C compiler.
func (b *bench) measureLimits(ctx context.Context, known limits) error {
	b.limits = known
	if b.shop.absent[cTool] != "" {
		return nil
	}
	for range 3 {
		quiet, _ := b.gate.wait(ctx, b.wait/3)
		out, err := exec.CommandContext(ctx, b.shop.path("limits"), strconv.Itoa(b.threads)).Output()
		if err != nil {
			return fmt.Errorf("limits: %w", err)
		}
		if b.limits, err = b.limits.merge(string(out)); err != nil {
			return err
		}
		if quiet && b.gate.quiet() {
			break
		}
	}
	return nil
}

// merge adds lines of the program limits, the larger of equal ones.
func (l limits) merge(text string) (limits, error) {
	for line := range strings.Lines(text) {
		var v limit
		if _, err := fmt.Sscan(line, &v.Kind, &v.Threads, &v.Bytes, &v.Speed); err != nil {
			return l, fmt.Errorf("limits: %q: %w", line, err)
		}
		known := false
		for i := range l {
			if l[i].Kind == v.Kind && l[i].Threads == v.Threads && l[i].Bytes == v.Bytes {
				l[i].Speed, known = max(l[i].Speed, v.Speed), true
			}
		}
		if !known {
			l = append(l, v)
		}
	}
	return l, nil
}

// at returns the speed of the smallest measured size that holds the bytes, of the
// largest if none does; 0 if nothing was measured.
func (l limits) at(kind string, threads int, bytes float64) float64 {
	best, size, largest := 0., math.Inf(1), 0.
	for _, v := range l {
		if v.Kind != kind || v.Threads != threads {
			continue
		}
		if s := float64(v.Bytes); s >= bytes && s < size || math.IsInf(size, 1) && s >= largest {
			best, largest = v.Speed, s
			if s >= bytes {
				size = s
			}
		}
	}
	return best
}

// How much a thread can keep in its own caches and in the nearest one, in bytes.
const own, nearest = 512 << 10, 24 << 10

// roofs returns what the machine could do at most, in million units a second, and
// what it could do in one pass through memory a step; 0 if that is not known.
func (l limits) roofs(c problem, threads int) (roof, onePass float64) {
	if c.bytes == 0 || len(l) == 0 {
		return 0, 0
	}
	kind, near := "update", min(c.working, own*float64(threads))
	switch {
	case c.reads: // a matrix is read whole in each step
		kind, near = "read", c.working
	case c.chain: // its tiles fit into the nearest cache; rows are too long for that
		near = min(c.working, nearest*float64(threads))
	}
	compute := l.at("flops", threads, 0) * 1e3 / c.flops
	return min(compute, l.at(kind, threads, near)*1e3/c.bytes), min(compute, l.at(kind, threads, c.working)*1e3/c.bytes)
}
