"""What calls loops.c takes: arrays for results, made with NumPy, and pointers, which each peer makes in its own way."""

import numpy as np


def calls(library, pointer):
    """For each workload a function of a problem's arguments; `pointer` makes of an array what `library` takes."""

    def heat(field, steps):
        u, v = field.copy(), field.copy()
        library.heat(pointer(u), pointer(v), len(u), steps)
        return u

    def julia(axis, most):
        counts = np.empty((len(axis), len(axis)), dtype=np.uint32)
        library.julia(pointer(axis), len(axis), most, pointer(counts))
        return counts

    def blackscholes(spot, strike, years, rate, volatility):
        prices = np.empty_like(spot)
        inputs = [pointer(one) for one in (spot, strike, years)]
        library.blackscholes(*inputs, rate, volatility, len(spot), pointer(prices))
        return prices

    def nbody(places, velocities, masses, steps):
        places, velocities = places.copy(), velocities.copy()
        library.nbody(pointer(places), pointer(velocities), pointer(masses), len(masses), steps)
        return tuple(places)

    def matmul(a, b):
        c = np.empty_like(a)
        library.matmul(pointer(a), pointer(b), pointer(c), len(a))
        return c

    def lcs(a, b):
        return library.lcs(a, b, len(a))

    return {
        "heat": heat,
        "julia": julia,
        "pi": library.pi,
        "blackscholes": blackscholes,
        "nbody": nbody,
        "matmul": matmul,
        "integrate": library.integrate,
        "fib": library.fib,
        "stairs": library.stairs,
        "lcs": lcs,
    }
