"""Cython: loops_cython.pyx, translated and compiled for this machine."""

import hashlib
import importlib.util
import os
import sys
import sysconfig

import Cython

import built
import problems

ABOUT = f"Cython {Cython.__version__}, {built.version()} {' '.join(built.FLAGS)}"
RUNGS = {"cython": list(problems.WORKLOADS)}
NANOSECONDS = {"cython": {"": 0.8}}


def load():
    source = built.HERE / "loops_cython.pyx"
    key = hashlib.sha256(source.read_bytes() + repr((ABOUT, built.cpu())).encode()).hexdigest()[:16]
    # The module's name is compiled into it, so the folder tells builds apart.
    folder = built.folder() / f"cython-{key}"
    file = folder / f"loops_cython{sysconfig.get_config_var('EXT_SUFFIX')}"
    if not file.exists():
        folder.mkdir(exist_ok=True)
        c = folder / "loops_cython.c"
        built.run([sys.executable, "-m", "cython", "-3", source, "-o", c])
        made = file.with_suffix(f".{os.getpid()}")
        include = f"-I{sysconfig.get_path('include')}"
        built.run([*built.compiler(), *built.FLAGS, "-fPIC", "-shared", include, c, "-o", made, "-lm"])
        made.rename(file)
    spec = importlib.util.spec_from_file_location("loops_cython", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def make(rung, workload):
    return getattr(load(), workload)
