package echarts

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"testing"
)

// The scripts are the published ones, to the byte.
func TestScriptsAreTheReleases(t *testing.T) {
	want := map[string]string{
		"echarts.min.js":    "bf4a223524e40b77c304bec67e1222cf551f14880cf42c69dc046558e11c07b1",
		"echarts-gl.min.js": "d6d60f2165ce3eb1ea360ef62e8490835e0ae2c1e0c1788a772fff918e350842",
	}
	all, err := Scripts()
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != len(want) {
		t.Fatalf("%d scripts, want %d", len(all), len(want))
	}
	for _, s := range all {
		sum := sha256.Sum256(s.Data)
		if got := hex.EncodeToString(sum[:]); got != want[s.File] {
			t.Errorf("%s has SHA-256 %s, want %s", s.File, got, want[s.File])
		}
	}
}

func TestInline(t *testing.T) {
	plain := []byte("<html><body>no chart</body></html>")
	if got := Inline(plain); !bytes.Equal(got, plain) {
		t.Errorf("a page without charts became %d bytes", len(got))
	}
	count := func(page []byte, name string) int { return bytes.Count(page, []byte(`id="`+id(name)+`"`)) }

	flat := []byte("<html><body><div " + Needs(Core) + "></div><div " + Needs(Core) + "></div></body></html>")
	before := bytes.Clone(flat)
	page := Inline(flat)
	if !bytes.Equal(flat, before) {
		t.Error("Inline changed its argument")
	}
	if count(page, Core) != 1 || count(page, GL) != 0 {
		t.Errorf("two flat charts: %d copies of %s and %d of %s, want 1 and 0", count(page, Core), Core, count(page, GL), GL)
	}
	if !bytes.HasSuffix(page, []byte("</script>\n</body></html>")) {
		t.Error("the script is not at the end of the body")
	}
	if again := Inline(page); !bytes.Equal(again, page) {
		t.Error("inlining twice is not inlining once")
	}

	page = Inline([]byte("<div " + Needs(GL) + "></div>"))
	if count(page, Core) != 1 || count(page, GL) != 1 {
		t.Errorf("a surface: %d copies of %s and %d of %s, want 1 and 1", count(page, Core), Core, count(page, GL), GL)
	}
}
