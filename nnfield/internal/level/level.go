// Package level tells for which instruction set level of its architecture a program was
// built, as far as that decides how numbers are rounded.
//
// From GOAMD64=v3 on the compiler may round a·b + c once. Our own code forbids it
// wherever a number is stored; that of a library does not.
package level

import "runtime"

// Arch names the architecture and, where it rounds in another way than the lowest
// one, the level: "amd64", "amd64.v3", "arm64".
func Arch() string { return runtime.GOARCH + suffix }
