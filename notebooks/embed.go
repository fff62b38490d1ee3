// Package notebooks holds the tutorials, for the command line to copy out.
package notebooks

import "embed"

// FS has the tutorials as NAME.ipynb.
//
//go:embed *.ipynb
var FS embed.FS
