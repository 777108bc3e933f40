"""What one call, one message and one task cost in Python and its companions.

    python3 costs.py BENCH PEER..

Prints a JSON object a line for each cost that belongs to that micro-benchmark and to one of those peers: its name, the
median of batches in nanoseconds, and the quartiles around it. One that cannot be measured has a reason instead.
"""

import json
import math
import os
import statistics
import subprocess
import sys
import time

BATCHES = 21
# Seconds of a batch: far above the clock's own cost.
LONG = 0.005


def batches(run):
    """Nanoseconds of one of the calls that `run(n)` makes."""
    n = 1
    while timed(run, n) < LONG:
        n *= 2
    return [timed(run, n) / n * 1e9 for _ in range(BATCHES)]


def timed(run, n):
    start = time.perf_counter()
    run(n)
    return time.perf_counter() - start


def loop(call, argument):
    """Calls with the loop's own cost, some 10 ns, as a user's loop has it."""

    def run(n):
        for _ in range(n):
            call(argument)

    return run


def lru_cache_hit():
    import functools

    square = functools.lru_cache(maxsize=128)(lambda x: x * x)
    square(3)
    return loop(square, 3)


def lru_cache_miss():
    import functools

    square = functools.lru_cache(maxsize=128)(lambda x: x * x)

    def run(n):
        square.cache_clear()
        for x in range(n):
            square(x)

    return run


def plain_call():
    def square(x):
        return x * x

    return loop(square, 3)


def ctypes_call():
    import ctypes

    sqrt = ctypes.CDLL("libm.so.6").sqrt
    sqrt.argtypes, sqrt.restype = [ctypes.c_double], ctypes.c_double
    return loop(sqrt, 2.0)


def cffi_abi_call():
    import cffi

    ffi = cffi.FFI()
    ffi.cdef("double sqrt(double);")
    library = ffi.dlopen("libm.so.6")
    return loop(library.sqrt, 2.0)


def cffi_api_call():
    import with_cffi

    library = with_cffi.load().lib
    return loop(library.fib, 1)


def cython_call():
    import with_cython

    return loop(with_cython.load().fib, 1)


def numba_call():
    import numba

    square = numba.njit(lambda x: x * x)
    square(3.0)
    return loop(square, 3.0)


def profiled_call():
    import cProfile

    def square(x):
        return x * x

    def calls(n):
        for _ in range(n):
            square(3)

    def run(n):
        profile = cProfile.Profile()
        profile.enable()
        calls(n)
        profile.disable()

    return run


def delayed_task():
    import dask

    one = dask.delayed(lambda x: x)

    def run(n):
        dask.compute(*[one(i) for i in range(n)], scheduler="threads", num_workers=2)

    return run


# Bench, peer, name, and what makes the function to be timed.
COSTS = [
    ("memo", "python", "functools.lru_cache, a hit", lru_cache_hit),
    ("memo", "python", "functools.lru_cache, a miss", lru_cache_miss),
    ("ffi", "python", "a call of Python", plain_call),
    ("ffi", "python", "a call of C by ctypes", ctypes_call),
    ("ffi", "cffi", "a call of C by CFFI, ABI mode", cffi_abi_call),
    ("ffi", "cffi", "a call of C by CFFI, API mode", cffi_api_call),
    ("ffi", "cython", "a call of Cython", cython_call),
    ("ffi", "numba", "a call of Numba", numba_call),
    ("profile", "python", "a call under cProfile", profiled_call),
    ("array", "dask", "a task of dask.delayed, two threads", delayed_task),
]


def measured(make):
    values = sorted(batches(make()))
    quartiles = statistics.quantiles(values, n=4)
    return {"ns": statistics.median(values), "low": quartiles[0], "high": quartiles[2]}


def message():
    """Half a round of 8 bytes between two processes, by the program that compares it with ours, which tells the median alone."""
    here = os.path.dirname(os.path.abspath(__file__))
    program = [sys.executable, os.path.join(here, "../mpi4py_latency.py"), "message"]
    environment = {**os.environ, "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    launch = ["mpirun", "-n", "2", *program]
    ended = subprocess.run(launch, capture_output=True, text=True, env=environment, stdin=subprocess.DEVNULL)
    for line in ended.stdout.splitlines():
        ns = float(line.split()[2]) * 1e3
        return {"ns": ns, "low": ns, "high": ns}
    raise ValueError((ended.stderr or "it printed nothing").strip().splitlines()[-1])


def main(bench, peers):
    for of, peer, name, make in COSTS:
        if of == bench and peer in peers:
            try:
                cost = measured(make)
            except Exception as error:
                cost = {"reason": f"{type(error).__name__}: {error}"}
            print(json.dumps({"id": f"{peer}/{name}", **cost}), flush=True)
    if bench == "comm" and "mpi4py" in peers:
        try:
            cost = message()
        except Exception as error:
            cost = {"reason": f"{type(error).__name__}: {error}"}
        print(json.dumps({"id": "mpi4py/a message of 8 bytes between processes", **cost}), flush=True)


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit("usage: costs.py BENCH PEER..")
    main(sys.argv[1], sys.argv[2:])
