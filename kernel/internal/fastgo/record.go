package fastgo

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/nnfield/nnfield/internal/atomicfile"
)

// recorded is what the real go command did to build a cell.
type recorded struct {
	Made    time.Time `json:"made"`
	Module  string    `json:"module"`  // the cell's, to be replaced by another's
	Compile command   `json:"compile"` // with placeholders for files
	Link    command   `json:"link"`
	Sources []string  `json:"sources"` // directories and files of packages that can change
	State   string    `json:"state"`   // of them, see state
}

// command is a call of the compiler or the linker.
type command struct {
	Env    []string `json:"env"`
	Argv   []string `json:"argv"`
	Config string   `json:"config"` // the file that names the compiled packages
}

// Placeholders in commands.
const (
	objectFile = "\x00object" // what the compiler writes and the linker reads
	configFile = "\x00config"
	outputFile = "\x00output"
)

// A record is for a day: the go command removes compiled packages that it has
// not used for five, and does not see that we use them.
const lifetime = 24 * time.Hour

// load reads a record. It is not ok if there is none or if anything in it has changed.
func load(path string) (r recorded, ok bool) {
	data, err := os.ReadFile(path)
	if err != nil || json.Unmarshal(data, &r) != nil {
		return r, false
	}
	if age := time.Since(r.Made); age < 0 || age > lifetime {
		return r, false
	}
	for line := range strings.Lines(r.Link.Config) {
		if _, file, isPackage := packageFile(line); isPackage && file != objectFile {
			if _, err := os.Stat(file); err != nil {
				return r, false
			}
		}
	}
	state, _, err := state(r.Sources)
	return r, err == nil && state == r.State
}

// packageFile splits a line of a config file.
func packageFile(line string) (name, file string, ok bool) {
	rest, ok := strings.CutPrefix(strings.TrimSuffix(line, "\n"), "packagefile ")
	name, file, cut := strings.Cut(rest, "=")
	return name, file, ok && cut
}

// state describes the files that are sources, or lie in those that are
// directories, and the time of the last change. What the go command ignores is left out.
func state(sources []string) (text string, changed time.Time, err error) {
	var b strings.Builder
	note := func(path string, info os.FileInfo) {
		fmt.Fprintf(&b, "%s %d %d\n", path, info.Size(), info.ModTime().UnixNano())
		if info.ModTime().After(changed) {
			changed = info.ModTime()
		}
	}
	for _, source := range sources {
		list, err := os.ReadDir(source)
		if err != nil { // a file, then
			info, err := os.Stat(source)
			if err != nil {
				return "", changed, err
			}
			note(source, info)
			continue
		}
		for _, entry := range list {
			name := entry.Name()
			if entry.IsDir() || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") || strings.HasSuffix(name, "_test.go") {
				continue
			}
			info, err := os.Stat(filepath.Join(source, name)) // of what a link leads to
			if err != nil {
				return "", changed, err
			}
			note(filepath.Join(source, name), info)
		}
	}
	return b.String(), changed, nil
}

// record builds the cell by the real go command and records how. It tells
// whether the cell was built; that it cannot be recorded is no failure.
func record(real, path string, c cell, args []string) bool {
	start := time.Now()
	cmd := exec.Command(real, slices.Insert(slices.Clone(args), 1, "-x")...)
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = io.Discard, &log
	if err := cmd.Run(); err != nil {
		return false // once more without -x, for its own words
	}
	_ = keep(real, path, c, start, log.String())
	return true
}

// keep writes the record of a build that began at start and printed log.
func keep(real, path string, c cell, start time.Time, log string) error {
	list, err := dependencies(real)
	if err != nil {
		return err
	}
	r, err := parse(log, c, list)
	if err != nil {
		return err
	}
	r.Sources = changeable(list, c)
	var changed time.Time
	if r.State, changed, err = state(r.Sources); err != nil {
		return err
	}
	// The clock of files lags behind by some milliseconds.
	if changed.After(start.Add(-50 * time.Millisecond)) {
		return errors.New("a package was changed while it was built")
	}
	r.Made, r.Module = start, c.module
	data, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return err
	}
	sweep(filepath.Dir(path))
	return atomicfile.Write(path, data)
}

