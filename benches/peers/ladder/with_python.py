"""Plain Python, as one writes it first, and its recursions with a cache."""

import functools
import math
import sys

ABOUT = "plain Python"

# Of an operation of the naive loop; a run of more than a few seconds is left out.
NANOSECONDS = {"python": {"": 100}}

sys.setrecursionlimit(10_000)


def take(arguments):
    """Lists in place of arrays, whose elements Python reads faster."""
    return [argument.tolist() if hasattr(argument, "tolist") else argument for argument in arguments]


def heat(field, steps):
    u, v = [row[:] for row in field], [row[:] for row in field]
    for _ in range(steps):
        for i in range(1, len(u) - 1):
            for j in range(1, len(u[0]) - 1):
                v[i][j] = 0.25 * (u[i - 1][j] + u[i + 1][j] + u[i][j - 1] + u[i][j + 1])
        u, v = v, u
    return u


def julia(axis, most):
    counts = []
    for x in axis:
        for y in axis:
            z, count = complex(x, y), 0
            while z.real * z.real + z.imag * z.imag < 1e6 and count < most:
                z = z * z + (0.3852 - 0.2026j)
                count += 1
            counts.append(count)
    return counts


def pi(seed, n):
    mask, inside = (1 << 64) - 1, 0
    for i in range(1, n + 1):
        z = (seed + i * 0x9E3779B97F4A7C15) & mask
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        z ^= z >> 31
        x, y = (z >> 32) / 4294967296.0, (z & 0xFFFFFFFF) / 4294967296.0
        if x * x + y * y <= 1.0:
            inside += 1
    return inside


def blackscholes(spot, strike, years, rate, volatility):
    def cdf(x):
        return 0.5 * (1.0 + math.erf(x / math.sqrt(2.0)))

    prices = []
    for s, k, t in zip(spot, strike, years):
        deviation = volatility * math.sqrt(t)
        d1 = (math.log(s / k) + (rate + 0.5 * volatility * volatility) * t) / deviation
        prices.append(s * cdf(d1) - k * math.exp(-rate * t) * cdf(d1 - deviation))
    return prices


def nbody(places, velocities, masses, steps):
    (x, y, z), (u, v, w) = [row[:] for row in places], [row[:] for row in velocities]
    n = len(masses)
    for _ in range(steps):
        pulls = []
        for i in range(n):
            a = b = c = 0.0
            for j in range(n):
                dx, dy, dz = x[j] - x[i], y[j] - y[i], z[j] - z[i]
                r2 = dx * dx + dy * dy + dz * dz + 0.0025
                pull = masses[j] / (r2 * math.sqrt(r2))
                a, b, c = a + dx * pull, b + dy * pull, c + dz * pull
            pulls.append((a, b, c))
        for i, (a, b, c) in enumerate(pulls):
            u[i], v[i], w[i] = u[i] + a * 0.01, v[i] + b * 0.01, w[i] + c * 0.01
            x[i], y[i], z[i] = x[i] + u[i] * 0.01, y[i] + v[i] * 0.01, z[i] + w[i] * 0.01
    return x, y, z


def matmul(a, b):
    n = len(a)
    c = [[0.0] * n for _ in range(n)]
    for i in range(n):
        for j in range(n):
            for k in range(n):
                c[i][j] += a[i][k] * b[k][j]
    return c


def integrate(a, b, n):
    dx, s = (b - a) / n, 0.0
    for i in range(n):
        x = a + i * dx
        s += x * x - x
    return s * dx


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def stairs(n):
    return (0, 1, 2, 4)[n] if n < 4 else stairs(n - 1) + stairs(n - 2) + stairs(n - 3)


def lcs(a, b):
    """By a table: the plain recursion comes to most cells thousands of times."""
    row = [0] * (len(b) + 1)
    for letter in a:
        above = row
        row = [0]
        for j, other in enumerate(b):
            row.append(above[j] + 1 if letter == other else max(above[j + 1], row[j]))
    return row[-1]


def cached(body):
    """The recursion `body`, with a cache that is empty at the start of each run."""

    def run(*arguments):
        cache = functools.lru_cache(maxsize=None)(lambda *arguments: body(cache, *arguments))
        return cache(*arguments)

    return run


def fib_step(fib, n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def stairs_step(stairs, n):
    return (0, 1, 2, 4)[n] if n < 4 else stairs(n - 1) + stairs(n - 2) + stairs(n - 3)


def lcs_cached(a, b):
    @functools.lru_cache(maxsize=None)
    def length(i, j):
        if i == 0 or j == 0:
            return 0
        if a[i - 1] == b[j - 1]:
            return 1 + length(i - 1, j - 1)
        return max(length(i - 1, j), length(i, j - 1))

    return length(len(a), len(b))


PLAIN = {
    "heat": heat,
    "julia": julia,
    "pi": pi,
    "blackscholes": blackscholes,
    "nbody": nbody,
    "matmul": matmul,
    "integrate": integrate,
    "fib": fib,
    "stairs": stairs,
    "lcs": lcs,
}

CACHED = {"fib": cached(fib_step), "stairs": cached(stairs_step), "lcs": lcs_cached}


RUNGS = {"python": PLAIN, "lru_cache": CACHED}


def make(rung, workload):
    return RUNGS[rung][workload]
