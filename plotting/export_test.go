package plotting

// For tests of the figures of package gallery, which imports this one.
var (
	KeepDistance = keepDistance
	SVGLikePNG   = svgLikePNG
)
