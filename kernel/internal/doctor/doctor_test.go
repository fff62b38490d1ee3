package doctor

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func examine(t *testing.T) (map[string]Line, bool) {
	t.Helper()
	lines := map[string]Line{}
	healthy := Examine(t.Context(), func(l Line) { lines[l.Name] = l })
	if len(lines) != len(links) {
		t.Errorf("%d lines for %d links", len(lines), len(links))
	}
	return lines, healthy
}

// Without an installation that is the one thing that is broken. What each other
// link looks like when it breaks is tested on a real installation, in package e2e.
func TestNothingInstalled(t *testing.T) {
	t.Setenv("JUPYTER_DATA_DIR", t.TempDir())
	t.Setenv("JUPYTER_PATH", "")
	t.Chdir(t.TempDir())
	lines, healthy := examine(t)
	for name, l := range lines {
		want := Skipped
		switch name {
		case Kernelspec:
			want = Broken
		case Store, Space:
			want = OK
		}
		if l.State != want {
			t.Errorf("%s: %+v, want %s", name, l, want)
		}
	}
	if healthy || !strings.Contains(lines[Kernelspec].Detail, "run nnfield install") {
		t.Errorf("%+v", lines[Kernelspec])
	}
	if list, _ := os.ReadDir("."); len(list) != 0 {
		t.Errorf("left behind: %v", list)
	}
}

func TestSpace(t *testing.T) {
	defer func() { free = freeSpace }()
	left := uint64(0)
	var failure error
	free = func(string) (uint64, error) { return left, failure }
	for _, c := range []struct {
		left    uint64
		failure error
		want    string
	}{
		{needed, nil, ""},
		{needed - 1, nil, "go clean -cache"},
		{needed, errors.New("no such disk"), "no such disk"},
	} {
		left, failure = c.left, c.failure
		_, err := space(context.Background(), nil)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	if dir := t.TempDir(); existing(filepath.Join(dir, "a", "b")) != dir {
		t.Error(existing(filepath.Join(dir, "a", "b")))
	}
}

func TestDataDirs(t *testing.T) {
	dirs, err := dataDirs([]byte(`{"data": ["/a", "/b"], "config": []}`))
	if err != nil || strings.Join(dirs, ",") != "/a,/b" {
		t.Errorf("%q %v", dirs, err)
	}
	for _, bad := range []string{"", "[]", "{}", `{"data": []}`} {
		if dirs, err := dataDirs([]byte(bad)); err == nil {
			t.Errorf("%s: %q", bad, dirs)
		}
	}
}
