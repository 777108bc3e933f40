"""CFFI in API mode, out of line: loops.c compiled into an extension module."""

import hashlib
import importlib.util
import os
import sysconfig
import tempfile

import cffi

import built
import problems
from calls import calls

ABOUT = f"CFFI {cffi.__version__}, {built.version()} {' '.join(built.FLAGS)}"
RUNGS = {"cffi": list(problems.WORKLOADS)}
NANOSECONDS = {"cffi": {"": 0.8}}


def load():
    source, declarations = ((built.HERE / name).read_text() for name in ("loops.c", "loops.h"))
    key = hashlib.sha256(repr((source, declarations, ABOUT, built.cpu())).encode()).hexdigest()[:16]
    name = f"_loops_{key}"
    file = built.folder() / f"{name}{sysconfig.get_config_var('EXT_SUFFIX')}"
    if not file.exists():
        os.environ.setdefault("CC", " ".join(built.compiler()))
        builder = cffi.FFI()
        builder.cdef(declarations)
        builder.set_source(name, source, extra_compile_args=built.FLAGS + built.QUIET, libraries=["m"])
        # Beside the others, and then at once among them: two that build at a time, or one that is stopped, leave no half.
        with tempfile.TemporaryDirectory(dir=built.folder()) as folder:
            os.replace(builder.compile(tmpdir=folder), file)
    spec = importlib.util.spec_from_file_location(name, file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def make(rung, workload):
    module = load()

    def pointer(array):
        kind = "uint32_t[]" if array.dtype == "uint32" else "double[]"
        return module.ffi.from_buffer(kind, array)

    return calls(module.lib, pointer)[workload]
