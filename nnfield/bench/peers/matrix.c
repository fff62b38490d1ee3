// A network with a matrix of weights K in C with OpenMP:
//
//	matrix csr|dense N FOLDER
//
// A step is p += dt q; q −= dt K p. The matrix lies in the folder as the raw numbers of start (int32),
// columns (int32) and weights (float64), row after row; a dense one as weights alone.
#include "serve.h"

static const double dt = 0.1;
static long n;
static double *p, *q;
static int dense, *row, *columns;
static double *weights;

static void advance(long steps) {
	for (long s = 0; s < steps; s++) {
		#pragma omp parallel for simd schedule(static)
		for (long i = 0; i < n; i++) p[i] += dt * q[i];
		#pragma omp parallel for schedule(static)
		for (long i = 0; i < n; i++) {
			double sum = 0;
			if (dense) {
				const double *w = weights + i * n;
				for (long j = 0; j < n; j++) sum += w[j] * p[j];
			} else {
				for (long k = row[i]; k < row[i + 1]; k++) sum += weights[k] * p[columns[k]];
			}
			q[i] -= dt * sum;
		}
	}
}

static void sums(double s[4]) { sumsOf(s, p, q, n); }

static void *part(const char *folder, const char *name) {
	char path[4096];
	snprintf(path, sizeof path, "%s/%s", folder, name);
	return load(path);
}

int main(int argc, char **argv) {
	if (argc != 4) return 2;
	dense = !strcmp(argv[1], "dense");
	n = atol(argv[2]);
	weights = part(argv[3], "weights");
	if (!dense) {
		row = part(argv[3], "start");
		columns = part(argv[3], "columns");
	}
	p = reserve(n, 0);
	q = reserve(n, 2048 + 64);
	start(p, q, n);
	serve();
}
