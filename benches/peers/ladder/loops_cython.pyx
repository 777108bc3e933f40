# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
"""The ladder's workloads in Cython: typed memory views, no checks of bounds."""

from libc.math cimport erf, exp, log, sqrt
from libc.stdint cimport uint32_t, uint64_t

import numpy as np


def heat(double[:, ::1] field, long steps):
    cdef double[:, ::1] u = field.copy(), v = field.copy()
    cdef Py_ssize_t i, j, rows = u.shape[0], cols = u.shape[1]
    cdef long step
    for step in range(steps):
        for i in range(1, rows - 1):
            for j in range(1, cols - 1):
                v[i, j] = 0.25 * (u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1])
        u, v = v, u
    return np.asarray(u)


def julia(double[::1] axis, uint32_t most):
    cdef Py_ssize_t i, j, n = axis.shape[0]
    result = np.empty((n, n), dtype=np.uint32)
    cdef uint32_t[:, ::1] counts = result
    cdef double zr, zi, last
    cdef uint32_t count
    for i in range(n):
        for j in range(n):
            zr, zi, count = axis[i], axis[j], 0
            while zr * zr + zi * zi < 1e6 and count < most:
                last = zr
                zr = last * last - zi * zi + 0.3852
                zi = 2.0 * last * zi - 0.2026
                count += 1
            counts[i, j] = count
    return result


def pi(uint64_t seed, long n):
    cdef long i, inside = 0
    cdef uint64_t z
    cdef double x, y
    for i in range(n):
        z = seed + (<uint64_t>i + 1) * 0x9E3779B97F4A7C15ULL
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL
        z ^= z >> 31
        x = <double>(z >> 32) / 4294967296.0
        y = <double>(z & 0xFFFFFFFF) / 4294967296.0
        if x * x + y * y <= 1.0:
            inside += 1
    return inside


def blackscholes(double[::1] spot, double[::1] strike, double[::1] years, double rate, double volatility):
    cdef Py_ssize_t i, n = spot.shape[0]
    result = np.empty(n)
    cdef double[::1] prices = result
    cdef double s, k, t, d1, d2, deviation, root = 0.70710678118654752440
    for i in range(n):
        s, k, t = spot[i], strike[i], years[i]
        deviation = volatility * sqrt(t)
        d1 = (log(s / k) + (rate + 0.5 * volatility * volatility) * t) / deviation
        d2 = d1 - deviation
        prices[i] = s * (0.5 + 0.5 * erf(d1 * root)) - k * exp(-rate * t) * (0.5 + 0.5 * erf(d2 * root))
    return result


def nbody(double[:, ::1] first, double[:, ::1] moving, double[::1] masses, long steps):
    result = np.array(first)
    cdef double[:, ::1] p = result, v = moving.copy()
    cdef Py_ssize_t i, j, k, n = masses.shape[0]
    cdef double a, b, c, dx, dy, dz, r2, pull
    cdef long step
    for step in range(steps):
        for i in range(n):
            a = b = c = 0.0
            for j in range(n):
                dx, dy, dz = p[0, j] - p[0, i], p[1, j] - p[1, i], p[2, j] - p[2, i]
                r2 = dx * dx + dy * dy + dz * dz + 0.0025
                pull = masses[j] / (r2 * sqrt(r2))
                a += dx * pull
                b += dy * pull
                c += dz * pull
            v[0, i] += 0.01 * a
            v[1, i] += 0.01 * b
            v[2, i] += 0.01 * c
        for k in range(3):
            for i in range(n):
                p[k, i] += 0.01 * v[k, i]
    return tuple(result)


def matmul(double[:, ::1] a, double[:, ::1] b):
    cdef Py_ssize_t i, j, k, n = a.shape[0]
    result = np.zeros((n, n))
    cdef double[:, ::1] c = result
    cdef double f
    for i in range(n):
        for k in range(n):
            f = a[i, k]
            for j in range(n):
                c[i, j] += f * b[k, j]
    return result


def integrate(double a, double b, long n):
    cdef double dx = (b - a) / n, s = 0.0, x
    cdef long i
    for i in range(n):
        x = a + i * dx
        s += x * x - x
    return s * dx


cpdef long fib(long n) noexcept:
    return n if n < 2 else fib(n - 1) + fib(n - 2)


cpdef long stairs(long n) noexcept:
    if n < 4:
        return 4 if n == 3 else n
    return stairs(n - 1) + stairs(n - 2) + stairs(n - 3)


def lcs(const unsigned char[::1] a, const unsigned char[::1] b):
    cdef Py_ssize_t i, j, n = b.shape[0]
    cdef long[::1] row = np.zeros(n + 1, dtype=np.int64)
    cdef long corner, above
    for i in range(a.shape[0]):
        corner = 0
        for j in range(n):
            above = row[j + 1]
            if a[i] == b[j]:
                row[j + 1] = corner + 1
            elif row[j] > above:
                row[j + 1] = row[j]
            corner = above
    return row[n]
