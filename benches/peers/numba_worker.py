"""The ladder's workloads in Numba, behind the requests of the harness (benches/harness/worker.rs).

One JSON request a line on stdin, one reply a line on stdout:

    {"open": {"workload": "pi", "size": "course", "nth": 0, "input": null}} -> {"opened": LABEL}
    {"answer": {"rung": "kernel", "threads": 1}}                            -> {"answered": [..]}
    {"sample": {"rung": "kernel", "threads": 1, "loops": 0, "min_sample_ms": 20}}
                                         -> {"sampled": {"loops": N, "ns": T, "clean": true}}

`kernel` is @njit on one thread, `kernel+threads` the same with parallel=True and prange; both with
fastmath, as far as the answer stays right.
"""

import json
import math
import sys
import time

import numba
import numpy as np
from numba import njit, prange

ONE = {"fastmath": True, "cache": False}
ALL = {"fastmath": True, "parallel": True}

# Draws: SplitMix64, as benches/ladder/splitmix.rs has it.

GAMMA = np.uint64(0x9E3779B97F4A7C15)


def finalise(z):
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


def outputs(seed, first, n):
    with np.errstate(over="ignore"):
        i = np.arange(first + 1, first + n + 1, dtype=np.uint64)
        return finalise(np.uint64(seed) + i * GAMMA)


def uniform(seed, stream, n, low, high):
    seed = outputs(seed, stream, 1)[0]
    return low + (high - low) * ((outputs(seed, 0, n) >> np.uint64(11)).astype(float) * 2.0**-53)


# Heat.


def bottle(n):
    y = (np.arange(n) + 0.5) / n
    x = np.abs((np.arange(n) + 0.5) / n - 0.5)
    width = np.zeros(n)
    width[(0.15 <= y) & (y < 0.35)] = 0.07
    shoulder = (0.35 <= y) & (y < 0.45)
    width[shoulder] = 0.07 + 0.13 * (1 - ((0.45 - y[shoulder]) / 0.1) ** 2)
    width[(0.45 <= y) & (y < 0.85)] = 0.2
    return np.where(x[None, :] < width[:, None], 5.0, 85.0)


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


