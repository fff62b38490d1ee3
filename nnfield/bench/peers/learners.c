// Learners with Gaussian noise in C with OpenMP:
//
//	learners N
//
// A step is q += −h k q + σ ξ for each of N learners, all starting at q = 1, with σ² = 2 D h. The
// normal numbers are those of xoshiro256+ (Blackman, Vigna, ACM TOMS 47, 36, 2021) through the ziggurat of
// 256 layers (Marsaglia, Tsang, J. Stat. Softw. 5, 8, 2000; of 53 bits as Doornik has it), one
// generator for each block of 256 learners.
#include "serve.h"
#include <stdint.h>

enum { block = 256, layers = 256 };
static const double h = 0.1, k = 1, D = 0.5;
static long n;
static double *q;
typedef struct { uint64_t s[4]; } generator;
static generator *of;
static double edge[layers + 1], height[layers + 1];

static inline uint64_t rotate(uint64_t x, int by) { return x << by | x >> (64 - by); }

static inline uint64_t next(generator *g) {
	uint64_t *s = g->s, r = s[0] + s[3], t = s[1] << 17;
	s[2] ^= s[0], s[3] ^= s[1], s[1] ^= s[2], s[0] ^= s[3], s[2] ^= t, s[3] = rotate(s[3], 45);
	return r;
}

static inline double uniform(generator *g) { return ((next(g) >> 11) + 0.5) * 0x1p-53; }

static double slow(generator *g, int i, double x) {
	for (;;) {
		if (i == 0) { // the tail beyond the last edge
			double a, b, r = edge[1];
			do a = -log(uniform(g)) / r, b = -log(uniform(g)); while (2 * b < a * a);
			return x < 0 ? -r - a : r + a;
		}
		if (height[i] + uniform(g) * (height[i + 1] - height[i]) < exp(-x * x / 2)) return x;
		uint64_t u = next(g);
		i = u >> 3 & 255;
		x = ((int64_t)u >> 11) * 0x1p-52 * edge[i];
		if (fabs(x) < edge[i + 1]) return x;
	}
}

static inline double normal(generator *g) {
	uint64_t u = next(g);
	int i = u >> 3 & 255; // bits 3 to 10 choose the layer, those above the place; the lowest ones are weak
	double x = ((int64_t)u >> 11) * 0x1p-52 * edge[i];
	return fabs(x) < edge[i + 1] ? x : slow(g, i, x);
}

static void advance(long steps) {
	const double sigma = sqrt(2 * D * h);
	#pragma omp parallel for schedule(static)
	for (long b = 0; b < n; b += block) {
		generator g = of[b / block];
		long end = b + block < n ? b + block : n;
		for (long s = 0; s < steps; s++)
			for (long i = b; i < end; i++) q[i] += -h * k * q[i] + sigma * normal(&g);
		of[b / block] = g;
	}
}

// sums sets the first four moments of q.
static void sums(double s[4]) {
	memset(s, 0, 4 * sizeof *s);
	for (long i = 0; i < n; i++)
		for (int m = 0; m < 4; m++) s[m] += pow(q[i], m + 1) / n;
}

// The layers have equal areas: height[i] = exp(−edge[i]²/2), edge[0] being the area over height[1].
static void ziggurat(void) {
	const double r = 3.6541528853610088, area = 0.00492867323399;
	edge[1] = r;
	edge[0] = area / exp(-r * r / 2);
	for (int i = 2; i < layers; i++) edge[i] = sqrt(-2 * log(area / edge[i - 1] + exp(-edge[i - 1] * edge[i - 1] / 2)));
	edge[layers] = 0;
	for (int i = 1; i <= layers; i++) height[i] = exp(-edge[i] * edge[i] / 2);
}

int main(int argc, char **argv) {
	if (argc != 2) return 2;
	n = atol(argv[1]);
	q = reserve(n, 0);
	for (long i = 0; i < n; i++) q[i] = 1;
	of = calloc(n / block + 1, sizeof *of);
	uint64_t seed = 1;
	for (long b = 0; b <= n / block; b++)
		for (int j = 0; j < 4; j++) { // splitmix64
			uint64_t z = seed += 0x9e3779b97f4a7c15;
			z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
			z = (z ^ z >> 27) * 0x94d049bb133111eb;
			of[b].s[j] = z ^ z >> 31;
		}
	ziggurat();
	serve();
}
