//go:build linux || darwin

package fastgo

import (
	"bytes"
	"debug/buildinfo"
	"debug/elf"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestMain lets the test binary be the fast go command.
func TestMain(m *testing.M) {
	if os.Getenv("NNFIELD_TEST_FAST_GO") != "" {
		os.Exit(Main(os.Args[1:]))
	}
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "fastgo")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		script = filepath.Join(dir, "go")
		if err := os.WriteFile(script, []byte(realGo), 0o755); err != nil {
			panic(err)
		}
		return m.Run()
	}())
}

// The real go command of the tests notes how it was called, and does nothing
// else if it is to be idle. All tests have the same: a program that is written
// while another goroutine starts one may be busy.
const realGo = `#!/bin/sh
echo "$*" >> "$GONB_CALLS"
if [ -n "$GONB_IDLE" ]; then echo "real $*"; exit 7; fi
exec "$GONB_REAL" "$@"
`

var script string

// place is a directory like GoNB's, in a workspace with a module of a user, and
// a real go command that tells when it was called.
type place struct {
	t                  *testing.T
	dir, lib, calls, x string
	env                []string
}

func newPlace(t *testing.T) *place {
	t.Helper()
	out, err := exec.Command("go", "env", "GOROOT", "GOCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	goroot, gocache, _ := strings.Cut(strings.TrimSpace(string(out)), "\n")
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	p := &place{t: t, dir: filepath.Join(root, "tmp", "gonb_0123abcd"), lib: filepath.Join(root, "lib"), calls: filepath.Join(root, "calls")}
	p.x = filepath.Join(p.dir, "gonb_0123abcd")
	version, err := os.ReadFile(filepath.Join(goroot, "VERSION"))
	if err != nil {
		t.Fatal(err)
	}
	for path, text := range map[string]string{
		filepath.Join(root, "goroot", "VERSION"): string(version),
		filepath.Join(p.lib, "go.mod"):           "module example.org/lib\n\ngo 1.26\n",
		filepath.Join(p.lib, "lib.go"):           "package lib\n\nimport _ \"embed\"\n\n//go:embed data/word.txt\nvar Word string\n\nfunc Number() int { return 1 }\n",
		filepath.Join(p.lib, "data", "word.txt"): "word",
		filepath.Join(p.dir, "go.mod"):           "module gonb_0123abcd\n\ngo 1.26\n",
		filepath.Join(p.dir, "go.work"):          "go 1.26\n\nuse (\n\t.\n\t" + p.lib + "\n)\n",
	} {
		p.write(path, text)
	}
	bin := filepath.Join(root, "goroot", "bin")
	if err := errors.Join(os.Mkdir(bin, 0o755), os.Symlink(script, filepath.Join(bin, "go"))); err != nil {
		t.Fatal(err)
	}
	p.env = []string{"NNFIELD_TEST_FAST_GO=yes", realVariable + "=" + filepath.Join(bin, "go"),
		"PATH=/usr/bin:/bin", "HOME=" + root, "XDG_CONFIG_HOME=/nonexistent", "XDG_CACHE_HOME=" + filepath.Join(root, "cache"), "TMPDIR=" + filepath.Join(root, "tmp"),
		"GOENV=off", "GOCACHE=" + gocache, "GOTOOLCHAIN=local", "CGO_ENABLED=0", "GOFLAGS=-ldflags=-w -tags=minimal", "GOPROXY=off", "GONB_CALLS=" + p.calls, "GONB_REAL=" + filepath.Join(goroot, "bin", "go")}
	p.old()
	return p
}

// write writes a file, which then is as new as it is.
func (p *place) write(path, text string) {
	p.t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(text), 0o644)); err != nil {
		p.t.Fatal(err)
	}
}

