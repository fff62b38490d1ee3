package stencil

// avx2 and avx512 tell whether the processor has these instructions and the system
// saves their registers (Intel 64 and IA-32 Architectures Software Developer's Manual,
// volume 1, §14.3 and §15.2). AVX-512 counts with the foundation, DQ and VL, and
// only together with VBMI2: processors before that slow down their clock for it.
var avx2, avx512 = func() (avx2, avx512 bool) {
	const osxsave, avx = 1 << 27, 1 << 28
	const vector, foundation, dq, vl = 1 << 5, 1 << 16, 1 << 17, 1 << 31
	const vbmi2 = 1 << 6
	const ymm, zmm = 1<<1 | 1<<2, 1<<5 | 1<<6 | 1<<7
	has := func(bits, all uint32) bool { return bits&all == all }
	if leaves, _, _, _ := cpuid(0, 0); leaves < 7 {
		return false, false
	}
	if _, _, c, _ := cpuid(1, 0); !has(c, osxsave|avx) {
		return false, false
	}
	saved := xgetbv()
	_, b, c, _ := cpuid(7, 0)
	avx2 = has(saved, ymm) && has(b, vector)
	avx512 = avx2 && has(saved, zmm) && has(b, foundation|dq|vl) && has(c, vbmi2)
	return avx2, avx512
}()