// sweep removes the records that are too old to be used.
func sweep(dir string) {
	list, _ := os.ReadDir(dir)
	for _, entry := range list {
		if info, err := entry.Info(); err == nil && time.Since(info.ModTime()) > lifetime {
			_ = os.Remove(filepath.Join(dir, entry.Name()))
		}
	}
}

// dependency is a package that the cell is built from, the cell's own among them.
type dependency struct {
	ImportPath, Dir string
	Export          string // the compiled package in the build cache
	EmbedFiles      []string
	Module          *struct {
		Version, GoMod string
		Replace        *struct{ Version string }
	}
}

func dependencies(real string) (list []dependency, err error) {
	out, err := exec.Command(real, "list", "-deps", "-export", "-json=ImportPath,Dir,Export,EmbedFiles,Module", ".").Output()
	if err != nil {
		return nil, err
	}
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p dependency
		if err := d.Decode(&p); err == io.EOF {
			return list, nil
		} else if err != nil {
			return nil, err
		}
		list = append(list, p)
	}
}

// changeable returns what can change of the packages that the cell is built
// from: those of working copies, with the files they embed. What is in the
// module cache and in Go itself never changes.
func changeable(list []dependency, c cell) (sources []string) {
	for _, p := range list {
		m := p.Module
		if m == nil || p.Dir == c.dir {
			continue
		}
		if m.Replace != nil && m.Replace.Version != "" || m.Replace == nil && m.Version != "" {
			continue
		}
		sources = append(sources, p.Dir, m.GoMod)
		for _, name := range p.EmbedFiles {
			file := filepath.Join(p.Dir, name)
			sources = append(sources, file, filepath.Dir(file))
		}
	}
	slices.Sort(sources)
	return slices.Compact(sources)
}

// parse reads what `go build -x` printed.
func parse(log string, c cell, list []dependency) (r recorded, err error) {
	work, rest, _ := strings.Cut(log, "\n")
	work, ok := strings.CutPrefix(work, "WORK=")
	if !ok {
		return r, errors.New("no work directory")
	}
	files := map[string]string{} // that it wrote, by name
	var compiles, links []string
	for lines := strings.Split(rest, "\n"); len(lines) > 0; {
		line := lines[0]
		lines = lines[1:]
		if name, isFile := strings.CutPrefix(line, "cat >"); isFile {
			name, _, _ = strings.Cut(name, " ")
			// A text without a newline has the mark on its last line.
			end := slices.IndexFunc(lines, func(line string) bool { return strings.HasSuffix(line, "EOF") })
			if end < 0 {
				return r, errors.New("a file without an end")
			}
			files[strings.ReplaceAll(name, work, "$WORK")] = strings.ReplaceAll(strings.Join(lines[:end], "\n")+"\n", work, "$WORK")
			lines = lines[end+1:]
			continue
		}
		if strings.Contains(line, "/compile -o $WORK/b001/") && strings.Contains(line, " -p main ") {
			compiles = append(compiles, line)
		}
		if strings.Contains(line, "/link -o $WORK/b001/") {
			links = append(links, line)
		}
	}
	if len(compiles) != 1 || len(links) != 1 {
		return r, fmt.Errorf("%d calls of the compiler and %d of the linker", len(compiles), len(links))
	}
	if r.Compile, err = parseCommand(compiles[0], objectFile, "./main.go", files); err != nil {
		return r, err
	}
	if r.Link, err = parseCommand(links[0], outputFile, "$WORK/b001/_pkg_.a", files); err != nil {
		return r, err
	}
	r.Link.Argv[len(r.Link.Argv)-1] = objectFile
	r.Link.Config = strings.Replace(r.Link.Config, "packagefile "+c.module+"=$WORK/b001/_pkg_.a\n", "packagefile "+c.module+"="+objectFile+"\n", 1)
	r.Compile.Config = cached(r.Compile.Config, list)
	r.Link.Config = cached(r.Link.Config, list)
	for _, cmd := range []command{r.Compile, r.Link} {
		for _, text := range append([]string{cmd.Config}, slices.Concat(cmd.Env, cmd.Argv)...) {
			if strings.Contains(text, "$WORK") {
				return r, fmt.Errorf("a file that is gone: %s", text)
			}
		}
	}
	return r, nil
}

