package stencil

// assemblies returns the kernels that are to be used for a kind of numbers, those with
// fewer lanes first.
func assemblies[T Number]() []*kernels[T] {
	all, ok := any(float64Kernels).([]*kernels[T])
	if !ok {
		all = any(float32Kernels).([]*kernels[T])
	}
	return usable(all)
}

// usable returns those of some sets of kernels that are to be used here, the first being
// of 256 bits and the others of 512.
func usable[K any](sets []K) []K {
	switch {
	case Wide():
		return sets
	case Assembly():
		return sets[:1]
	}
	return nil
}

var (
	float64Kernels = []*kernels[float64]{&avx2Float64, &avx512Float64}
	float32Kernels = []*kernels[float32]{&avx2Float32, &avx512Float32}
)

var avx2Float64 = kernels[float64]{
	lanes:          4,
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
	lanes:          8,
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

var avx512Float64 = kernels[float64]{
	lanes:          8,
	drift:          driftAVX512,
	damp:           dampAVX512,
	kick1:          kick1AVX512,
	kick2:          kick2AVX512,
	kick3:          kick3AVX512,
	kick1Phi4:      kick1Phi4AVX512,
	kick2Phi4:      kick2Phi4AVX512,
	kick3Phi4:      kick3Phi4AVX512,
	kickFar1:       kickFar1AVX512,
	kickFar2:       kickFar2AVX512,
	kickFar3:       kickFar3AVX512,
	kickFar1Phi4:   kickFar1Phi4AVX512,
	kickFar2Phi4:   kickFar2Phi4AVX512,
	kickFar3Phi4:   kickFar3Phi4AVX512,
	chain:          chainAVX512,
	driftKick2:     driftKick2AVX512,
	driftKick3:     driftKick3AVX512,
	driftKick2Phi4: driftKick2Phi4AVX512,
	driftKick3Phi4: driftKick3Phi4AVX512,
	driftKickPair:  driftKickPairAVX512,

	driftKickPairPhi4: driftKickPairPhi4AVX512,
}

var avx512Float32 = kernels[float32]{
	lanes:          16,
	drift:          driftFloat32AVX512,
	damp:           dampFloat32AVX512,
	kick1:          kick1Float32AVX512,
	kick2:          kick2Float32AVX512,
	kick3:          kick3Float32AVX512,
	kick1Phi4:      kick1Phi4Float32AVX512,
	kick2Phi4:      kick2Phi4Float32AVX512,
	kick3Phi4:      kick3Phi4Float32AVX512,
	kickFar1:       kickFar1Float32AVX512,
	kickFar2:       kickFar2Float32AVX512,
	kickFar3:       kickFar3Float32AVX512,
	kickFar1Phi4:   kickFar1Phi4Float32AVX512,
	kickFar2Phi4:   kickFar2Phi4Float32AVX512,
	kickFar3Phi4:   kickFar3Phi4Float32AVX512,
	chain:          chainFloat32AVX2, // goes by 8 elements
	driftKick2:     driftKick2Float32AVX512,
	driftKick3:     driftKick3Float32AVX512,
	driftKick2Phi4: driftKick2Phi4Float32AVX512,
	driftKick3Phi4: driftKick3Phi4Float32AVX512,
	driftKickPair:  driftKickPairFloat32AVX512,

	driftKickPairPhi4: driftKickPairPhi4Float32AVX512,
}