// old makes the library's files an hour old, as sources mostly are.
func (p *place) old() {
	then := time.Now().Add(-time.Hour)
	err := filepath.Walk(p.lib, func(path string, _ os.FileInfo, err error) error {
		return errors.Join(err, os.Chtimes(path, then, then))
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

// result is what a program printed and how it ended.
type result struct {
	out, err string
	status   int
}

func start(t *testing.T, cmd *exec.Cmd) (r result) {
	t.Helper()
	var out, err bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &err
	failure := cmd.Run()
	var exit *exec.ExitError
	if failure != nil && !errors.As(failure, &exit) {
		t.Fatal(failure)
	}
	return result{out.String(), err.String(), cmd.ProcessState.ExitCode()}
}

// run runs the fast go command and tells how often it called the real one.
func (p *place) run(args ...string) (r result, called int) {
	p.t.Helper()
	_ = os.Remove(p.calls)
	cmd := exec.Command(os.Args[0], args...)
	cmd.Dir, cmd.Env = p.dir, p.env
	r = start(p.t, cmd)
	calls, _ := os.ReadFile(p.calls)
	return r, bytes.Count(calls, []byte("\n"))
}

// build builds main.go and fails if that fails.
func (p *place) build(source string) (called int) {
	p.t.Helper()
	p.write(filepath.Join(p.dir, "main.go"), source)
	r, called := p.run("build", "-o", p.x)
	if r != (result{}) {
		p.t.Fatalf("build: %+v", r)
	}
	return called
}

// program runs what was built.
func (p *place) program() result { return start(p.t, exec.Command(p.x)) }

func (p *place) with(kv ...string) *place {
	q := *p
	q.env = append(slices.Clone(p.env), kv...)
	return &q
}

func (p *place) stock() *place { return p.with(switchVariable + "=off") }

// records returns the paths of the records.
func (p *place) records() []string {
	list, err := filepath.Glob(filepath.Join(filepath.Dir(p.lib), "*", "nnfield", "builds", "*.json"))
	if err != nil {
		p.t.Fatal(err)
	}
	return list
}

const hello = "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(\"hello\") }\n"

var programs = map[string]struct{ recorded, built string }{
	"print": {hello, strings.Replace(hello, "hello", "world", 1)},
	"panic": {
		"package main\n\nimport (\n\t\"fmt\"\n\t\"os\"\n)\n\nfunc main() { fmt.Println(len(os.Args)) }\n",
		"package main\n\nimport (\n\t\"os\"\n\t\"fmt\"\n)\n\nfunc deep(x []int) int { return x[3] }\n\nfunc main() {\n\tfmt.Println(1)\n\tfmt.Println(deep(make([]int, len(os.Args))))\n}\n"},
	"status":     {"package main\n\nimport \"os\"\n\nfunc main() { os.Exit(2) }\n", "package main\n\nimport \"os\"\n\nfunc main() { println(\"x\"); os.Exit(3) }\n"},
	"no imports": {"package main\n\nfunc main() {}\n", "package main\n\nfunc main() { println(5) }\n"},
	"library and build information": {
		"package main\n\nimport (\n\t\"example.org/lib\"\n\t\"fmt\"\n\t\"runtime/debug\"\n)\n\nfunc main() { fmt.Println(lib.Word, debug.ReadBuildInfo) }\n",
		"package main\n\nimport (\n\t\"fmt\"\n\t\"runtime/debug\"\n\n\tl \"example.org/lib\"\n)\n\nfunc main() {\n\tinfo, ok := debug.ReadBuildInfo()\n\tfmt.Println(l.Word, l.Number(), info, ok)\n}\n"},
}

// What the fast go command builds is what the real one builds: the same code,
// the same description, and it does the same.
func TestSamePrograms(t *testing.T) {
	for name, c := range programs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			if p.build(c.recorded) == 0 || len(p.records()) != 1 {
				t.Fatal("the first build was not by the real go command, or is not recorded")
			}
			if called := p.build(c.built); called != 0 {
				t.Errorf("the real go command was called %d times", called)
			}
			if r, called := p.run("get"); r != (result{}) || called != 0 {
				t.Errorf("get: %+v, %d calls of the real go command", r, called)
			}
			fast, fastCode, fastInfo := p.program(), text(t, p.x), info(t, p.x)
			if err := os.Remove(p.x); err != nil {
				t.Fatal(err)
			}
			if p.stock().build(c.built) != 1 {
				t.Error("not built by the real go command")
			}
			if real := p.program(); fast != real {
				t.Errorf("it does\n%+v, not\n%+v", fast, real)
			}
			if !bytes.Equal(fastCode, text(t, p.x)) {
				t.Error("the code differs")
			}
			if real := info(t, p.x); fastInfo != real {
				t.Errorf("build information\n%s, not\n%s", fastInfo, real)
			}
			list, _ := os.ReadDir(p.dir)
			if len(list) != 4 {
				t.Errorf("left behind: %v", list)
			}
		})
	}
}

