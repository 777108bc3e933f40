# needs: cython, numpy
"""A loop on its way through Cython, in its mode of plain Python: this file also runs as it is."""

# ANCHOR: untyped
import cython
import numpy as np


def untyped(u, out):
    for i in range(1, u.shape[0] - 1):
        for j in range(1, u.shape[1] - 1):
            out[i, j] = 0.25 * (u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1])
# ANCHOR_END: untyped


# ANCHOR: typed
def typed(u: cython.double[:, :], out: cython.double[:, :]):
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    for i in range(1, u.shape[0] - 1):
        for j in range(1, u.shape[1] - 1):
            out[i, j] = 0.25 * (u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1])
# ANCHOR_END: typed


# ANCHOR: hoisted
@cython.boundscheck(False)
@cython.wraparound(False)
def unchecked(u: cython.double[:, :], out: cython.double[:, :]):
    i: cython.Py_ssize_t
    j: cython.Py_ssize_t
    for i in range(1, u.shape[0] - 1):
        for j in range(1, u.shape[1] - 1):
            out[i, j] = 0.25 * (u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1])
# ANCHOR_END: hoisted


u = np.add.outer(np.arange(20.0), np.arange(30.0))
for smooth in untyped, typed, unchecked:
    out = u.copy()
    smooth(u, out)
    assert (out == u).all()
