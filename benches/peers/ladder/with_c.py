"""C, compiled for this machine, on one thread and with OpenMP; called through ctypes, once for a whole problem."""

import ctypes
from ctypes import POINTER, c_char_p, c_double, c_long, c_uint64, c_void_p

import built
from calls import calls

ABOUT = f"{built.version()} {' '.join(built.FLAGS)}"
OPTIONS = {"c": [], "c+threads": ["-fopenmp"]}

ARGUMENTS = {
    "heat": [c_void_p, c_void_p, c_long, c_long],
    "julia": [c_void_p, c_long, c_long, c_void_p],
    "pi": [c_uint64, c_long],
    "blackscholes": [c_void_p] * 3 + [c_double, c_double, c_long, c_void_p],
    "nbody": [c_void_p] * 3 + [c_long, c_long],
    "matmul": [c_void_p] * 3 + [c_long],
    "integrate": [c_double, c_double, c_long],
    "fib": [c_long],
    "stairs": [c_long],
    "lcs": [c_char_p, c_char_p, c_long],
}
RESULTS = {"pi": c_long, "integrate": c_double, "fib": c_long, "stairs": c_long, "lcs": c_long}

# No loop of the recursions can be shared out.
RUNGS = {"c": list(ARGUMENTS), "c+threads": [name for name in ARGUMENTS if name not in ("fib", "stairs", "lcs")]}

# 1.4e10 calls of the plain recursion take longer than anybody waits.
NANOSECONDS = {"c": {"": 0.8}, "c+threads": {"": 0.8}}

loaded = {}


def load(rung):
    if rung not in loaded:
        library = ctypes.CDLL(str(built.library(*OPTIONS[rung])))
        for name, arguments in ARGUMENTS.items():
            function = getattr(library, name)
            function.argtypes, function.restype = arguments, RESULTS.get(name)
        loaded[rung] = library
    return loaded[rung]


def set_threads(threads):
    if "c+threads" in loaded:
        loaded["c+threads"].omp_set_num_threads(threads)


def make(rung, workload):
    return calls(load(rung), lambda array: array.ctypes.data)[workload]
