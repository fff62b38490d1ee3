// Package deps keeps requirements in go.mod until their first real user lands.
package deps

import (
	_ "github.com/go-zeromq/zmq4"
	_ "github.com/sbinet/npyio"
	_ "github.com/spf13/cobra"
	_ "golang.org/x/image/font/opentype"
	_ "golang.org/x/image/vector"
	_ "gonum.org/v1/gonum/dsp/fourier"
	_ "gonum.org/v1/gonum/mat"
	_ "gonum.org/v1/plot"
	_ "gonum.org/v1/plot/vg/vgimg"
	_ "gonum.org/v1/plot/vg/vgsvg"
	_ "pgregory.net/rapid"
)
