"""NumPy: whole arrays at once, with SciPy's erf, which NumPy lacks; BLAS on one thread."""

import numpy as np
import scipy
from scipy.special import erf

from problems import outputs

ABOUT = f"NumPy {np.__version__}, SciPy {scipy.__version__}"

# Of an operation, with what it takes of memory: a problem of size l is more than some machines have.
NANOSECONDS = {"numpy": {"pi": 60, "integrate": 30, "": 15}}


def heat(field, steps):
    u, v = field.copy(), field.copy()
    for _ in range(steps):
        inner = v[1:-1, 1:-1]
        np.add(u[:-2, 1:-1], u[2:, 1:-1], out=inner)
        inner += u[1:-1, :-2]
        inner += u[1:-1, 2:]
        inner *= 0.25
        u, v = v, u
    return u


def julia(axis, most):
    z = (axis[:, None] + 1j * axis[None, :]).ravel()
    counts = np.zeros(z.size, dtype=np.uint32)
    # Only those that have not left go on.
    going = np.arange(z.size)
    for _ in range(most):
        inside = z.real * z.real + z.imag * z.imag < 1e6
        z, going = z[inside], going[inside]
        if not going.size:
            break
        z = z * z + (0.3852 - 0.2026j)
        counts[going] += 1
    return counts


def pi(seed, n):
    bits = outputs(seed, 0, n)
    x = (bits >> np.uint64(32)).astype(float) / 4294967296.0
    y = (bits & np.uint64(0xFFFFFFFF)).astype(float) / 4294967296.0
    return np.count_nonzero(x * x + y * y <= 1.0)


def blackscholes(spot, strike, years, rate, volatility):
    deviation = volatility * np.sqrt(years)
    d1 = (np.log(spot / strike) + (rate + 0.5 * volatility * volatility) * years) / deviation
    d2 = d1 - deviation
    root = np.sqrt(0.5)
    return spot * (0.5 + 0.5 * erf(d1 * root)) - strike * np.exp(-rate * years) * (
        0.5 + 0.5 * erf(d2 * root)
    )


def nbody(places, velocities, masses, steps):
    places, velocities = places.copy(), velocities.copy()
    for _ in range(steps):
        d = places[:, None, :] - places[:, :, None]
        r2 = np.sum(d * d, axis=0) + 0.0025
        velocities += 0.01 * np.sum(d * (masses / (r2 * np.sqrt(r2))), axis=2)
        places += 0.01 * velocities
    return tuple(places)


def matmul(a, b):
    return a @ b


def integrate(a, b, n):
    dx = (b - a) / n
    x = a + np.arange(n) * dx
    return np.sum(x * x - x) * dx


WORKLOADS = {
    "heat": heat,
    "julia": julia,
    "pi": pi,
    "blackscholes": blackscholes,
    "nbody": nbody,
    "matmul": matmul,
    "integrate": integrate,
}


RUNGS = {"numpy": WORKLOADS}


def make(rung, workload):
    return WORKLOADS[workload]