def spread(values):
    """As `digest` of benches/harness/check.rs."""
    values = np.ravel(values)
    count = len(values)
    weighted = np.dot(np.arange(count) / count, values) / count
    nine = [values[(count - 1) * tenth // 10] for tenth in range(1, 10)]
    return [float(number) for number in [values.mean(), weighted, *nine]]


def draw_heat(n, steps):
    return f"{n}x{n}, {steps} steps", (bottle(n), steps)


# Julia.


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


def draw_julia(n):
    return f"{n}x{n}, at most {n} iterations", (np.linspace(-1.2, 1.2, n), n)


# Pi.


def inside(seed, n):
    count = 0
    for i in prange(n):
        z = seed + (np.uint64(i) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
        x = np.float64(z >> np.uint64(32)) / 4294967296.0
        y = np.float64(z & np.uint64(0xFFFFFFFF)) / 4294967296.0
        if x * x + y * y <= 1.0:
            count += 1
    return count


def draw_pi(n):
    return f"{n} points", (np.uint64(42), n)


# Black and Scholes.


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


def draw_options(n):
    arrays = [uniform(11, 0, n, 10, 100), uniform(11, 1, n, 10, 100), uniform(11, 2, n, 0.1, 2)]
    return f"{n} options", (*arrays, 0.02, 0.3)


# Bodies: arrays of each coordinate, which compiles to better code than rows of three.


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


def draw_bodies(n):
    positions = uniform(3, 0, 3 * n, -1, 1).reshape(n, 3).T.copy()
    velocities = uniform(3, 1, 3 * n, -0.1, 0.1).reshape(n, 3).T.copy()
    masses = uniform(3, 2, n, 0.5, 1.5) / n
    return f"{n} bodies, 5 steps", (positions, velocities, masses, 5)


# The integral.


def integral(a, b, n):
    dx = (b - a) / n
    s = 0.0
    for i in prange(n):
        x = a + i * dx
        s += x * x - x
    return s * dx


def draw_interval(n):
    return f"[0, 2] in {n} parts", (0.0, 2.0, n)


def plain(function):
    return lambda compile: compile(function)


# For each workload: the function in need of a compiler, what tells answers apart, and the problems
# of each size.
WORKLOADS = {
    "heat": (
        heat,
        spread,
        {
            "s": [(draw_heat, 64, 20)],
            "m": [(draw_heat, 200, 200)],
            "l": [(draw_heat, 2000, 50)],
            "course": [(draw_heat, 200, 200), (draw_heat, 2000, 50)],
        },
    ),
    "julia": (
        plain(escapes),
        lambda counts: [float(counts.mean())],
        {
            "s": [(draw_julia, 80)],
            "m": [(draw_julia, 200)],
            "l": [(draw_julia, 1000)],
            "course": [(draw_julia, 400)],
        },
    ),
    "pi": (
        plain(inside),
        lambda count: [float(count)],
        {
            "s": [(draw_pi, 10_000)],
            "m": [(draw_pi, 100_000)],
            "l": [(draw_pi, 100_000_000)],
            "course": [(draw_pi, 1_000_000)],
        },
    ),
    "blackscholes": (
        plain(prices),
        spread,
        {
            "s": [(draw_options, 10_000)],
            "m": [(draw_options, 100_000)],
            "l": [(draw_options, 8_000_000)],
            "course": [(draw_options, 1_000_000)],
        },
    ),
    "nbody": (
        nbody,
        lambda bodies: spread(np.stack(bodies, axis=1)),
        {
            "s": [(draw_bodies, 64)],
            "m": [(draw_bodies, 256)],
            "l": [(draw_bodies, 4096)],
            "course": [(draw_bodies, 512)],
        },
    ),
    "integrate": (
        plain(integral),
        lambda sum: [float(sum)],
        {
            "s": [(draw_interval, 100_000)],
            "m": [(draw_interval, 1_000_000)],
            "l": [(draw_interval, 1_000_000_000)],
            "course": [(draw_interval, 10_000_000)],
        },
    ),
}

RUNGS = {"kernel": ONE, "kernel+threads": ALL}


class Worker:
    """A problem, and its rungs as they are asked for."""

    def __init__(self):
        self.make = None

    def open(self, workload, size, nth, input):
        if workload not in WORKLOADS:
            raise ValueError(f"{workload} is not written in Numba here")
        if input is not None:
            raise ValueError("Numba's side reads no input files")
        self.make, self.digest, sizes = WORKLOADS[workload]
        draw, *parameters = sizes[size][nth]
        label, self.arguments = draw(*parameters)
        self.compiled = {}
        return {"opened": label}

    def run(self, rung, threads):
        if self.make is None:
            raise ValueError("no problem is open")
        if rung not in RUNGS:
            raise ValueError(f"Numba has no rung {rung}")
        numba.set_num_threads(threads)
        if rung not in self.compiled:
            self.compiled[rung] = self.make(njit(**RUNGS[rung]))
            self.compiled[rung](*self.arguments)
        function = self.compiled[rung]
        return lambda: function(*self.arguments)

    def answer(self, rung, threads):
        numbers = self.digest(self.run(rung, threads)())
        if not all(math.isfinite(number) for number in numbers):
            raise ValueError(f"the answer of {rung} has {numbers} as its digest")
        return {"answered": numbers}

    def sample(self, rung, threads, loops, min_sample_ms):
        run = self.run(rung, threads)
        clock = time.thread_time_ns if rung == "kernel" else time.perf_counter_ns
        if loops == 0:
            loops = 1
            while True:
                start = time.perf_counter_ns()
                for _ in range(loops):
                    run()
                if time.perf_counter_ns() - start >= min_sample_ms * 1_000_000:
                    break
                loops *= 2
        waited, wall, start = waiting(), time.perf_counter_ns(), clock()
        for _ in range(loops):
            run()
        ns, wall = clock() - start, time.perf_counter_ns() - wall
        clean = waiting() - waited <= wall / 100
        return {"sampled": {"loops": loops, "ns": ns / loops, "clean": clean}}


def waiting():
    """Nanoseconds for which this thread was ready and had no core."""
    with open("/proc/thread-self/schedstat", encoding="ascii") as file:
        return int(file.read().split()[1])


def serve():
    worker = Worker()
    for line in sys.stdin:
        try:
            ((request, arguments),) = json.loads(line).items()
            reply = {"open": worker.open, "answer": worker.answer, "sample": worker.sample}[
                request
            ](**arguments)
        except Exception as error:
            reply = {"failed": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), flush=True)


if __name__ == "__main__":
    if sys.argv[1:] != ["worker"]:
        sys.exit("usage: numba_worker.py worker (see benches/peers/numba)")
    serve()
