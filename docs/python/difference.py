# needs: numpy
"""Finite differences by index and by slices."""

# ANCHOR: differences
import numpy as np


def by_index(x):
    differences = np.zeros(len(x) - 1, int)
    for i in range(1, len(x)):
        differences[i - 1] = x[i] - x[i - 1]
    return differences


def by_slices(x):
    return x[1:] - x[:-1]
# ANCHOR_END: differences


x = np.arange(1000)
assert (by_index(x) == by_slices(x)).all()
