package document

import (
	"strings"
	"testing"
)

func TestPage(t *testing.T) {
	page := string(Page("a < b", "<p>here</p>"))
	for _, want := range []string{"<!DOCTYPE html>\n", "<title>a &lt; b</title>", "<body>\n<p>here</p>\n</body>", `charset="utf-8"`, "default-src 'none'"} {
		if strings.Count(page, want) != 1 {
			t.Errorf("%d times %q in %q", strings.Count(page, want), want, page)
		}
	}
}
