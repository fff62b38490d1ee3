// Package say writes numbers in messages as they are said.
package say

import (
	"fmt"
	"math"
)

// Number returns a number in words where it is none: "not a number", "infinite".
func Number(x float64) string {
	switch {
	case math.IsNaN(x):
		return "not a number"
	case math.IsInf(x, 0):
		return "infinite"
	}
	return fmt.Sprint(x)
}
