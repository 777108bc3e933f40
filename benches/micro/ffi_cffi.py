"""Nanoseconds of a call through CFFI, for `benches/micro/ffi.rs`.

    python3 ffi_cffi.py LIBRARY SOURCE CALLS

Prints `MODE FUNCTION NANOSECONDS` lines: the least of 7 rounds, without the loop around the calls. ABI mode
opens the library, API mode compiles the source, which is C itself and no file's name.
"""

import sys
import tempfile
import time

import cffi

DECLARATIONS = """
int add(int, int);
double six(int, double, long, float, const char *, short);
"""


def least(call, calls):
    def once(function):
        begin = time.perf_counter_ns()
        for _ in range(calls):
            function()
        return (time.perf_counter_ns() - begin) / calls

    # What a loop and a function around the call cost is not the call's.
    bare = min(once(lambda: None) for _ in range(7))
    return min(once(call) for _ in range(7)) - bare


def measure(mode, lib, ffi, calls):
    add, six = lib.add, lib.six
    text = ffi.new("char[]", b"text")
    assert add(2, 3) == 5
    assert six(1, 2.0, 3, 4.0, text, 5) == 15.0 + ord("t")
    print(mode, "add", least(lambda: add(2, 3), calls))
    print(mode, "six", least(lambda: six(1, 2.0, 3, 4.0, text, 5), calls))


def api(source, folder):
    ffi = cffi.FFI()
    ffi.cdef(DECLARATIONS)
    ffi.set_source("_tenfold_bench", source, extra_compile_args=["-O2"])
    ffi.compile(tmpdir=folder)
    sys.path.insert(0, folder)
    import _tenfold_bench

    return _tenfold_bench.lib, _tenfold_bench.ffi


def main():
    library, source, calls = sys.argv[1], sys.argv[2], int(sys.argv[3])
    ffi = cffi.FFI()
    ffi.cdef(DECLARATIONS)
    measure("abi", ffi.dlopen(library), ffi, calls)
    with tempfile.TemporaryDirectory() as folder:
        try:
            lib, ffi = api(source, folder)
        except Exception as error:  # No compiler, or no setuptools.
            print("no API mode:", error, file=sys.stderr)
            return
        measure("api", lib, ffi, calls)


main()
