// What the machine can do at most: lines of
//
//	flops  THREADS 0 GFLOPS        fused multiply-adds of vectors in registers, two operations each
//	update THREADS BYTES GBPS      p += c q, q −= c p in place: both arrays read and written
//	read   THREADS BYTES GBPS      the sum of an array
//
// BYTES being those of all threads together. Each is the best of several runs of some milliseconds.
#include <omp.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#ifdef __AVX512F__
typedef double vector __attribute__((vector_size(64), may_alias));
#else
typedef double vector __attribute__((vector_size(32), may_alias));
#endif
enum { lanes = sizeof(vector) / sizeof(double), chains = 12 };

static double now(void) {
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + 1e-9 * t.tv_nsec;
}

static double sink;

static void flops(long n) {
	vector x[chains], a, b;
	for (int l = 0; l < lanes; l++) a[l] = 0.999, b[l] = 0.001 * l;
	for (int k = 0; k < chains; k++) x[k] = a + k;
	for (long i = 0; i < n; i++)
		for (int k = 0; k < chains; k++) x[k] = x[k] * a + b;
	for (int k = 0; k < chains; k++) sink += x[k][0];
}

static void update(double *restrict p, double *restrict q, long n, double c) {
	for (long i = 0; i < n; i++) {
		p[i] += c * q[i];
		q[i] -= c * p[i];
	}
}

// read has as many sums as hide that each of them waits for its last addition. n is a multiple of a block.
enum { block = 8 };
static double read(const double *p, long n) {
	vector s[block] = {0}, *v = (vector *)p;
	for (long i = 0; i < n / lanes; i += block)
		for (int k = 0; k < block; k++) s[k] += v[i + k];
	for (int k = 1; k < block; k++) s[0] += s[k];
	return s[0][0];
}

// The number of threads, and how often CALL is repeated in a sample: found with one thread.
static int threads;
static long repeat;

// SAMPLES runs CALL in all threads a few times and is the time of the fastest.
#define SAMPLES(count, CALL) ({ \
	double fastest = 1e9; \
	for (int sample = 0; sample < count; sample++) { \
		double begin = now(); \
		_Pragma("omp parallel num_threads(threads)") \
		for (long r = 0; r < repeat; r++) { CALL; __asm__ volatile("" ::: "memory"); } \
		double t = now() - begin; \
		if (t < fastest) fastest = t; \
	} \
	fastest; \
})

// LIMIT prints units a second of CALL with one thread and with all.
#define LIMIT(name, bytesAThread, unitsAThread, CALL) do { \
	threads = 1; \
	for (repeat = 1; SAMPLES(5, CALL) < 3e-3; repeat *= 2) {} \
	for (;; threads = most) { \
		printf("%s %d %ld %.3f\n", name, threads, (long)(bytesAThread) * threads, 1e-9 * (unitsAThread) * repeat * threads / SAMPLES(9, CALL)); \
		if (threads == most) break; \
	} \
	fflush(stdout); \
} while (0)

int main(int argc, char **argv) {
	const int most = argc > 1 ? atoi(argv[1]) : omp_get_max_threads();
	const long size[] = {24 << 10, 512 << 10, 4 << 20, 32 << 20, 48 << 20, 96 << 20, 256 << 20}; // bytes a thread
	double **p = malloc(most * sizeof *p), **q = malloc(most * sizeof *q);
	#pragma omp parallel num_threads(most)
	{
		int i = omp_get_thread_num();
		long n = size[6] / 16;
		p[i] = aligned_alloc(1 << 21, size[6] / 2);
		q[i] = (double *)((char *)aligned_alloc(1 << 21, size[6] / 2 + (1 << 21)) + 2048 + 64);
		for (long j = 0; j < n; j++) p[i][j] = 1, q[i][j] = 1;
	}
	LIMIT("flops", 0, 2000.0 * chains * lanes * 2, flops(2000));
	for (int s = 0; s < 7; s++) {
		const long n = size[s] / 16;
		LIMIT("update", size[s], 32.0 * n, int i = omp_get_thread_num(); update(p[i], q[i], n, 1e-9));
		LIMIT("read", size[s], 16.0 * n, int i = omp_get_thread_num(); double v = read(p[i], n) + read(q[i], n); __asm__ volatile("" :: "x"(v)));
	}
}
