"""Learners with Gaussian noise with NumPy or numba:

    learners.py N pcg64|sfc64|numba

A step is q += −h k q + σ ξ for each of N learners, all starting at q = 1, with σ² = 2 D h.
"""
import sys

import numpy as np

from serve import serve

n, algorithm = int(sys.argv[1]), sys.argv[2]
h, k, D = 0.1, 1.0, 0.5
sigma = np.sqrt(2 * D * h)
q = np.ones(n)

if algorithm == "numba":
    from numba import njit, prange

    block = 256

    @njit(fastmath=True, cache=True, parallel=True)
    def compiled(q, keep, sigma, steps):
        for b in prange((q.size + block - 1) // block):
            part = q[b * block:(b + 1) * block]
            for _ in range(steps):
                for i in range(part.size):
                    part[i] = keep * part[i] + sigma * np.random.standard_normal()

    def advance(steps):
        compiled(q, 1 - h * k, sigma, steps)
else:
    generator = np.random.Generator(np.random.PCG64(1) if algorithm == "pcg64" else np.random.SFC64(1))
    block = 4096  # stays in the caches
    noise = np.empty(block)

    def advance(steps):
        for b in range(0, n, block):
            part = q[b:b + block]
            xi = noise[:part.size]
            for _ in range(steps):
                generator.standard_normal(out=xi)
                np.multiply(xi, sigma, out=xi)
                np.multiply(part, 1 - h * k, out=part)
                np.add(part, xi, out=part)

serve(advance, lambda: [np.mean(q ** (m + 1)) for m in range(4)])
