# needs: cffi
"""C by CFFI: a function of the C library in ABI mode, and pointers."""

# ANCHOR: abi
from cffi import FFI

ffi = FFI()
ffi.cdef("""
    int abs(int x);
    double frexp(double x, int *exponent);
""")
c = ffi.dlopen(None)
exponent = ffi.new("int *")
fraction = c.frexp(80.0, exponent)
# ANCHOR_END: abi

assert c.abs(-3) == 3
assert (fraction, exponent[0]) == (0.625, 7)
