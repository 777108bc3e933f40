"""The heat equation, by the Rust of kern.rs and by NumPy: python3 heat.py ./libkern.so"""

import sys

import numpy as np

import tenfold

A, DT, DX2, DY2, STEPS = 0.5, 0.0025, 0.01, 0.01, 200


def evolve(u, u_previous):
    u[1:-1, 1:-1] = u_previous[1:-1, 1:-1] + A * DT * (
        (u_previous[2:, 1:-1] - 2 * u_previous[1:-1, 1:-1] + u_previous[:-2, 1:-1]) / DX2
        + (u_previous[1:-1, 2:] - 2 * u_previous[1:-1, 1:-1] + u_previous[1:-1, :-2]) / DY2
    )
    u_previous[:] = u


# A hot disk.
i, j = np.ogrid[:100, :120]
start = np.where((i - 50) ** 2 + (j - 60) ** 2 < 400, 65.0, 5.0)

by_numpy, previous = start.copy(), start.copy()
for _ in range(STEPS):
    evolve(by_numpy, previous)

kern = tenfold.load(sys.argv[1])
by_rust, previous = start.copy(), start.copy()
kern.evolve(by_rust, previous, STEPS, A, DT, DX2, DY2)

difference = np.abs(by_rust - by_numpy).max()
assert difference < 1e-10, difference
print(f"{STEPS} steps of {start.shape} agree: the centre is at {by_rust[50, 60]:.3f}")
