# needs: numba
"""The integral of x^2 - x by Numba, strict and with fastmath."""

# ANCHOR: kernels
from numba import njit


@njit
def strict(n, a, dx):
    total = 0.0
    for i in range(n):
        x = a + i * dx
        total += x * x - x
    return total


fast = njit(fastmath=True)(strict.py_func)
# ANCHOR_END: kernels

# ANCHOR: sums
n = 1_000_000
dx = 2 / n
print(strict(n, 0.0, dx) * dx, fast(n, 0.0, dx) * dx)
assert abs(strict(n, 0.0, dx) * dx - fast(n, 0.0, dx) * dx) < 1e-12
# ANCHOR_END: sums
