# needs: cffi
"""C by CFFI in ABI mode: a function that changes two numbers of the caller's."""

import os
import subprocess
import tempfile

source = os.path.join(os.path.dirname(__file__), "../../examples/ffi/fibo.c")
folder = tempfile.TemporaryDirectory()
libfibo = os.path.join(folder.name, "libfibo.so")
subprocess.run([os.environ.get("CC", "cc"), "-shared", "-fPIC", "-o", libfibo, source], check=True)

# ANCHOR: abi
from cffi import FFI

ffi = FFI()
ffi.cdef("void fibo(int *a, int *b);")
library = ffi.dlopen(libfibo)
a, b = ffi.new("int *", 0), ffi.new("int *", 1)
terms = []
for _ in range(11):
    library.fibo(a, b)
    terms.append(b[0])
# ANCHOR_END: abi

assert terms == [1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144]
