package stencil

// avx2 tells whether the processor has AVX2 and the system saves its registers
// (Intel 64 and IA-32 Architectures Software Developer's Manual, volume 1, §14.3).
var avx2 = func() bool {
	const osxsave, avx, avx2 = 1 << 27, 1 << 28, 1 << 5
	const sse, ymm = 1 << 1, 1 << 2
	if leaves, _, _, _ := cpuid(0, 0); leaves < 7 {
		return false
	}
	if _, _, c, _ := cpuid(1, 0); c&osxsave == 0 || c&avx == 0 {
		return false
	}
	if s := xgetbv(); s&sse == 0 || s&ymm == 0 {
		return false
	}
	_, b, _, _ := cpuid(7, 0)
	return b&avx2 != 0
}()
