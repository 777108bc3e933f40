"""Imports what the peers use, and shows that extensions can be built against this Python."""

import os
import sysconfig

import cffi
import Cython
import numba
import numpy

if not os.path.exists(os.path.join(sysconfig.get_path("include"), "Python.h")):
    raise SystemExit("Python.h is missing, so Cython and cffi cannot build")

modules = (numpy, numba, Cython, cffi)
versions = [(module.__name__.lower(), module.__version__) for module in modules]
print(", ".join(" ".join(pair) for pair in versions))
