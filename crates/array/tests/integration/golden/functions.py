"""Prints the public functions of dask.array, one a line, for the left side of `functions.txt`:

    python functions.py

Types, constants, modules, and what a module has only because it calls it are left out.
"""

import inspect

import dask
import dask.array as da

HELPERS = {"array_expr_enabled", "assert_eq", "compression_level", "compression_matrix", "fft_wrap",
           "normalize_masked_array"}


def functions(prefix, module, own):
    for name in sorted(dir(module)):
        thing = getattr(module, name)
        is_own = own is None or getattr(thing, "__module__", None) in own
        if callable(thing) and not (name.startswith("_") or name in HELPERS or inspect.isclass(thing)) and is_own:
            print(prefix + name)


print(f"# Dask {dask.__version__}")
functions("", da, None)
functions("linalg.", da.linalg, ["dask.array.linalg"])
functions("fft.", da.fft, ["dask.array.fft"])
functions("random.", da.random, ["dask.array.random"])
functions("ma.", da.ma, ["dask.array.ma", "numpy.ma.core"])
