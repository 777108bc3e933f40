"""What a call costs, in nanoseconds, beside cffi by hand and NumPy: python3 call_cost.py ./libkern.so"""

import sys
import timeit

import cffi
import numpy as np

import tenfold

kern = tenfold.load(sys.argv[1])
ffi = cffi.FFI()
ffi.cdef("int32_t axpy(double a, const double *x, size_t x_len, double *y, size_t y_len);")
by_hand = ffi.dlopen(sys.argv[1])
x, y = np.ones(1000), np.ones(1000)
u, v = np.ones((3, 3)), np.ones((3, 3))


def axpy_by_hand(a, x, y):
    p, q = ffi.from_buffer("double[]", x), ffi.from_buffer("double[]", y, True)
    if by_hand.axpy(a, p, len(p), q, len(q)):
        raise ValueError


calls = {
    "axpy of 1000, tenfold": lambda: kern.axpy(2.0, x, y),
    "axpy of 1000, cffi by hand": lambda: axpy_by_hand(2.0, x, y),
    "axpy of 1000, NumPy": lambda: np.add(y, 2.0 * x, out=y),
    "two views, no work": lambda: kern.evolve(u, v, 0, 1.0, 1.0, 1.0, 1.0),
    "nothing": kern.kern_nothing,
}
least = dict.fromkeys(calls, float("inf"))
COUNT = 10_000
# In turns, since the machine has other work; and the least, which that does not touch.
for _ in range(20):
    for name, call in calls.items():
        least[name] = min(least[name], timeit.timeit(call, number=COUNT) / COUNT)
for name, seconds in least.items():
    print(f"{name:28}{seconds * 1e9:8.0f}")
