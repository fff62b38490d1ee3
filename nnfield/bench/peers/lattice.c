// Field theories on periodic lattices of unit spacing in C with OpenMP:
//
//	lattice THEORY DIM N ALGORITHM
//
// A step is a drift of the field p and a kick of the momentum q, each over slabs: planes in three
// dimensions, rows in two, single sites in one. The algorithms differ in the order of the slabs alone:
//
//	naive  all drifts, then all kicks: what one writes first
//	fused  each thread's slabs in one sweep a step
//	tiled  several steps at a time in space-time tiles
#include "serve.h"
#include <omp.h>

static const double dt = 0.1, mass = 0.5, quarticLambda = 0.5; // V = λ/4 (φ² − 1)²

static enum { kg, phi4, dirac, scalar } theory;
static int dim, components;
static long n, volume, slab; // sites along an axis, of the lattice, of a slab
static double *p, *q;        // component after component
static double *cosine[3], *sine[3]; // of the links along each axis

// ROW runs BODY for the sites begin ≤ x < end of a periodic row, l and r being the neighbours of x.
#define ROW(begin, end, BODY) do { \
	long first = (begin), last = (end); \
	if (first == 0 && last > 0) { long x = 0, l = n - 1, r = 1; BODY first = 1; } \
	int edge = last == n && last > first; \
	if (edge) last--; \
	_Pragma("GCC ivdep") \
	for (long x = first; x < last; x++) { long l = x - 1, r = x + 1; BODY } \
	if (edge) { long x = n - 1, l = n - 2, r = 0; BODY } \
} while (0)

// The rows about row (z, y): up and down in the last but one axis, back and front in the first of three.
typedef struct { long here, up, down, back, front; } place;

static inline long wrap(long z) { return z < 0 ? z + n : z < n ? z : z - n; }

static inline place at(long z, long y) {
	if (dim == 1) return (place){0, 0, 0, 0, 0};
	if (dim == 2) return (place){z * n, wrap(z - 1) * n, wrap(z + 1) * n, 0, 0};
	long s = z * slab;
	return (place){s + y * n, s + wrap(y - 1) * n, s + wrap(y + 1) * n, wrap(z - 1) * slab + y * n, wrap(z + 1) * slab + y * n};
}

// ---- real scalar fields -----------------------------------------------------------------------------

static inline void kickRow(const int d, const int quartic, array w, const double *c, place o, long begin, long end) {
	const double *h = c + o.here, *u = c + o.up, *v = c + o.down, *b = c + o.back, *f = c + o.front;
	const double k = 2 * d + (quartic ? -quarticLambda : mass * mass);
	w += o.here;
	ROW(begin, end, {
		double s = h[l] + h[r] - k * h[x];
		if (d > 1) s += u[x] + v[x];
		if (d > 2) s += b[x] + f[x];
		if (quartic) s -= quarticLambda * h[x] * h[x] * h[x];
		w[x] += dt * s;
	});
}

static void driftRow(array w, constant c, long m) {
	for (long x = 0; x < m; x++) w[x] += dt * c[x];
}

// ---- Dirac fields -------------------------------------------------------------------------------------

// Matrices with one element ±1 in each row: ±(column + 1). Those of the axes, then that of the mass.
static const int table[3][4][8] = {
	{{2, -1}, {2, 1}},
	{{2, -1, 4, -3}, {4, 3, -2, -1}, {1, -2, 3, -4}},
	{{2, -1, 4, -3, 6, -5, 8, -7}, {4, 3, -2, -1, 8, 7, -6, -5}, {7, -8, -5, 6, 3, -4, -1, 2}, {1, -2, 3, -4, -5, 6, -7, 8}},
};

// w += t·B c on a row, B = Σ_j X_j (c(x+1) − c(x−1))/2 + mass Y.
static inline void diracRow(const int d, double *w, const double *c, double t, place o, long begin, long end) {
	for (int a = 0; a < components; a++) {
		const double *of[4];
		double k[4];
		for (int j = 0; j <= d; j++) {
			int e = table[d - 1][j][a];
			of[j] = c + (labs(e) - 1) * volume;
			k[j] = (e < 0 ? -t : t) * (j < d ? 0.5 : mass);
		}
		const double kx = k[d - 1], ky = d > 1 ? k[d - 2] : 0, kz = d > 2 ? k[0] : 0, km = k[d];
		constant h = of[d - 1] + o.here, m = of[d] + o.here;
		constant u = d > 1 ? of[d - 2] + o.up : h, v = d > 1 ? of[d - 2] + o.down : h;
		constant b = d > 2 ? of[0] + o.back : h, f = d > 2 ? of[0] + o.front : h;
		array out = w + a * volume + o.here;
		ROW(begin, end, {
			double s = kx * (h[r] - h[l]) + km * m[x];
			if (d > 1) s += ky * (v[x] - u[x]);
			if (d > 2) s += kz * (f[x] - b[x]);
			out[x] += s;
		});
	}
}

