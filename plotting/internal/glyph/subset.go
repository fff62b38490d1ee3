//go:build ignore

// Subset writes symbols.txt, the outlines of the signs of physics that
// Liberation Sans lacks, from a font file:
//
//	go run subset.go DejaVuSans.ttf
//
// Each line is a sign, its advance in units of 1/1000 em and its outline: M, L,
// Q, C and Z as in SVG, y upward, in the same units.
package main

import (
	"fmt"
	"log"
	"os"
	"strings"

	"golang.org/x/image/font"
	"golang.org/x/image/font/sfnt"
	"golang.org/x/image/math/fixed"
)

const signs = "∇∝∈⟨⟩ℋℒℛℱℏℝℤℂ⊗⊕⊥∥∼≃≅≪≫∓⇄∘∧∨∪∀∃∅∮⋅⋯⌊⌋∣✓✗"

func main() {
	data, err := os.ReadFile(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	f, err := sfnt.Parse(data)
	if err != nil {
		log.Fatal(err)
	}
	var buf sfnt.Buffer
	var out strings.Builder
	em := fixed.I(1000)
	for _, r := range signs {
		g, err := f.GlyphIndex(&buf, r)
		if err != nil || g == 0 {
			log.Fatalf("no %q: %v", r, err)
		}
		advance, err := f.GlyphAdvance(&buf, g, em, font.HintingNone)
		if err != nil {
			log.Fatal(err)
		}
		fmt.Fprintf(&out, "%c %d ", r, advance.Round())
		segments, err := f.LoadGlyph(&buf, g, em, nil)
		if err != nil {
			log.Fatal(err)
		}
		for i, s := range segments {
			points := map[sfnt.SegmentOp]int{sfnt.SegmentOpMoveTo: 1, sfnt.SegmentOpLineTo: 1, sfnt.SegmentOpQuadTo: 2, sfnt.SegmentOpCubeTo: 3}[s.Op]
			if s.Op == sfnt.SegmentOpMoveTo && i > 0 {
				out.WriteString("Z")
			}
			out.WriteByte("MLQC"[s.Op])
			for k, p := range s.Args[:points] {
				if k > 0 {
					out.WriteByte(' ')
				}
				fmt.Fprintf(&out, "%d %d", p.X.Round(), -p.Y.Round())
			}
		}
		out.WriteString("Z\n")
	}
	if err := os.WriteFile("symbols.txt", []byte(out.String()), 0o644); err != nil {
		log.Fatal(err)
	}
}
