"""How `values.py` and `tail.py` record what NumPy makes of something.

A line is a case: its name, the type of its result, the elements, and of several axes the shape behind them as `@2x3`.
Floats are there by their bits, NaN as `nan`.
"""

import sys

import dask
import numpy as np


def versions():
    print(f"# NumPy {np.__version__}, Dask {dask.__version__}, Python {sys.version.split()[0]}")


def show(x):
    if x.dtype.kind == "c":
        parts = zip(show(x.real.copy()).split(), show(x.imag.copy()).split())
        return " ".join(",".join(pair) for pair in parts)
    if x.dtype.kind == "f":
        bits = x.view(np.uint64 if x.dtype.itemsize == 8 else np.uint32)
        return " ".join("nan" if np.isnan(v) else f"{b:x}" for v, b in zip(x, bits))
    return " ".join(str(int(v)) for v in x)


def case(name, result):
    result = np.asarray(result)
    shape = "" if result.ndim < 2 else " @" + "x".join(str(n) for n in result.shape)
    flat = result.ravel()
    print(name, flat.dtype, show(flat) + shape)