// text returns the machine code of a program.
func text(t *testing.T, path string) []byte {
	t.Helper()
	if runtime.GOOS != "linux" {
		return nil
	}
	f, err := elf.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	data, err := f.Section(".text").Data()
	if err != nil || len(data) == 0 {
		t.Fatal(err)
	}
	return data
}

func info(t *testing.T, path string) string {
	t.Helper()
	info, err := buildinfo.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.String()
}

// Another kernel has another module name and takes the record all the same.
func TestAnotherKernel(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.build(hello)
	p.write(filepath.Join(p.dir, "go.mod"), "module gonb_ffffffff\n\ngo 1.26\n")
	if p.build(hello) != 0 {
		t.Error("the record was not taken")
	}
	if got := info(t, p.x); !strings.Contains(got, "path\tgonb_ffffffff\n") || strings.Contains(got, "gonb_0123abcd") {
		t.Errorf("build information:\n%s", got)
	}
}

// Errors are the compiler's own, as the real go command tells them.
func TestErrors(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.build(hello)
	for _, body := range []string{
		"fmt.Println(\"a\" + 1)", "x := 1", "fmt.Println(", "undefined()", "fmt.Printn()", "for {", "return 1",
	} {
		p.write(filepath.Join(p.dir, "main.go"), "package main\n\nimport \"fmt\"\n\nfunc main() { "+body+" }\n")
		fast, _ := p.run("build", "-o", p.x)
		real, _ := p.stock().run("build", "-o", p.x)
		if fast != real || fast.status != 1 || !strings.Contains(fast.err, "main.go:") {
			t.Errorf("%s:\n%+v\n%+v", body, fast, real)
		}
	}
	// The same before there is a record, and for get.
	p.write(filepath.Join(p.dir, "main.go"), "package main\n\nimport \"example.org/nothing\"\n\nfunc main() { nothing.X() }\n")
	for _, args := range [][]string{{"get"}, {"build", "-o", p.x}} {
		fast, _ := p.run(args...)
		if real, _ := p.stock().run(args...); fast != real || fast.status != 1 {
			t.Errorf("%v:\n%+v\n%+v", args, fast, real)
		}
	}
	p.write(filepath.Join(p.dir, "main.go"), "package main\n\nimport \"os\"\n\nfunc main() { x := 1 }\n")
	fast, _ := p.run("build", "-o", p.x)
	if real, _ := p.stock().run("build", "-o", p.x); fast != real || fast.status != 1 {
		t.Errorf("unrecorded:\n%+v\n%+v", fast, real)
	}
}

const useLib = "package main\n\nimport (\n\t\"example.org/lib\"\n\t\"fmt\"\n)\n\nfunc main() { fmt.Print(lib.Word, \" \", lib.Number()) }\n"

