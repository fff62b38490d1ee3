"""Field theories on periodic lattices of unit spacing with numba:

    lattice_numba.py THEORY DIM N ALGORITHM

A step is a drift of the field and a kick of the momentum, in parallel over slabs. The algorithms:

    best     rows as views that are shifted against each other, so that LLVM makes vectors of the loops
    obvious  indices x − 1 and x + 1, as one writes it first; that an index may be negative in Python
             keeps LLVM from making vectors
"""
import sys

import llvmlite.binding
import numpy as np
from numba import get_num_threads, njit, prange

from serve import serve, start, sums

theory, dim, n, algorithm = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
dt, mass, quartic = 0.1, 0.5, 0.5
components = {"dirac": 1 << dim, "scalar": 2}.get(theory, 1)
table = np.array([None,
                  [[2, -1], [2, 1]],
                  [[2, -1, 4, -3], [4, 3, -2, -1], [1, -2, 3, -4]],
                  [[2, -1, 4, -3, 6, -5, 8, -7], [4, 3, -2, -1, 8, 7, -6, -5], [7, -8, -5, 6, 3, -4, -1, 2],
                   [1, -2, 3, -4, -5, 6, -7, 8]]][dim])
k = 2 * dim + (-quartic if theory == "phi4" else mass * mass)
lam = quartic if theory == "phi4" else 0.0
p, q = (f.reshape((components,) + (n,) * dim) for f in start(components * n ** dim))
# Views might overlap: LLVM makes vectors where it can find out at run time, for few of them unless told otherwise.
llvmlite.binding.set_option("", "-runtime-memory-check-threshold=64")
serial = njit(fastmath=True, cache=True)
parallel = njit(fastmath=True, cache=True, parallel=True)


@serial
def drift_row(p, q, dt):
    for x in range(p.size):
        p[x] += dt * q[x]


# ---- real scalar fields: the inner sites of a row as shifted views, then its ends -----------------------


@serial
def inner1(w, l, c, r, k, dt):
    for x in range(w.size):
        w[x] += dt * (l[x] + r[x] - k * c[x])


@serial
def inner2(w, l, c, r, u, v, k, dt):
    for x in range(w.size):
        w[x] += dt * (u[x] + v[x] + l[x] + r[x] - k * c[x])


@serial
def inner2_quartic(w, l, c, r, u, v, k, lam, dt):
    for x in range(w.size):
        w[x] += dt * (u[x] + v[x] + l[x] + r[x] - (k + lam * c[x] * c[x]) * c[x])


@serial
def inner3(w, l, c, r, u, v, b, f, k, dt):
    for x in range(w.size):
        w[x] += dt * (b[x] + f[x] + u[x] + v[x] + l[x] + r[x] - k * c[x])


@serial
def kick2(w, h, u, v, k, lam, dt):
    e = w.size - 1
    if lam == 0:
        inner2(w[1:-1], h[:-2], h[1:-1], h[2:], u[1:-1], v[1:-1], k, dt)
    else:
        inner2_quartic(w[1:-1], h[:-2], h[1:-1], h[2:], u[1:-1], v[1:-1], k, lam, dt)
    w[0] += dt * (u[0] + v[0] + h[e] + h[1] - (k + lam * h[0] * h[0]) * h[0])
    w[e] += dt * (u[e] + v[e] + h[e - 1] + h[0] - (k + lam * h[e] * h[e]) * h[e])


@serial
def kick3(w, h, u, v, b, f, k, dt):
    e = w.size - 1
    inner3(w[1:-1], h[:-2], h[1:-1], h[2:], u[1:-1], v[1:-1], b[1:-1], f[1:-1], k, dt)
    w[0] += dt * (b[0] + f[0] + u[0] + v[0] + h[e] + h[1] - k * h[0])
    w[e] += dt * (b[e] + f[e] + u[e] + v[e] + h[e - 1] + h[0] - k * h[e])


# Parallel loops are functions of their own that call a helper for each row and do no more: around rows
# as views numba 0.56 gets the ends of rows wrong otherwise.


@parallel
def drift(p, q, dt, pieces):
    for i in prange(pieces):
        a, b = i * p.size // pieces, (i + 1) * p.size // pieces
        drift_row(p[a:b], q[a:b], dt)