// ---- charged scalar with links ------------------------------------------------------------------------

static void linkRow(place o) {
	constant re = p + o.here, im = re + volume, reU = p + o.up, imU = reU + volume, reD = p + o.down, imD = reD + volume;
	constant cx = cosine[1] + o.here, sx = sine[1] + o.here;
	constant cz = cosine[0] + o.here, sz = sine[0] + o.here, cu = cosine[0] + o.up, su = sine[0] + o.up;
	array wr = q + o.here, wi = wr + volume;
	const double k = 4 + mass * mass;
	ROW(0, n, {
		double a = cx[x] * re[r] - sx[x] * im[r] + cx[l] * re[l] + sx[l] * im[l] + cz[x] * reD[x] - sz[x] * imD[x] + cu[x] * reU[x] + su[x] * imU[x];
		double b = cx[x] * im[r] + sx[x] * re[r] + cx[l] * im[l] - sx[l] * re[l] + cz[x] * imD[x] + sz[x] * reD[x] + cu[x] * imU[x] - su[x] * reU[x];
		wr[x] += dt * (a - k * re[x]);
		wi[x] += dt * (b - k * im[x]);
	});
}

// ---- half steps of slabs --------------------------------------------------------------------------------

// half does a drift or kick of the slab z, 0 ≤ z < n; of the sites begin ≤ x < end in one dimension.
static inline void half(int kick, long z, long begin, long end) {
	for (long y = 0; y < (dim == 3 ? n : 1); y++) {
		place o = at(z, y);
		switch (theory) {
		case dirac:
			if (dim == 1) diracRow(1, kick ? q : p, kick ? p : q, kick ? -dt : dt, o, begin, end);
			if (dim == 2) diracRow(2, kick ? q : p, kick ? p : q, kick ? -dt : dt, o, begin, end);
			if (dim == 3) diracRow(3, kick ? q : p, kick ? p : q, kick ? -dt : dt, o, begin, end);
			break;
		case scalar:
			if (kick) { linkRow(o); break; }
			driftRow(p + o.here, q + o.here, n);
			driftRow(p + volume + o.here, q + volume + o.here, n);
			break;
		default:
			if (!kick) driftRow(p + o.here + begin, q + o.here + begin, end - begin);
			else if (dim == 1) kickRow(1, 0, q, p, o, begin, end);
			else if (dim == 3) kickRow(3, 0, q, p, o, begin, end);
			else if (theory == kg) kickRow(2, 0, q, p, o, begin, end);
			else kickRow(2, 1, q, p, o, begin, end);
		}
	}
}

// range does a half step of the slabs lo ≤ z < hi, which may go round the lattice.
static void range(int kick, long lo, long hi) {
	if (dim > 1) {
		for (long z = lo; z < hi; z++) half(kick, wrap(z), 0, n);
		return;
	}
	if (lo < 0) {
		half(kick, 0, lo + n, n);
		lo = 0;
	}
	if (hi > n) {
		half(kick, 0, 0, hi - n);
		hi = n;
	}
	if (lo < hi) half(kick, 0, lo, hi);
}

// both drifts slab z + 1 and kicks slab z of a real scalar field in one pass over the row.
static void both(long z) {
	if (dim == 1 || theory > phi4) {
		range(0, z + 1, z + 2);
		range(1, z, z + 1);
		return;
	}
	const double k = 2 * dim + (theory == phi4 ? -quarticLambda : mass * mass);
	z = wrap(z);
	long next = wrap(z + 1);
	for (long y = 0; y < (dim == 3 ? n : 1); y++) {
		place o = at(z, y);
		constant h = p + o.here, u = p + (dim == 3 ? o.back : o.up), a = p + o.up, b = p + o.down;
		array d = p + next * slab + y * n, w = q + o.here;
		constant e = q + next * slab + y * n;
		if (dim == 3)
			ROW(0, n, { double v = d[x] + dt * e[x]; d[x] = v; w[x] += dt * (u[x] + v + a[x] + b[x] + h[l] + h[r] - k * h[x]); });
		else if (theory == kg)
			ROW(0, n, { double v = d[x] + dt * e[x]; d[x] = v; w[x] += dt * (u[x] + v + h[l] + h[r] - k * h[x]); });
		else
			ROW(0, n, { double v = d[x] + dt * e[x]; d[x] = v; w[x] += dt * (u[x] + v + h[l] + h[r] - k * h[x] - quarticLambda * h[x] * h[x] * h[x]); });
	}
}

// ---- algorithms -----------------------------------------------------------------------------------------

