package level_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
)

// rounded are the packages whose numbers may be rounded once or twice: none is stored
// with a run.
var rounded = map[string]string{
	"reference": "independent solutions, which judge within tolerances",
	"verify":    "judges",
	"bench":     "measures how fast, and compares within tolerances",
}

// asked are the functions that ask for a fused operation by name: its result is the same
// for every build.
var asked = map[string]bool{
	"internal/elementary.Pow": true, "internal/elementary.logSum": true,
}

var (
	fused = regexp.MustCompile(`\sVFN?M(ADD|SUB)[0-9]+[SP][SD]\s`)
	from  = regexp.MustCompile(`^(\S+) STEXT`)
)

// For GOAMD64=v3 the compiler makes one rounding of a·b + c wherever nothing forbids it, and
// the same Spec would have other bits under the same key. Nothing of ours that is stored
// with a run leaves it the choice: every product is rounded by float64(a*b).
func TestNothingIsFused(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("levels are those of amd64")
	}
	// go test repeats a result for as long as the files that a test looked at are the same.
	_ = filepath.WalkDir(filepath.Join("..", ".."), func(path string, d fs.DirEntry, err error) error {
		if err == nil && filepath.Ext(path) == ".go" {
			_, err = os.Stat(path)
		}
		return err
	})
	const module = "github.com/nnfield/nnfield/"
	c := exec.Command("go", "build", "-gcflags="+module+"nnfield/...=-S", "-o", filepath.Join(t.TempDir(), "out")+string(filepath.Separator), "./nnfield/...")
	c.Dir = filepath.Join("..", "..", "..")
	c.Env = append(c.Environ(), "GOAMD64=v3", "GOARCH=amd64", "GOFLAGS=")
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %.2000s", err, out)
	}
	function, functions, found := "", 0, map[string]string{}
	for line := range strings.SplitSeq(string(out), "\n") {
		if m := from.FindStringSubmatch(line); m != nil {
			function = strings.TrimPrefix(m[1], module+"nnfield/")
			if strings.HasPrefix(function, "main.") { // of the one command
				function = "bench." + function
			}
			functions++
		} else if fused.MatchString(line) {
			found[function] = strings.TrimSpace(line)
		}
	}
	if functions < 2000 {
		t.Fatalf("the listing has %d functions only", functions)
	}
	seen := 0
	for f, line := range found {
		name, _, _ := strings.Cut(f, "/")
		name, _, _ = strings.Cut(name, ".")
		switch {
		case rounded[name] != "":
		case asked[f]:
			seen++
		default:
			t.Errorf("%s rounds a·b + c once where GOAMD64=v3: write float64(a*b)\n%s", f, line)
		}
	}
	if seen != len(asked) {
		t.Errorf("of the functions that ask for it by name %d of %d fuse: the test sees nothing, or its list is old (%v)", seen, len(asked), found)
	}
}
