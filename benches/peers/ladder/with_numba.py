"""Numba: @njit on one thread, and with parallel=True and prange; both with fastmath, as far as the answer stays right."""

import math

import numba
import numpy as np
from numba import njit, prange

ABOUT = f"Numba {numba.__version__}, NumPy {np.__version__}"
OPTIONS = {"numba": {"fastmath": True}, "numba+threads": {"fastmath": True, "parallel": True}}

# Of a call of the plain recursions, of which stairs(40) makes 1.4e10.
NANOSECONDS = {"numba": {"fib": 3, "stairs": 3}}

set_threads = numba.set_num_threads


def take(arguments):
    """Bytes as arrays of numbers."""
    return [np.frombuffer(one, np.uint8) if isinstance(one, bytes) else one for one in arguments]


def evolve(u, v):
    # The largest stable time step of a square grid.
    for i in prange(1, u.shape[0] - 1):
        for j in range(1, u.shape[1] - 1):
            v[i, j] = 0.25 * (u[i - 1, j] + u[i + 1, j] + u[i, j - 1] + u[i, j + 1])


def heat(compile):
    step = compile(evolve)

    def run(field, steps):
        u, v = field.copy(), field.copy()
        for _ in range(steps):
            step(u, v)
            u, v = v, u
        return u

    # All steps in one call where that compiles to the same loops.
    return njit(run)


def escapes(axis, most):
    n = len(axis)
    counts = np.empty((n, n), dtype=np.uint32)
    for i in prange(n):
        for j in range(n):
            zr, zi, count = axis[i], axis[j], 0
            while zr * zr + zi * zi < 1e6 and count < most:
                zr, zi = zr * zr - zi * zi + 0.3852, 2.0 * zr * zi - 0.2026
                count += 1
            counts[i, j] = count
    return counts


def inside(seed, first, last):
    count = 0
    for i in prange(first, last):
        z = np.uint64(seed) + (np.uint64(i) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
        x = np.float64(z >> np.uint64(32)) / 4294967296.0
        y = np.float64(z & np.uint64(0xFFFFFFFF)) / 4294967296.0
        if x * x + y * y <= 1.0:
            count += 1
    return count


def pi(compile):
    count = compile(inside)
    return lambda seed, n: count(seed, 0, n)


def prices(spot, strike, years, rate, volatility):
    out = np.empty_like(spot)
    root = 1.0 / math.sqrt(2.0)
    for i in prange(len(spot)):
        s, k, t = spot[i], strike[i], years[i]
        deviation = volatility * math.sqrt(t)
        d1 = (math.log(s / k) + (rate + 0.5 * volatility * volatility) * t) / deviation
        d2 = d1 - deviation
        out[i] = s * (0.5 + 0.5 * math.erf(d1 * root)) - k * math.exp(-rate * t) * (
            0.5 + 0.5 * math.erf(d2 * root)
        )
    return out


# Arrays of each coordinate, which compile to better code than rows of three.


def pull(x, y, z, masses, ax, ay, az):
    n = len(x)
    for i in prange(n):
        xi, yi, zi = x[i], y[i], z[i]
        a = b = c = 0.0
        for j in range(n):
            dx, dy, dz = x[j] - xi, y[j] - yi, z[j] - zi
            r2 = dx * dx + dy * dy + dz * dz + 0.0025
            p = masses[j] / (r2 * math.sqrt(r2))
            a += dx * p
            b += dy * p
            c += dz * p
        ax[i], ay[i], az[i] = a, b, c


def nbody(compile):
    forces = compile(pull)

    def run(positions, velocities, masses, steps):
        x, y, z = positions[0].copy(), positions[1].copy(), positions[2].copy()
        u, v, w = velocities[0].copy(), velocities[1].copy(), velocities[2].copy()
        ax, ay, az = np.empty_like(x), np.empty_like(x), np.empty_like(x)
        for _ in range(steps):
            forces(x, y, z, masses, ax, ay, az)
            for i in range(len(x)):
                u[i] += ax[i] * 0.01
                v[i] += ay[i] * 0.01
                w[i] += az[i] * 0.01
                x[i] += u[i] * 0.01
                y[i] += v[i] * 0.01
                z[i] += w[i] * 0.01
        return x, y, z

    return njit(run)


def product(a, b):
    n = len(a)
    c = np.zeros((n, n))
    for i in prange(n):
        for k in range(n):
            f = a[i, k]
            for j in range(n):
                c[i, j] += f * b[k, j]
    return c


def integral(a, b, n):
    dx = (b - a) / n
    s = 0.0
    for i in prange(n):
        x = a + i * dx
        s += x * x - x
    return s * dx


def plain(function):
    return lambda compile: compile(function)


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def stairs(n):
    if n < 4:
        return 4 if n == 3 else n
    return stairs(n - 1) + stairs(n - 2) + stairs(n - 3)


def recursion(name):
    """The compiled function calls itself by its own name, so that name must mean the compiled one."""

    def make(compile):
        globals()[name] = compile(globals()[name])
        return globals()[name]

    return make


def longest(a, b):
    row = np.zeros(len(b) + 1, dtype=np.int64)
    for i in range(len(a)):
        corner = 0
        for j in range(len(b)):
            above = row[j + 1]
            if a[i] == b[j]:
                row[j + 1] = corner + 1
            elif row[j] > above:
                row[j + 1] = row[j]
            corner = above
    return row[-1]


WORKLOADS = {
    "heat": heat,
    "julia": plain(escapes),
    "pi": pi,
    "blackscholes": plain(prices),
    "nbody": nbody,
    "matmul": plain(product),
    "integrate": plain(integral),
}

# No loop of theirs can be shared out.
ALONE = {"fib": recursion("fib"), "stairs": recursion("stairs"), "lcs": plain(longest)}


RUNGS = {"numba": {**WORKLOADS, **ALONE}, "numba+threads": WORKLOADS}


def make(rung, workload):
    return RUNGS[rung][workload](njit(**OPTIONS[rung]))
