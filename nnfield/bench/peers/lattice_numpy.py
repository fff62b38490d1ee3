"""Field theories on periodic lattices of unit spacing with NumPy and SciPy:

    lattice_numpy.py THEORY DIM N ALGORITHM

A step is a drift of the field and a kick of the momentum. The algorithms:

    slices  neighbours as slices, everything in place, no temporaries but one
    roll    neighbours by numpy.roll, as one writes it first
    scipy   a matrix in compressed rows, applied by SciPy's own accumulating kernel
"""
import sys

import numpy as np

from serve import serve, start, sums

theory, dim, n, algorithm = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
dt, mass, quartic = 0.1, 0.5, 0.5
shape = (n,) * dim
components = {"dirac": 1 << dim, "scalar": 2}.get(theory, 1)
# Dirac matrices with one element ±1 in each row: ±(column + 1). Those of the axes, then that of the mass.
table = [None,
         [[2, -1], [2, 1]],
         [[2, -1, 4, -3], [4, 3, -2, -1], [1, -2, 3, -4]],
         [[2, -1, 4, -3, 6, -5, 8, -7], [4, 3, -2, -1, 8, 7, -6, -5], [7, -8, -5, 6, 3, -4, -1, 2],
          [1, -2, 3, -4, -5, 6, -7, 8]]][dim]
k = 2 * dim + (-quartic if theory == "phi4" else mass * mass)
p, q = (f.reshape((components,) + shape) for f in start(components * n ** dim))


def along(axis, a, b):
    """The index of the slice a:b along an axis."""
    return (slice(None),) * axis + (slice(a, b),)


def add_neighbours(t, f, axis, back=1):
    """t += f(x+1) + back·f(x−1) along an axis, with slices."""
    t[along(axis, 0, -1)] += f[along(axis, 1, None)]
    t[along(axis, -1, None)] += f[along(axis, 0, 1)]
    add = np.add if back > 0 else np.subtract
    inner, first = along(axis, 1, None), along(axis, 0, 1)
    add(t[inner], f[along(axis, 0, -1)], out=t[inner])
    add(t[first], f[along(axis, -1, None)], out=t[first])


def real_slices(steps):
    f, g, t = p[0], q[0], np.empty(shape)
    for _ in range(steps):
        np.multiply(g, dt, out=t)
        np.add(f, t, out=f)
        if theory == "phi4":
            np.multiply(f, f, out=t)
            t *= -quartic
            t -= k
            t *= f
        else:
            np.multiply(f, -k, out=t)
        for axis in range(dim):
            add_neighbours(t, f, axis)
        t *= dt
        np.add(g, t, out=g)


def real_roll(steps):
    f, g = p[0], q[0]
    for _ in range(steps):
        f += dt * g
        s = -k * f
        for axis in range(dim):
            s += np.roll(f, 1, axis) + np.roll(f, -1, axis)
        if theory == "phi4":
            s -= quartic * f ** 3
        g += dt * s


def dirac_slices(steps):
    t = np.empty(shape)
    for _ in range(steps):
        for out, of, c in ((p, q, dt), (q, p, -dt)):
            for a in range(components):
                for axis in range(dim):
                    e = table[axis][a]
                    t[...] = 0
                    add_neighbours(t, of[abs(e) - 1], axis, -1)
                    t *= np.copysign(c / 2, c * e)
                    out[a] += t
                e = table[dim][a]
                np.multiply(of[abs(e) - 1], np.copysign(c * mass, c * e), out=t)
                out[a] += t


def dirac_roll(steps):
    for _ in range(steps):
        for out, of, c in ((p, q, dt), (q, p, -dt)):
            for a in range(components):
                e = table[dim][a]
                s = np.sign(e) * mass * of[abs(e) - 1]
                for axis in range(dim):
                    e = table[axis][a]
                    f = of[abs(e) - 1]
                    s += np.sign(e) / 2 * (np.roll(f, -1, axis) - np.roll(f, 1, axis))
                out[a] += c * s


def scalar_setup():
    global links, field, momentum
    i = np.arange(n * n, dtype=np.int64)
    links = [np.exp(1j * ((i * 31 % 61) / 10)).reshape(shape), np.exp(1j * ((i * 43 % 53) / 10)).reshape(shape)]
    field, momentum = p[0] + 1j * p[1], q[0] + 1j * q[1]


def scalar_slices(steps):
    u = [dt * link for link in links]
    back = [np.conj(np.roll(link, 1, axis)) for axis, link in enumerate(u)]  # U*(x−1)
    f, g, t = field, momentum, np.empty(shape, complex)
    for _ in range(steps):
        np.multiply(g, dt, out=t)
        np.add(f, t, out=f)
        np.multiply(f, -dt * (4 + mass * mass), out=t)
        np.add(g, t, out=g)
        for axis in range(2):
            # t is scratch of the products that are added to g at once.
            for target, source, link in (((0, -1), (1, None), u[axis]), ((-1, None), (0, 1), u[axis]),
                                         ((1, None), (0, -1), back[axis]), ((0, 1), (-1, None), back[axis])):
                to, frm = along(axis, *target), along(axis, *source)
                np.multiply(link[to], f[frm], out=t[to])
                g[to] += t[to]


def scalar_roll(steps):
    global field, momentum
    for _ in range(steps):
        field += dt * momentum
        s = -(4 + mass * mass) * field
        for axis in range(2):
            s += links[axis] * np.roll(field, -1, axis) + np.roll(np.conj(links[axis]) * field, 1, axis)
        momentum += dt * s


def scipy_setup():
    global matrix
    from scipy.sparse import _sparsetools
    row = 2 * dim + 1
    v = n ** dim
    site = np.arange(v, dtype=np.int32).reshape(shape)
    columns, weights = np.empty((v, row), np.int32), np.full((v, row), dt)
    columns[:, 0], weights[:, 0] = site.ravel(), -dt * k
    for axis in range(dim):
        columns[:, 1 + 2 * axis] = np.roll(site, 1, axis).ravel()
        columns[:, 2 + 2 * axis] = np.roll(site, -1, axis).ravel()
    matrix = _sparsetools.csr_matvec, v, np.arange(0, row * v + 1, row, dtype=np.int32), columns.ravel(), weights.ravel()


def with_scipy(steps):
    multiply, v, begin, columns, weights = matrix
    f, g, t = p.ravel(), q.ravel(), np.empty(p.size)
    for _ in range(steps):
        np.multiply(g, dt, out=t)
        np.add(f, t, out=f)
        multiply(v, v, begin, columns, weights, f, g)


def state_sums():
    if theory == "scalar":
        p[0], p[1], q[0], q[1] = field.real, field.imag, momentum.real, momentum.imag
    return sums(p.ravel(), q.ravel())


if algorithm == "scipy":
    scipy_setup()
    advance = with_scipy
elif theory == "scalar":
    scalar_setup()
    advance = scalar_slices if algorithm == "slices" else scalar_roll
elif theory == "dirac":
    advance = dirac_slices if algorithm == "slices" else dirac_roll
else:
    advance = real_slices if algorithm == "slices" else real_roll
serve(advance, state_sums)
