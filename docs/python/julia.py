# needs: numpy, numba
"""A Julia set by Numba."""

# ANCHOR: escape
import numpy as np
from numba import float64, int64, vectorize


@vectorize([int64(float64, float64, int64)], target="parallel")
def escape(x, y, most):
    count = 0
    while x * x + y * y < 1e6 and count < most:
        x, y = x * x - y * y + 0.3852, 2 * x * y - 0.2026
        count += 1
    return count
# ANCHOR_END: escape


# ANCHOR: map
y = np.linspace(-1.2, 1.2, 64)
x = np.linspace(-1.2, 1.2, 32)[:, np.newaxis]
counts = escape(x, y, 400)
# ANCHOR_END: map

assert counts.shape == (32, 64)
assert counts[16, 30] == escape(x[16, 0], y[30], 400)
