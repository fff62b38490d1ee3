package page

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A text is read by whoever opens the page, before anything is run: nothing in it runs,
// leaves the page, or sends something away.
func TestTextsAreClean(t *testing.T) {
	for source, kept := range map[string]string{
		"<script>alert(1)</script>":                                               "",
		"a <script>alert(1)</script> b":                                           "a ",
		"<img src=x onerror=alert(1)>":                                            "",
		"<b onclick=\"alert(1)\">bold</b>":                                        "<b>bold</b>",
		"[x](javascript:alert(1))":                                                ">x</a>",
		"[x](<  JAVASCRIPT:alert(1)>)":                                            ">x</a>",
		"<https://example.org/a?b=1&c=2>":                                         `<a href="https://example.org/a?b=1&amp;c=2">`,
		"<me@example.org>":                                                        `<a href="mailto:me@example.org">`,
		"<javascript:alert(1)>":                                                   "",
		"![x](javascript:alert(1))":                                               "<img",
		"<a href=\"javascript:alert(1)\">link</a>":                                "link",
		"<meta http-equiv=\"refresh\" content=\"0;url=//x.invalid\">":             "",
		"<base href=\"//x.invalid/\">":                                            "",
		"<form action=\"//x.invalid\"><input name=a><button>go</button></form>":   "",
		"<iframe src=\"//x.invalid\"></iframe>":                                   "",
		"<object data=\"//x.invalid\"></object>":                                  "",
		"<svg onload=alert(1)></svg>":                                             "",
		"<style>*{display:none}</style>":                                          "",
		"<link rel=stylesheet href=//x.invalid>":                                  "",
		"<div style=\"background:url(//x.invalid)\">text</div>":                   "text",
		"<details open><summary>more</summary>\n\ntext *here*\n\n</details>":      "<details open=\"\"><summary>more</summary>",
		"<center><img width=\"300\" src=\"data:image/png;base64,aGk=\"></center>": "data:image/png;base64,aGk=",
		"H<sub>2</sub>O":                                                          "H<sub>2</sub>O",
		"<span style=\"color:red\">r</span>":                                      "color: red",
	} {
		got, _, err := markdown(source, images{})
		if err != nil {
			t.Fatal(err)
		}
		for _, bad := range []string{"<script", "onerror", "onclick", "onload", `="javascript:`, `="JAVASCRIPT:`, "http-equiv", "<base", "<form", "<input", "<iframe", "<object", "<svg", "<style", "<link", "url("} {
			if strings.Contains(string(got), bad) {
				t.Errorf("%q keeps %q:\n%s", source, bad, got)
			}
		}
		if !strings.Contains(string(got), kept) {
			t.Errorf("%q lost %q:\n%s", source, kept, got)
		}
	}
}

// An image is a file of the notebook's directory, and nothing that leads out of it.
func TestImagesStayInside(t *testing.T) {
	dir := t.TempDir()
	inside := filepath.Join(dir, "inside")
	if err := os.Mkdir(inside, 0o755); err != nil {
		t.Fatal(err)
	}
	secret := filepath.Join(dir, "secret.png")
	if err := os.WriteFile(secret, []byte("hi"), 0o644); err != nil {
		t.Fatal(err)
	}
	for name, target := range map[string]string{"link.png": secret, "relative.png": "../secret.png", "up.png": ".."} {
		if err := os.Symlink(target, filepath.Join(inside, name)); err != nil {
			t.Skip(err) // not every file system, and not every user of Windows, has links
		}
		if uri, ok := (images{inside, nil}).data(name); ok {
			t.Errorf("%s is read: %s", name, uri)
		}
	}
	if err := os.WriteFile(filepath.Join(inside, "mine.png"), []byte("hi"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("mine.png", filepath.Join(inside, "alias.png")); err != nil {
		t.Fatal(err)
	}
	if _, ok := (images{inside, nil}).data("alias.png"); !ok {
		t.Error("a link within the directory is not followed")
	}
}