// A change of anything that a program is built from is seen.
func TestChanges(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.build(useLib)
	lib := func(name string) string { return filepath.Join(p.lib, filepath.FromSlash(name)) }
	edit := func(name, text string) {
		p.write(lib(name), text)
		p.old() // but of another time than before, and not changed while it is built
	}
	for _, c := range []struct {
		name   string
		change func()
		want   string
	}{
		{"source", func() {
			edit("lib.go", strings.Replace(read(t, lib("lib.go")), "return 1", "return 7", 1))
		}, "word 7"},
		{"embedded file", func() { edit("data/word.txt", "deed") }, "deed 7"},
		{"new file", func() { edit("new.go", "package lib\n\nfunc init() { Word = \"new\" }\n") }, "new 7"},
		{"go.work", func() { p.write(filepath.Join(p.dir, "go.work"), "go 1.26\n\nuse .\nuse "+p.lib+"\n") }, "new 7"},
		{"go.mod", func() { p.write(filepath.Join(p.dir, "go.mod"), "module gonb_0123abcd\n\ngo 1.25\n") }, "new 7"},
		{"environment", func() { p.env = append(p.env, "GOFLAGS=-tags=other") }, "new 7"},
		{"Go", func() { p.write(filepath.Join(filepath.Dir(p.lib), "goroot", "VERSION"), "go1.99\n") }, "new 7"},
		{"a day", func() { p.age(25 * time.Hour) }, "new 7"},
		{"clock", func() { p.age(-time.Hour) }, "new 7"},
		{"cut record", func() { p.damage(func(data []byte) []byte { return data[:len(data)/2] }) }, "new 7"},
		{"cache cleared", func() { p.swap("packagefile fmt=/", "packagefile fmt=/gone/") }, "new 7"},
		{"no linker", func() { p.swap("/link\"", "/gone\"") }, "new 7"},
	} {
		c.change()
		// Never twice the same code: what is up to date is not built, and so not recorded.
		if p.build(useLib+"// 1 "+c.name+"\n") == 0 {
			t.Errorf("%s: the change was not seen", c.name)
		}
		if p.build(useLib+"// 2 "+c.name+"\n") != 0 {
			t.Errorf("%s: nothing was recorded after it", c.name)
		}
		if got := p.program(); got != (result{out: c.want}) {
			t.Errorf("%s: %+v, want %q", c.name, got, c.want)
		}
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// newest returns the newest record.
func (p *place) newest() string {
	return slices.MaxFunc(p.records(), func(a, b string) int {
		x, _ := os.Stat(a)
		y, _ := os.Stat(b)
		return x.ModTime().Compare(y.ModTime())
	})
}

func (p *place) swap(from, to string) {
	p.damage(func(data []byte) []byte { return bytes.ReplaceAll(data, []byte(from), []byte(to)) })
}

func (p *place) damage(how func([]byte) []byte) {
	p.t.Helper()
	path := p.newest()
	before := []byte(read(p.t, path))
	after := how(before)
	if bytes.Equal(before, after) {
		p.t.Fatal("the damage does nothing")
	}
	p.write(path, string(after))
}

func (p *place) age(age time.Duration) {
	p.damage(func(data []byte) []byte {
		var r recorded
		if err := json.Unmarshal(data, &r); err != nil {
			p.t.Fatal(err)
		}
		r.Made = r.Made.Add(-age)
		data, err := json.Marshal(r)
		if err != nil {
			p.t.Fatal(err)
		}
		return data
	})
}

// A package that changes while it is built is not recorded.
func TestChangedWhileBuilt(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	soon := time.Now().Add(time.Minute)
	if err := os.Chtimes(filepath.Join(p.lib, "lib.go"), soon, soon); err != nil {
		t.Fatal(err)
	}
	p.build(useLib)
	if list := p.records(); len(list) != 0 {
		t.Errorf("recorded: %q", list)
	}
}

// The real go command takes a program that carries the right build ID for up to
// date: ours must not carry the ID of the cell that was recorded.
func TestNotTakenForAnother(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.build(hello)
	if p.build(strings.Replace(hello, "hello", "world", 1)) != 0 {
		t.Fatal("not the fast go command")
	}
	p.stock().build(hello)
	if got := p.program().out; got != "hello\n" {
		t.Errorf("%q", got)
	}
}

// Whatever is not a plain cell goes to the real go command.
func TestDoubt(t *testing.T) {
	main := func(text string) func(p *place) {
		return func(p *place) { p.write(filepath.Join(p.dir, "main.go"), text) }
	}
	file := func(name, text string) func(p *place) {
		return func(p *place) { p.write(filepath.Join(p.dir, name), text) }
	}
	for name, c := range map[string]struct {
		change func(p *place)
		args   []string
	}{
		"switched off":       {func(p *place) { p.env = append(p.env, switchVariable+"=off") }, nil},
		"settings in a file": {func(p *place) { p.env = append(p.env, "GOENV=/nonexistent") }, nil},
		"directive":          {main(strings.Replace(hello, "func", "//go:noinline\nfunc", 1)), nil},
		"line":               {main(strings.Replace(hello, "func", "//line x.go:1\nfunc", 1)), nil},
		"C":                  {main(strings.Replace(hello, "import", "import \"C\"\nimport", 1)), nil},
		"package":            {main(strings.Replace(hello, "package main", "package other", 1)), nil},
		"second file":        {file("other.go", "package main\n"), nil},
		"assembly":           {file("x.s", ""), nil},
		"profile":            {file("default.pgo", ""), nil},
		"another module":     {file("go.mod", "module example.org/mine\n\ngo 1.26\n"), nil},
		"flag":               {nil, []string{"build", "-race", "-o", "x"}},
		"package named":      {nil, []string{"get", "example.org/lib"}},
		"version":            {nil, []string{"version"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			p.write(filepath.Join(p.dir, "main.go"), hello)
			p.env = append(p.env, "GONB_IDLE=yes")
			if c.change != nil {
				c.change(p)
			}
			args := c.args
			if args == nil {
				args = []string{"build", "-o", p.x}
			}
			if r, _ := p.run(args...); r.status != 7 || r.out != "real "+strings.Join(args, " ")+"\n" {
				t.Errorf("%+v", r)
			}
		})
	}
}

func TestFindReal(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	own, bin := filepath.Join(p.dir, "own"), filepath.Dir(strings.TrimPrefix(p.env[1], realVariable+"="))
	if err := errors.Join(os.Mkdir(own, 0o755), os.Symlink(os.Args[0], filepath.Join(own, "go"))); err != nil {
		t.Fatal(err)
	}
	q := p.with(realVariable+"=", "PATH="+own+":"+bin+":/usr/bin:/bin")
	if r, called := q.run("version"); called != 1 || !strings.HasPrefix(r.out, "go version") {
		t.Errorf("%+v, %d calls", r, called)
	}
	q = p.with(realVariable+"=", "PATH="+own)
	if r, _ := q.run("version"); r.status != 1 || !strings.Contains(r.err, "install Go 1.26") {
		t.Errorf("%+v", r)
	}
}

func TestSplit(t *testing.T) {
	for line, want := range map[string][]string{
		"a  b":                {"a", "b"},
		`X='a b' c "d=>" ""`:  {"X=a b", "c", "d=>", ""},
		`-ldflags="-X 'a b'"`: {"-ldflags=-X 'a b'"},
	} {
		if got, err := split(line); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q %v", line, got, err)
		}
	}
	for _, line := range []string{`a\ b`, `"a`, "`x`"} {
		if got, err := split(line); err == nil {
			t.Errorf("%s: %q", line, got)
		}
	}
}

// What the go command might print in another version is refused, not guessed at.
func TestParseRefuses(t *testing.T) {
	const good = "WORK=/tmp/go-build1\ncat >/tmp/go-build1/b001/importcfg << 'EOF' # internal\npackagefile fmt=/c/1-d\nEOF\n" +
		"/go/compile -o $WORK/b001/_pkg_.a -trimpath \"$WORK/b001=>\" -p main -buildid a/a -importcfg $WORK/b001/importcfg -pack ./main.go\n" +
		"cat >/tmp/go-build1/b001/importcfg.link << 'EOF' # internal\npackagefile gonb_1=/tmp/go-build1/b001/_pkg_.a\npackagefile fmt=/c/1-d\nEOF\n" +
		"GOROOT='/go' /go/link -o $WORK/b001/exe/a.out -importcfg $WORK/b001/importcfg.link -buildid=a/b -w $WORK/b001/_pkg_.a\n"
	c := cell{module: "gonb_1"}
	r, err := parse(good, c, nil)
	if err != nil || strings.Join(r.Compile.Argv, " ") != "/go/compile -o \x00object -p main -importcfg \x00config -pack ./main.go" ||
		strings.Join(r.Link.Argv, " ") != "/go/link -o \x00output -importcfg \x00config -w \x00object" || !slices.Equal(r.Link.Env, []string{"GOROOT=/go"}) {
		t.Fatalf("%q %v", r, err)
	}
	for _, change := range []string{
		"WORK=/tmp/go-build1\n>", "EOF\n>", "-p main>-p other", "-trimpath \"$WORK/b001=>\">-trimpath x", "-pack ./main.go>-pack ./main.go ./b.go",
		"-pack >-embedcfg $WORK/b001/embedcfg -pack ", "fmt=/c/1-d>fmt=/tmp/go-build1/b002/_pkg_.a", "/go/link >/go/else ", "-w $WORK>-w x $WORK/b002/_pkg_.a $WORK",
		"importcfg.link << >importcfg.other << ",
	} {
		from, to, _ := strings.Cut(change, ">")
		if strings.Contains(change, "=>") {
			from, to = "-trimpath \"$WORK/b001=>\"", "-trimpath x"
		}
		bad := strings.Replace(good, from, to, 1)
		if bad == good {
			t.Fatalf("%s changes nothing", change)
		}
		if _, err := parse(bad, c, nil); err == nil {
			t.Errorf("%s: accepted", change)
		}
	}
}