// cached puts the build cache's files in place of those in the work directory,
// which are the packages that this very build has compiled.
func cached(config string, list []dependency) string {
	lines := strings.SplitAfter(config, "\n")
	for i, line := range lines {
		name, file, ok := packageFile(line)
		if !ok || !strings.HasPrefix(file, "$WORK") {
			continue
		}
		if j := slices.IndexFunc(list, func(p dependency) bool { return p.ImportPath == name && p.Export != "" }); j >= 0 {
			lines[i] = "packagefile " + name + "=" + list[j].Export + "\n"
		}
	}
	return strings.Join(lines, "")
}

// parseCommand reads a command line whose last word is input and puts
// placeholders in place of its files. Build IDs are left out: the go command
// would take a program with the recorded one for that of the recorded cell.
func parseCommand(line, output, input string, files map[string]string) (c command, err error) {
	words, err := split(line)
	if err != nil {
		return c, err
	}
	for len(words) > 0 && strings.Contains(words[0], "=") {
		c.Env = append(c.Env, words[0])
		words = words[1:]
	}
	if len(words) < 2 || words[len(words)-1] != input {
		return c, fmt.Errorf("not the expected input: %s", line)
	}
	for i := 0; i < len(words); i++ {
		word := words[i]
		value := ""
		if i+1 < len(words) {
			value = words[i+1]
		}
		switch {
		case word == "-o":
			c.Argv = append(c.Argv, word, output)
			i++
		case word == "-importcfg":
			config, ok := files[value]
			if !ok {
				return c, fmt.Errorf("%s was not printed", value)
			}
			c.Config = config
			c.Argv = append(c.Argv, word, configFile)
			i++
		case word == "-trimpath":
			// It takes the work directory out of names; ours is never in any.
			if value != "$WORK/b001=>" {
				return c, fmt.Errorf("-trimpath %s", value)
			}
			i++
		case word == "-buildid":
			i++
		case strings.HasPrefix(word, "-buildid="):
		default:
			c.Argv = append(c.Argv, word)
		}
	}
	return c, nil
}

// split splits a command line as a shell does; of quotes it knows "…" and '…'.
func split(line string) (words []string, err error) {
	var word strings.Builder
	inWord, quote := false, rune(0)
	for _, r := range line {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote != 0:
			word.WriteRune(r)
		case r == '"' || r == '\'':
			quote, inWord = r, true
		case r == '\\' || r == '`':
			return nil, fmt.Errorf("a line that only a shell reads: %s", line)
		case r == ' ':
			if inWord {
				words = append(words, word.String())
				word.Reset()
				inWord = false
			}
		default:
			word.WriteRune(r)
			inWord = true
		}
	}
	if quote != 0 {
		return nil, fmt.Errorf("a quote without an end: %s", line)
	}
	if inWord {
		words = append(words, word.String())
	}
	return words, nil
}

// build builds a cell as recorded and tells whether it could, and if not,
// whether the record is of no use any more.
func (r recorded) build(c cell, output string) (built, useless bool) {
	object, config := output+".a", output+".cfg"
	defer func() {
		_ = os.Remove(object)
		_ = os.Remove(config)
	}()
	files := strings.NewReplacer(objectFile, object, configFile, config, outputFile, output)
	for i, step := range []command{r.Compile, r.Link} {
		text := files.Replace(strings.ReplaceAll(step.Config, r.Module, c.module))
		if os.WriteFile(config, []byte(text), 0o600) != nil {
			return false, false
		}
		argv := make([]string, len(step.Argv))
		for i, word := range step.Argv {
			argv[i] = files.Replace(word)
		}
		cmd := exec.Command(argv[0], argv[1:]...)
		// These processes are short; without collecting garbage they are shorter.
		cmd.Env = append(append(os.Environ(), step.Env...), "GOGC=off")
		if out, err := cmd.CombinedOutput(); err != nil || len(out) > 0 {
			_ = os.Remove(output)
			return false, i == 1 // what compiles must link
		}
	}
	return true, false
}
