package main

import (
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"
	"strings"
)

// Machine is where it was measured.
type Machine struct {
	Processor string            `json:"processor,omitempty"` // "" where the system does not tell
	Threads   int               `json:"threads"`
	Versions  map[string]string `json:"versions"` // of the tools that are there
}

// machine returns what runs the programs of a workshop.
func machine(w *workshop, threads int) Machine {
	m := Machine{Threads: threads, Versions: map[string]string{"go": strings.TrimPrefix(runtime.Version(), "go")}}
	maps.Copy(m.Versions, w.versions)
	cpuinfo, _ := os.ReadFile("/proc/cpuinfo") // elsewhere there is none
	for line := range strings.Lines(string(cpuinfo)) {
		if name, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(name) == "model name" {
			m.Processor = strings.TrimSpace(value)
		}
	}
	return m
}

// String says it in one line.
func (m Machine) String() string {
	s := threads(m.Threads)
	if m.Processor != "" {
		s += " of " + m.Processor
	}
	for _, tool := range slices.Sorted(maps.Keys(m.Versions)) {
		s += ", " + tool + " " + m.Versions[tool]
	}
	return s
}

func threads(n int) string {
	if n == 1 {
		return "1 thread"
	}
	return fmt.Sprintf("%d threads", n)
}
