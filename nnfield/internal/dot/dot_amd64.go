package dot

import "github.com/nnfield/nnfield/nnfield/internal/stencil"

// accelerated says that the kernels run here. NNFIELD_KERNEL=go leaves all to Go.
var accelerated = stencil.Assembly()
