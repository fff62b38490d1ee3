"""A network with a matrix of weights K with NumPy, SciPy or numba:

    matrix.py csr|dense N FOLDER numpy|scipy|numba

A step is p += dt q; q −= dt K p. The matrix lies in the folder as the raw numbers of start (int32),
columns (int32) and weights (float64), row after row; a dense one as weights alone.
"""
import sys

import numpy as np

from serve import serve, start, sums

kind, n, folder, algorithm = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
dt = 0.1
p, q = start(n)
t = np.empty(n)
weights = np.fromfile(folder + "/weights")
if kind == "csr":
    begin, columns = np.fromfile(folder + "/start", np.int32), np.fromfile(folder + "/columns", np.int32)
else:
    weights = weights.reshape(n, n)


def drift():
    np.multiply(q, dt, out=t)
    np.add(p, t, out=p)


if algorithm == "scipy":
    from scipy.sparse import _sparsetools

    scaled = -dt * weights

    def advance(steps):
        for _ in range(steps):
            drift()
            _sparsetools.csr_matvec(n, n, begin, columns, scaled, p, q)
elif algorithm == "numba":
    from numba import get_num_threads, njit, prange

    @njit(fastmath=True, cache=True)
    def rows(q, p, begin, columns, weights, dt, lo, hi):
        for i in range(lo, hi):
            s = 0.0
            for k in range(begin[i], begin[i + 1]):
                s += weights[k] * p[columns[k]]
            q[i] -= dt * s

    @njit(fastmath=True, cache=True, parallel=True)
    def compiled(p, q, begin, columns, weights, dt, steps, pieces):
        for _ in range(steps):
            for i in prange(p.size):
                p[i] += dt * q[i]
            for k in prange(pieces):
                rows(q, p, begin, columns, weights, dt, k * p.size // pieces, (k + 1) * p.size // pieces)

    def advance(steps):
        compiled(p, q, begin, columns, weights, dt, steps, get_num_threads())
else:
    def advance(steps):
        for _ in range(steps):
            drift()
            np.dot(weights, p, out=t)
            np.multiply(t, dt, out=t)
            np.subtract(q, t, out=q)

serve(advance, lambda: sums(p, q))
