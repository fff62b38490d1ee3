// Package document makes a web page of something shown.
package document

import (
	"fmt"
	"html"
)

// Page returns a page that shows HTML by itself: one file, which may load
// nothing from elsewhere and says so to the browser.
func Page(title, body string) []byte {
	return fmt.Appendf(nil, `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data: blob:; style-src 'unsafe-inline'; script-src 'unsafe-inline' 'unsafe-eval'">
<title>%s</title>
</head>
<body>
%s
</body>
</html>
`, html.EscapeString(title), body)
}
