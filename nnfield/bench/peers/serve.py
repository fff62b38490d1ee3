"""The conversation that every program of the benchmark holds on its standard input and output:

    (start)  -> ready
    steps n  -> seconds that n steps took
    sum      -> four sums over the state as it is now
"""
import sys
import time

import numpy as np


def start(n):
    """The initial field and momentum of n numbers each."""
    i = np.arange(n, dtype=np.int64)
    return (i * 7919 % 97) / 100, (i * 104729 % 89) / 100


def sums(p, q):
    """The sums of w(i) p, v(i) q, p² and q²."""
    total = np.zeros(4)
    for b in range(0, p.size, 1 << 20):
        x, y = p[b:b + (1 << 20)], q[b:b + (1 << 20)]
        i = np.arange(b, b + x.size)
        total += [np.sum((1 + i % 7) * x), np.sum((1 + i % 13) * y), np.sum(x * x), np.sum(y * y)]
    return total


def serve(advance, sums):
    advance(0)  # compiles
    print("ready", flush=True)
    for line in sys.stdin:
        if line.startswith("steps "):
            n = int(line[6:])
            begin = time.perf_counter()
            advance(n)
            print(time.perf_counter() - begin, flush=True)
        elif line == "sum\n":
            print(*(repr(float(s)) for s in sums()), flush=True)
