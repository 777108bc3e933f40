"""Dask's arrays on its threads: the workloads that have arrays, in chunks that keep all threads at work."""

import dask
import dask.array as da
import numpy as np
from scipy.special import erf

from problems import finalise

ABOUT = f"Dask {dask.__version__}, NumPy {np.__version__}"

# Of an operation, on the threads together; heat's steps are as many graphs.
NANOSECONDS = {"dask": {"matmul": 1, "": 20}}

# Its own threads compute.
SHARED = True

threads = 1


def set_threads(count):
    global threads
    threads = count


def compute(lazy):
    return lazy.compute(scheduler="threads", num_workers=threads)


def part(n):
    """So many that each thread has two."""
    return max(1, -(-n // (2 * threads)))


def array(values, chunks):
    # Without a name it would be hashed, which takes longer than some of what is computed.
    return da.from_array(values, chunks=chunks, name=False)


def heat(field, steps):
    def step(u):
        v = u.copy()
        v[1:-1, 1:-1] = 0.25 * (u[:-2, 1:-1] + u[2:, 1:-1] + u[1:-1, :-2] + u[1:-1, 2:])
        return v

    u = array(field, (part(len(field)), -1))
    for _ in range(steps):
        # Rows are shared with the neighbours; at the plate's edges there is nobody, and the border stays.
        u = da.map_overlap(step, u, depth=(1, 0), boundary="none", dtype=float)
        u = u.persist(scheduler="threads", num_workers=threads)
    return compute(u)


def pi(seed, n):
    def count(i):
        with np.errstate(over="ignore"):
            bits = finalise(np.uint64(seed) + (i + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15))
        x = (bits >> np.uint64(32)).astype(float) / 4294967296.0
        y = (bits & np.uint64(0xFFFFFFFF)).astype(float) / 4294967296.0
        return x * x + y * y <= 1.0

    points = da.arange(n, chunks=part(n), dtype=np.uint64)
    return compute(points.map_blocks(count, dtype=bool).sum())


def blackscholes(spot, strike, years, rate, volatility):
    s, k, t = (array(one, part(len(one))) for one in (spot, strike, years))
    deviation = volatility * da.sqrt(t)
    d1 = (da.log(s / k) + (rate + 0.5 * volatility * volatility) * t) / deviation
    d2 = d1 - deviation
    root = np.sqrt(0.5)

    def cdf(d):
        return d.map_blocks(lambda x: 0.5 + 0.5 * erf(x * root), dtype=float)

    return compute(s * cdf(d1) - k * da.exp(-rate * t) * cdf(d2))


def matmul(a, b):
    return compute(array(a, (part(len(a)), -1)) @ array(b, (-1, -1)))


def integrate(a, b, n):
    dx = (b - a) / n
    x = a + da.arange(n, chunks=part(n), dtype=float) * dx
    return compute((x * x - x).sum()) * dx


WORKLOADS = {
    "heat": heat,
    "pi": pi,
    "blackscholes": blackscholes,
    "matmul": matmul,
    "integrate": integrate,
}


RUNGS = {"dask": WORKLOADS}


def make(rung, workload):
    return WORKLOADS[workload]
