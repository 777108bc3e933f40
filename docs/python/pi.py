# needs: numpy
"""Monte-Carlo pi in three versions, timed."""

# ANCHOR: versions
import random
import timeit

import numpy as np


def by_lists(n):
    points = [(random.random(), random.random()) for _ in range(n)]
    return 4 * len([p for p in points if p[0] ** 2 + p[1] ** 2 <= 1]) / n


def by_arrays(n):
    x, y = np.random.random(n), np.random.random(n)
    return 4 * np.count_nonzero(x**2 + y**2 <= 1) / n


def by_loop(n):
    inside = 0
    for _ in range(n):
        inside += random.random() ** 2 + random.random() ** 2 <= 1
    return 4 * inside / n
# ANCHOR_END: versions


# ANCHOR: timeit
n = 1_000_000
for version in by_lists, by_arrays, by_loop:
    times = timeit.repeat(lambda: version(n), number=1, repeat=3)
    print(version.__name__, version(n), min(times))
    assert abs(version(n) - 3.14159) < 0.01
# ANCHOR_END: timeit
