"""The ladder's problems, drawn as benches/ladder draws them, and the numbers by which answers are compared."""

import numpy as np

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


# Digests.


GOLDEN = 0.6180339887498949


def spread(values):
    """As `digest` of benches/harness/check.rs."""
    values = np.ravel(values)
    count = len(values)
    weights = np.arange(count) * GOLDEN % 1.0
    means = [values.mean(), np.sqrt(np.mean(values * values)), np.dot(weights, values) / count]
    some = [values[int(i * GOLDEN % 1.0 * count)] for i in range(1, 17)]
    return [float(number) for number in [*means, *some]]


def one(value):
    return [float(value)]


def mean(counts):
    return [float(np.mean(counts))]


def positions(bodies):
    return spread(np.stack(bodies, axis=1))


# Problems: a label, what a function is given, and how many operations the naive loop takes.


def heat(n, steps):
    """The initial field, and steps."""
    y = (np.arange(n) + 0.5) / n
    x = np.abs((np.arange(n) + 0.5) / n - 0.5)
    width = np.zeros(n)
    width[(0.15 <= y) & (y < 0.35)] = 0.07
    shoulder = (0.35 <= y) & (y < 0.45)
    width[shoulder] = 0.07 + 0.13 * (1 - ((0.45 - y[shoulder]) / 0.1) ** 2)
    width[(0.45 <= y) & (y < 0.85)] = 0.2
    field = np.where(x[None, :] < width[:, None], 5.0, 85.0)
    return f"{n}x{n}, {steps} steps", (field, steps), (n - 2) ** 2 * steps


def julia(n):
    """Both axes, and the most iterations."""
    # A point takes some 70 iterations on average.
    return f"{n}x{n}, at most {n} iterations", (np.linspace(-1.2, 1.2, n), n), 70 * n * n


def pi(n):
    """The seed, and points."""
    return f"{n} points", (42, n), n


def blackscholes(n):
    """Spot, strike and years of each, the rate and the volatility of all."""
    arrays = [uniform(11, 0, n, 10, 100), uniform(11, 1, n, 10, 100), uniform(11, 2, n, 0.1, 2)]
    return f"{n} options", (*arrays, 0.02, 0.3), n


def nbody(n):
    """Coordinates by rows, velocities, masses and steps."""
    places = uniform(3, 0, 3 * n, -1, 1).reshape(n, 3).T.copy()
    velocities = uniform(3, 1, 3 * n, -0.1, 0.1).reshape(n, 3).T.copy()
    masses = uniform(3, 2, n, 0.5, 1.5) / n
    return f"{n} bodies, 5 steps", (places, velocities, masses, 5), 5 * n * n


def matmul(n):
    """Both factors."""
    factors = [uniform(5, stream, n * n, 0, 1).reshape(n, n) for stream in (0, 1)]
    return f"{n}x{n}", tuple(factors), n**3


def integrate(n):
    """The ends, and parts."""
    return f"[0, 2] in {n} parts", (0.0, 2.0, n), n


def fib(n):
    calls = [1, 1]
    for _ in range(2, n + 1):
        calls.append(1 + calls[-1] + calls[-2])
    return f"fib({n})", (n,), calls[n]


def stairs(n):
    calls = [1, 1, 1, 1]
    for _ in range(4, n + 1):
        calls.append(1 + calls[-1] + calls[-2] + calls[-3])
    return f"{n} stairs", (n,), calls[n]


def lcs(n):
    """Two strings."""
    letters = np.frombuffer(b"acgt", dtype=np.uint8)[outputs(7, 0, 2 * n) >> np.uint64(62)].tobytes()
    return f"{n}x{n} letters", (letters[:n], letters[n:]), n * n


# For each workload: how a problem is drawn, what tells answers apart, and the parameters of each size.
WORKLOADS = {
    "heat": (
        heat,
        spread,
        {"s": [(64, 20)], "m": [(200, 200)], "l": [(2000, 50)], "course": [(200, 200), (2000, 50)]},
    ),
    "julia": (julia, mean, {"s": [(80,)], "m": [(200,)], "l": [(1000,)], "course": [(400,)]}),
    "pi": (
        pi,
        one,
        {"s": [(10_000,)], "m": [(100_000,)], "l": [(100_000_000,)], "course": [(1_000_000,)]},
    ),
    "blackscholes": (
        blackscholes,
        spread,
        {"s": [(10_000,)], "m": [(100_000,)], "l": [(8_000_000,)], "course": [(1_000_000,)]},
    ),
    "nbody": (
        nbody,
        positions,
        {"s": [(64,)], "m": [(256,)], "l": [(4096,)], "course": [(512,)]},
    ),
    "matmul": (matmul, spread, {"s": [(96,)], "m": [(256,)], "l": [(1024,)], "course": [(512,)]}),
    "integrate": (
        integrate,
        one,
        {
            "s": [(100_000,)],
            "m": [(1_000_000,)],
            "l": [(1_000_000_000,)],
            "course": [(10_000_000,)],
        },
    ),
    "fib": (fib, one, {"s": [(22,)], "m": [(30,)], "l": [(43,)], "course": [(40,)]}),
    "stairs": (stairs, one, {"s": [(18,)], "m": [(24,)], "l": [(32,), (40,)], "course": [(28,), (40,)]}),
    "lcs": (
        lcs,
        one,
        {"s": [(12,)], "m": [(14,), (100,)], "l": [(20,), (2000,)], "course": [(18,), (200,)]},
    ),
}