@parallel
def kick_line(p, q, k, dt, pieces):
    n = p.size
    for i in prange(pieces):
        a, b = max(1, i * n // pieces), min(n - 1, (i + 1) * n // pieces)
        inner1(q[a:b], p[a - 1:b - 1], p[a:b], p[a + 1:b + 1], k, dt)


@serial
def kick_ends(p, q, k, dt):
    n = p.size
    q[0] += dt * (p[n - 1] + p[1] - k * p[0])
    q[n - 1] += dt * (p[n - 2] + p[0] - k * p[n - 1])


@parallel
def kick_rows(p, q, k, lam, dt):
    n = p.shape[0]
    for y in prange(n):
        kick2(q[y], p[y], p[y - 1 if y > 0 else n - 1], p[y + 1 if y < n - 1 else 0], k, lam, dt)


@parallel
def kick_planes(p, q, k, dt):
    n = p.shape[0]
    for z in prange(n):
        back, front = p[z - 1 if z > 0 else n - 1], p[z + 1 if z < n - 1 else 0]
        for y in range(n):
            kick3(q[z, y], p[z, y], p[z, y - 1 if y > 0 else n - 1], p[z, y + 1 if y < n - 1 else 0],
                  back[y], front[y], k, dt)


@serial
def real1_alone(p, q, k, dt, steps):
    for _ in range(steps):
        drift_row(p, q, dt)
        inner1(q[1:-1], p[:-2], p[1:-1], p[2:], k, dt)
        kick_ends(p, q, k, dt)


@serial
def real1(p, q, k, dt, steps, pieces):
    for _ in range(steps):
        drift(p, q, dt, pieces)
        kick_line(p, q, k, dt, pieces)
        kick_ends(p, q, k, dt)


@serial
def real2(p, q, k, lam, dt, steps, pieces):
    for _ in range(steps):
        drift(p.ravel(), q.ravel(), dt, pieces)
        kick_rows(p, q, k, lam, dt)


@serial
def real3(p, q, k, dt, steps, pieces):
    for _ in range(steps):
        drift(p.ravel(), q.ravel(), dt, pieces)
        kick_planes(p, q, k, dt)


@parallel
def obvious1(p, q, k, dt, steps):
    n = p.size
    for _ in range(steps):
        for x in prange(n):
            p[x] += dt * q[x]
        for x in prange(n):
            q[x] += dt * (p[x - 1] + p[x + 1 if x < n - 1 else 0] - k * p[x])


@parallel
def obvious2(p, q, k, lam, dt, steps):
    n = p.shape[0]
    for _ in range(steps):
        for y in prange(n):
            for x in range(n):
                p[y, x] += dt * q[y, x]
        for y in prange(n):
            d = y + 1 if y < n - 1 else 0
            for x in range(n):
                c = p[y, x]
                q[y, x] += dt * (p[y - 1, x] + p[d, x] + p[y, x - 1] + p[y, x + 1 if x < n - 1 else 0] - (k + lam * c * c) * c)


@parallel
def obvious3(p, q, k, dt, steps):
    n = p.shape[0]
    for _ in range(steps):
        for z in prange(n):
            for y in range(n):
                for x in range(n):
                    p[z, y, x] += dt * q[z, y, x]
        for z in prange(n):
            e = z + 1 if z < n - 1 else 0
            for y in range(n):
                d = y + 1 if y < n - 1 else 0
                for x in range(n):
                    q[z, y, x] += dt * (p[z - 1, y, x] + p[e, y, x] + p[z, y - 1, x] + p[z, d, x]
                                        + p[z, y, x - 1] + p[z, y, x + 1 if x < n - 1 else 0] - k * p[z, y, x])


# ---- Dirac fields: w += t·B c, B = Σ_j X_j (c(x+1) − c(x−1))/2 + mass Y ---------------------------------


@serial
def dirac_row(w, l, r, m, u, v, b, f, kx, ky, kz, km):
    if kz != 0:
        for x in range(w.size):
            w[x] += kx * (r[x] - l[x]) + ky * (v[x] - u[x]) + kz * (f[x] - b[x]) + km * m[x]
    elif ky != 0:
        for x in range(w.size):
            w[x] += kx * (r[x] - l[x]) + ky * (v[x] - u[x]) + km * m[x]
    else:
        for x in range(w.size):
            w[x] += kx * (r[x] - l[x]) + km * m[x]


@serial
def dirac_line(w, h, m, u, v, b, f, kx, ky, kz, km):
    n = w.size
    dirac_row(w[1:-1], h[:-2], h[2:], m[1:-1], u[1:-1], v[1:-1], b[1:-1], f[1:-1], kx, ky, kz, km)
    w[0] += kx * (h[1] - h[n - 1]) + ky * (v[0] - u[0]) + kz * (f[0] - b[0]) + km * m[0]
    e = n - 1
    w[e] += kx * (h[0] - h[e - 1]) + ky * (v[e] - u[e]) + kz * (f[e] - b[e]) + km * m[e]


@serial
def coefficient(table, j, a, t):
    return (-t if table[j, a] < 0 else t), abs(table[j, a]) - 1


@parallel
def apply1(out, of, table, mass, t, pieces):
    n = of.shape[1]
    for i in prange(pieces):
        lo, hi = max(1, i * n // pieces), min(n - 1, (i + 1) * n // pieces)
        for a in range(2):
            kx, c = coefficient(table, 0, a, t / 2)
            km, e = coefficient(table, 1, a, t * mass)
            h, m = of[c], of[e]
            dirac_row(out[a, lo:hi], h[lo - 1:hi - 1], h[lo + 1:hi + 1], m[lo:hi], m, m, m, m, kx, 0.0, 0.0, km)


@serial
def apply_ends(out, of, table, mass, t):
    n = of.shape[1]
    for a in range(2):
        kx, c = coefficient(table, 0, a, t / 2)
        km, e = coefficient(table, 1, a, t * mass)
        out[a, 0] += kx * (of[c, 1] - of[c, n - 1]) + km * of[e, 0]
        out[a, n - 1] += kx * (of[c, 0] - of[c, n - 2]) + km * of[e, n - 1]


@parallel
def apply2(out, of, table, mass, t):
    n = of.shape[1]
    for y in prange(n):
        up, down = y - 1 if y > 0 else n - 1, y + 1 if y < n - 1 else 0
        for a in range(4):
            kx, c = coefficient(table, 1, a, t / 2)
            ky, d = coefficient(table, 0, a, t / 2)
            km, e = coefficient(table, 2, a, t * mass)
            h = of[c, y]
            dirac_line(out[a, y], h, of[e, y], of[d, up], of[d, down], h, h, kx, ky, 0.0, km)


@parallel
def apply3(out, of, table, mass, t):
    n = of.shape[1]
    for z in prange(n):
        back, front = z - 1 if z > 0 else n - 1, z + 1 if z < n - 1 else 0
        for y in range(n):
            up, down = y - 1 if y > 0 else n - 1, y + 1 if y < n - 1 else 0
            for a in range(8):
                kx, c = coefficient(table, 2, a, t / 2)
                ky, d = coefficient(table, 1, a, t / 2)
                kz, g = coefficient(table, 0, a, t / 2)
                km, e = coefficient(table, 3, a, t * mass)
                dirac_line(out[a, z, y], of[c, z, y], of[e, z, y], of[d, z, up], of[d, z, down],
                           of[g, back, y], of[g, front, y], kx, ky, kz, km)


@serial
def dirac1(p, q, table, mass, dt, steps, pieces):
    for _ in range(steps):
        apply1(p, q, table, mass, dt, pieces)
        apply_ends(p, q, table, mass, dt)
        apply1(q, p, table, mass, -dt, pieces)
        apply_ends(q, p, table, mass, -dt)


@serial
def dirac2(p, q, table, mass, dt, steps):
    for _ in range(steps):
        apply2(p, q, table, mass, dt)
        apply2(q, p, table, mass, -dt)


@serial
def dirac3(p, q, table, mass, dt, steps):
    for _ in range(steps):
        apply3(p, q, table, mass, dt)
        apply3(q, p, table, mass, -dt)


# ---- charged scalar with links ----------------------------------------------------------------------------


@serial
def link_row(wr, wi, re, im, reL, imL, reR, imR, reU, imU, reD, imD, cx, sx, cl, sl, cz, sz, cu, su, k, dt):
    for x in range(wr.size):
        wr[x] += dt * (cx[x] * reR[x] - sx[x] * imR[x] + cl[x] * reL[x] + sl[x] * imL[x]
                       + cz[x] * reD[x] - sz[x] * imD[x] + cu[x] * reU[x] + su[x] * imU[x] - k * re[x])
        wi[x] += dt * (cx[x] * imR[x] + sx[x] * reR[x] + cl[x] * imL[x] - sl[x] * reL[x]
                       + cz[x] * imD[x] + sz[x] * reD[x] + cu[x] * imU[x] - su[x] * reU[x] - k * im[x])


@serial
def link_site(wr, wi, re, im, reU, imU, reD, imD, cx, sx, cz, sz, cu, su, x, l, r, k, dt):
    wr[x] += dt * (cx[x] * re[r] - sx[x] * im[r] + cx[l] * re[l] + sx[l] * im[l]
                   + cz[x] * reD[x] - sz[x] * imD[x] + cu[x] * reU[x] + su[x] * imU[x] - k * re[x])
    wi[x] += dt * (cx[x] * im[r] + sx[x] * re[r] + cx[l] * im[l] - sx[l] * re[l]
                   + cz[x] * imD[x] + sz[x] * reD[x] + cu[x] * imU[x] - su[x] * reU[x] - k * im[x])


@parallel
def kick_links(p, q, cos, sin, k, dt):
    n = p.shape[1]
    for y in prange(n):
        up, down = y - 1 if y > 0 else n - 1, y + 1 if y < n - 1 else 0
        wr, wi, re, im = q[0, y], q[1, y], p[0, y], p[1, y]
        reU, imU, reD, imD = p[0, up], p[1, up], p[0, down], p[1, down]
        cx, sx, cz, sz, cu, su = cos[1, y], sin[1, y], cos[0, y], sin[0, y], cos[0, up], sin[0, up]
        link_row(wr[1:-1], wi[1:-1], re[1:-1], im[1:-1], re[:-2], im[:-2], re[2:], im[2:], reU[1:-1], imU[1:-1],
                 reD[1:-1], imD[1:-1], cx[1:-1], sx[1:-1], cx[:-2], sx[:-2], cz[1:-1], sz[1:-1], cu[1:-1], su[1:-1], k, dt)
        link_site(wr, wi, re, im, reU, imU, reD, imD, cx, sx, cz, sz, cu, su, 0, n - 1, 1, k, dt)
        link_site(wr, wi, re, im, reU, imU, reD, imD, cx, sx, cz, sz, cu, su, n - 1, n - 2, 0, k, dt)


@serial
def scalar2(p, q, cos, sin, k, dt, steps, pieces):
    for _ in range(steps):
        drift(p.ravel(), q.ravel(), dt, pieces)
        kick_links(p, q, cos, sin, k, dt)


def advance(steps):
    pieces = get_num_threads()
    if theory == "dirac":
        if dim == 1:
            dirac1(p, q, table, mass, dt, steps, pieces)
        else:
            (dirac2 if dim == 2 else dirac3)(p, q, table, mass, dt, steps)
    elif theory == "scalar":
        scalar2(p, q, cos, sin, k, dt, steps, pieces)
    elif algorithm == "obvious":
        if dim == 2:
            obvious2(p[0], q[0], k, lam, dt, steps)
        else:
            (obvious1 if dim == 1 else obvious3)(p[0], q[0], k, dt, steps)
    elif dim == 2:
        real2(p[0], q[0], k, lam, dt, steps, pieces)
    elif dim == 3:
        real3(p[0], q[0], k, dt, steps, pieces)
    elif pieces == 1:
        real1_alone(p[0], q[0], k, dt, steps)
    else:
        real1(p[0], q[0], k, dt, steps, pieces)


if theory == "scalar":
    i = np.arange(n * n, dtype=np.int64)
    theta = np.array([(i * 31 % 61) / 10, (i * 43 % 53) / 10]).reshape(2, n, n)
    cos, sin = np.cos(theta), np.sin(theta)
serve(advance, lambda: sums(p.ravel(), q.ravel()))
