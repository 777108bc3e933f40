# needs: numpy, numba
"""The heat equation by Numba's stencils."""

# ANCHOR: stencil
import numpy as np
from numba import njit, stencil


@stencil
def heat(u):
    return 0.5 * u[0, 0] + 0.125 * (u[-1, 0] + u[1, 0] + u[0, -1] + u[0, 1])


@njit
def run(plate, steps):
    for _ in range(steps):
        plate = heat(plate)
    return plate
# ANCHOR_END: stencil


plate = run(np.ones((10, 10)), 2)
assert plate[5, 5] == 1