static void naive(long steps) {
	long pieces = dim == 1 ? omp_get_max_threads() : n;
	for (long s = 0; s < steps; s++)
		for (int kick = 0; kick < 2; kick++) {
			#pragma omp parallel for schedule(static)
			for (long i = 0; i < pieces; i++) range(kick, i * n / pieces, (i + 1) * n / pieces);
		}
}

// tile does T steps of the tile [a, b): half step h on the slabs [a + h, b − h), as wave fronts.
static void tile(long a, long b, long T) {
	if (dim == 1) { // it lies in the first-level cache
		for (long h = 1; h <= 2 * T; h++) range(!(h & 1), a + h, b - h);
		return;
	}
	for (long y = a; y < b + 2 * T; y++)
		for (long s = 0; s < T; s++) {
			long z = y - 2 * s, h = 2 * s + 1;
			int drifts = z >= a + h && z < b - h, kicks = z - 1 >= a + h + 1 && z - 1 < b - h - 1;
			if (drifts && kicks) both(z - 1);
			else if (drifts) range(0, z, z + 1);
			else if (kicks) range(1, z - 1, z);
		}
}

// tiled does steps in tiles of the given height, T steps at a time: tiles, then the seams between them.
static void tiled(long steps, long T, long tiles) {
	for (long s = 0; s < steps; s += T) {
		long t = steps - s < T ? steps - s : T;
		#pragma omp parallel for schedule(dynamic, 1)
		for (long i = 0; i < tiles; i++) tile(i * n / tiles, (i + 1) * n / tiles, t);
		#pragma omp parallel for schedule(dynamic, 1)
		for (long i = 0; i < tiles; i++)
			for (long h = 1; h <= 2 * t; h++) range(!(h & 1), i * n / tiles - h, i * n / tiles + h);
	}
}

// fusedLine is the one sweep a step of a real scalar field in one dimension: drift ahead of kick by a
// block that lies in the first-level cache.
static void fusedLine(long steps) {
	#pragma omp parallel
	{
		long i = omp_get_thread_num(), threads = omp_get_num_threads(), a = i * n / threads, b = (i + 1) * n / threads;
		for (long s = 0; s < steps; s++) {
			range(0, a, a + 1);
			range(0, b - 1, b);
			#pragma omp barrier
			for (long at = a + 1, kicked = a; kicked < b;) {
				long to = at + 1024 < b - 1 ? at + 1024 : b - 1, done = to == b - 1 ? b : to - 1;
				range(0, at, to);
				range(1, kicked, done);
				at = to;
				kicked = done;
			}
			#pragma omp barrier
		}
	}
}

static long depth = 1, tiles;
static void (*algorithm)(long);
static void inTiles(long steps) { tiled(steps, depth, tiles); }
static void advance(long steps) { algorithm(steps); }

static void sums(double s[4]) { sumsOf(s, p, q, components * volume); }

// choose sets the depth and the number of tiles: 16, 8 or 4 steps, the deepest whose wave fronts fit the
// cache, fewer where a thread would be without a tile. Tiles are twice as high as they must be.
static void choose(long cache) {
	if (dim == 1) {
		depth = 64;
		tiles = n / 2048;
	} else {
		for (depth = 16; depth > 4 && 2 * depth * slab * components * 16 > cache; ) depth /= 2;
		tiles = n / (8 * depth);
	}
	while (depth > 1 && tiles < omp_get_max_threads()) {
		depth /= 2;
		tiles = n / (8 * depth);
	}
}

int main(int argc, char **argv) {
	if (argc != 5) return 2;
	theory = !strcmp(argv[1], "kg") ? kg : !strcmp(argv[1], "phi4") ? phi4 : !strcmp(argv[1], "dirac") ? dirac : scalar;
	dim = atoi(argv[2]);
	n = atol(argv[3]);
	volume = dim == 1 ? n : dim == 2 ? n * n : n * n * n;
	slab = volume / n;
	components = theory == dirac ? 1 << dim : theory == scalar ? 2 : 1;
	p = reserve(components * volume, 0);
	q = reserve(components * volume, 2048 + 64);
	start(p, q, components * volume);
	for (int j = 0; theory == scalar && j < dim; j++) {
		cosine[j] = reserve(volume, 4096 * j + 128);
		sine[j] = reserve(volume, 4096 * j + 1024 + 192);
		for (long i = 0; i < volume; i++) {
			double theta = (double)(j ? i * 43 % 53 : i * 31 % 61) / 10;
			cosine[j][i] = cos(theta);
			sine[j][i] = sin(theta);
		}
	}
	tiles = omp_get_max_threads();
	algorithm = naive;
	if (!strcmp(argv[4], "fused")) algorithm = dim == 1 && theory == kg ? fusedLine : inTiles;
	if (!strcmp(argv[4], "tiled")) {
		choose(2 << 20);
		algorithm = inTiles;
	}
	serve();
}
