package stencil

// assembly returns the kernels for a kind of numbers.
func assembly[T Number]() *kernels[T] {
	if k, ok := any(&avx2Float64).(*kernels[T]); ok {
		return k
	}
	return any(&avx2Float32).(*kernels[T])
}

var avx2Float64 = kernels[float64]{
	drift:          driftAVX2,
	damp:           dampAVX2,
	kick1:          kick1AVX2,
	kick2:          kick2AVX2,
	kick3:          kick3AVX2,
	kick1Phi4:      kick1Phi4AVX2,
	kick2Phi4:      kick2Phi4AVX2,
	kick3Phi4:      kick3Phi4AVX2,
	kickFar1:       kickFar1AVX2,
	kickFar2:       kickFar2AVX2,
	kickFar3:       kickFar3AVX2,
	kickFar1Phi4:   kickFar1Phi4AVX2,
	kickFar2Phi4:   kickFar2Phi4AVX2,
	kickFar3Phi4:   kickFar3Phi4AVX2,
	chain:          chainAVX2,
	driftKick2:     driftKick2AVX2,
	driftKick3:     driftKick3AVX2,
	driftKick2Phi4: driftKick2Phi4AVX2,
	driftKick3Phi4: driftKick3Phi4AVX2,
	driftKickPair:  driftKickPairAVX2,
}

var avx2Float32 = kernels[float32]{
	drift:          driftFloat32AVX2,
	damp:           dampFloat32AVX2,
	kick1:          kick1Float32AVX2,
	kick2:          kick2Float32AVX2,
	kick3:          kick3Float32AVX2,
	kick1Phi4:      kick1Phi4Float32AVX2,
	kick2Phi4:      kick2Phi4Float32AVX2,
	kick3Phi4:      kick3Phi4Float32AVX2,
	kickFar1:       kickFar1Float32AVX2,
	kickFar2:       kickFar2Float32AVX2,
	kickFar3:       kickFar3Float32AVX2,
	kickFar1Phi4:   kickFar1Phi4Float32AVX2,
	kickFar2Phi4:   kickFar2Phi4Float32AVX2,
	kickFar3Phi4:   kickFar3Phi4Float32AVX2,
	chain:          chainFloat32AVX2,
	driftKick2:     driftKick2Float32AVX2,
	driftKick3:     driftKick3Float32AVX2,
	driftKick2Phi4: driftKick2Phi4Float32AVX2,
	driftKick3Phi4: driftKick3Phi4Float32AVX2,
	driftKickPair:  driftKickPairFloat32AVX2,
}
