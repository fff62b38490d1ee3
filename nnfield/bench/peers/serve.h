// The conversation that every program of the benchmark holds on its standard input and output:
//
//	(start)  -> ready
//	steps n  -> seconds that n steps took
//	sum      -> four sums over the state as it is now
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>

typedef double *restrict array;
typedef const double *restrict constant;

// advance does n steps, sums sets the four sums; both are the program's own.
static void advance(long n);
static void sums(double s[4]);

// reserve returns n zeros on huge pages where the system has them. Arrays that
// are swept together get different offsets, so that they do not share cache sets.
static double *reserve(long n, long offset) {
	const size_t huge = 2 << 20, bytes = n * sizeof(double) + offset + 2 * huge;
	char *p = mmap(0, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED) {
		fprintf(stderr, "no memory for %ld numbers\n", n);
		exit(1);
	}
	p = (char *)(((size_t)p + huge - 1) / huge * huge);
	madvise(p, bytes - huge, MADV_HUGEPAGE);
	return (double *)(p + offset);
}

// load returns the numbers of a file.
static inline void *load(const char *name) {
	FILE *f = fopen(name, "rb");
	if (!f) {
		perror(name);
		exit(1);
	}
	fseek(f, 0, SEEK_END);
	long bytes = ftell(f);
	rewind(f);
	void *p = reserve(bytes / sizeof(double) + 1, 0);
	if (fread(p, 1, bytes, f) != (size_t)bytes) {
		perror(name);
		exit(1);
	}
	fclose(f);
	return p;
}

// start sets the initial state of field and momentum of n numbers each.
static inline void start(double *p, double *q, long n) {
	#pragma omp parallel for schedule(static)
	for (long i = 0; i < n; i++) {
		p[i] = (double)(i * 7919 % 97) / 100;
		q[i] = (double)(i * 104729 % 89) / 100;
	}
}

// sumsOf sets the sums of w(i) p, v(i) q, p² and q², block by block.
static inline void sumsOf(double s[4], const double *p, const double *q, long n) {
	memset(s, 0, 4 * sizeof *s);
	for (long b = 0; b < n; b += 4096) {
		double r[4] = {0, 0, 0, 0};
		for (long i = b; i < n && i < b + 4096; i++) {
			r[0] += (double)(1 + i % 7) * p[i];
			r[1] += (double)(1 + i % 13) * q[i];
			r[2] += p[i] * p[i];
			r[3] += q[i] * q[i];
		}
		for (int k = 0; k < 4; k++) s[k] += r[k];
	}
}

static void serve(void) {
	char line[100];
	printf("ready\n");
	fflush(stdout);
	while (fgets(line, sizeof line, stdin)) {
		long n;
		if (sscanf(line, "steps %ld", &n) == 1) {
			struct timespec a, b;
			clock_gettime(CLOCK_MONOTONIC, &a);
			advance(n);
			clock_gettime(CLOCK_MONOTONIC, &b);
			printf("%.9f\n", (b.tv_sec - a.tv_sec) + 1e-9 * (b.tv_nsec - a.tv_nsec));
		} else if (!strcmp(line, "sum\n")) {
			double s[4];
			sums(s);
			printf("%.17g %.17g %.17g %.17g\n", s[0], s[1], s[2], s[3]);
		}
		fflush(stdout);
	}
}
