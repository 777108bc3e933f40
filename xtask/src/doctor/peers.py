"""Imports what the peers use, and shows that extensions can be built against this Python."""

import os
import sysconfig

import cffi
import Cython
import dask
import mpi4py
import numba
import numpy
import scipy
import zarr

if not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")):
    raise SystemExit("Python.h is missing, so Cython and cffi cannot build")

# Not mpi4py.MPI, which starts MPI.
modules = (numpy, scipy, numba, Cython, cffi, mpi4py, dask, zarr)
versions = [(module.__name__.lower(), module.__version__) for module in modules]
print(", ".join(" ".join(pair) for pair in versions))
