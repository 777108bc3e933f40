"""Calls the functions of the example `kern` with what is right and what is wrong."""

import array
import ctypes
import decimal
import inspect
import pydoc
import sys
import threading

import numpy as np
from numpy.lib.stride_tricks import as_strided

import tenfold

kern = tenfold.load(sys.argv[1])
right = refused = 0


def same(a, b):
    global right
    assert np.array_equal(a, b) and type(a) is type(b), (a, b)
    right += 1


def refuses(kind, message, call, *arguments):
    global refused
    try:
        result = call(*arguments)
    except Exception as error:
        assert type(error) is kind and message in str(error), (type(error), str(error), message)
        assert error.__suppress_context__ or error.__context__ is None
        refused += 1
    else:
        raise AssertionError(f"{message!r} was expected, and {result!r} came")


def evolve(u, v, a, dt, dx2, dy2):
    u[1:-1, 1:-1] = v[1:-1, 1:-1] + a * dt * (
        (v[2:, 1:-1] - 2.0 * v[1:-1, 1:-1] + v[:-2, 1:-1]) / dx2
        + (v[1:-1, 2:] - 2.0 * v[1:-1, 1:-1] + v[1:-1, :-2]) / dy2
    )


# What is right, beside NumPy.
random = np.random.default_rng(7)
x, y = random.random(1000), random.random(1000)
expected = y + 2.0 * x
same(kern.axpy(2.0, x, y), None)
same(y, expected)
same(kern.axpy(np.float32(0.5), x, y), None)
same(y, expected + 0.5 * x)
same(kern.axpy(1, x[100:200], y[:100]), None)
ones = np.ones(8)
same(kern.dot(ones, ones), 8.0)
same(kern.range(np.array([3, -1, 2], "i4")), (-1, 3, 3))
same(kern.halve(-7), (-3,))
same(kern.halve(np.int16(8)), (4,))
same(kern.powers(2.0), [2.0, 4.0, 8.0])
z = np.array([1 + 1j, 2])
same(kern.turn(z, 1j, False), -1 + 3j)
same(z, np.array([-1 + 1j, 2j]))
same(kern.turn(z, np.complex128(1j), True), 3 + 1j)
same(kern.letters("größe"), 5)
same(kern.letters(b"abc"), 3)
same(kern.count_bytes(b"hello", 108), 2)
same(kern.count_bytes(memoryview(b"hello"), 108), 2)
same(kern.count_bytes(b"", 0), 0)
same(kern.kern_nothing(), None)
same(kern.axpy(1.0, np.zeros(0), np.zeros(0)), None)

# Without NumPy.
a, b = array.array("d", [1, 2]), array.array("d", [1, 1])
kern.axpy(2.0, a, b)
same(b.tolist(), [3.0, 5.0])
same(kern.dot((ctypes.c_double * 2)(1.0, 2.0), a), 5.0)
same(kern.total(memoryview(array.array("d", [1, 2, 3, 4])).cast("B").cast("d", (2, 2))), 10.0)

# Views of every kind.
m = random.integers(0, 100, (6, 8)).astype(float)
for view in (m, m[::-1], m[:, ::-1], m[::2, 1::3], m.T, m[::-1].T, m[1:1], m[:0].T, np.asfortranarray(m)):
    sums = np.full(view.shape[1] * 2, -1.0)
    kern.column_sums(view, sums[::2])
    same(sums[::2], view.sum(axis=0))
    same(sums[1::2], np.full(view.shape[1], -1.0))
    kern.column_sums(view, sums[::-2])
    same(sums[::-2], view.sum(axis=0))
    same(kern.total(view), float(view.sum()))
for shape in ((), (3,), (2, 3, 4), (1, 1, 2, 1, 3), (0, 4)):
    values = random.integers(0, 100, shape).astype(float) if shape else np.array(3.0)
    same(kern.total(values), float(values.sum()))
same(kern.total(np.broadcast_to(np.array([1.0, 2.0]), (5, 2))), 15.0)
m.flags.writeable = False
same(kern.total(m), float(m.sum()))
m.flags.writeable = True

# Heat.
u = random.random((30, 40))
v = u.copy()
ours, before = u.copy(), v.copy()
kern.evolve(ours, before, 10, 0.5, 0.01, 0.1, 0.2)
for _ in range(10):
    evolve(u, v, 0.5, 0.01, 0.1, 0.2)
    v, u = u, v
assert np.allclose(ours, v, rtol=1e-13) and np.allclose(before[1:-1], u[1:-1], rtol=1e-13)

# What is known of a function.
same(str(inspect.signature(kern.axpy)), "(a: 'f64', x: '&[f64]', y: '&mut [f64]')")
same(str(inspect.signature(kern.dot)), "(x: '&[f64]', y: '&[f64]') -> 'f64'")
assert "Adds `a * x` to `y`." in pydoc.render_doc(kern.axpy) and "axpy" in dir(kern)
assert "libkern.so" in repr(kern)

# What is wrong: each names the argument.
half, ro = x.astype("f4"), x.copy()
ro.flags.writeable = False
unaligned = np.zeros(41, "u1")[1:33].view("f8")
refuses(TypeError, "axpy: `a`: must be real number, not str", kern.axpy, "2", x, y)
refuses(TypeError, "axpy: `a`: ", kern.axpy, None, x, y)
refuses(TypeError, "axpy: `x` has elements of type float32, and is to have float64", kern.axpy, 1.0, half, y)
refuses(TypeError, "`x` has elements of type >f8", kern.axpy, 1.0, x.astype(">f8"), y)
refuses(TypeError, "`x` has elements of type object", kern.axpy, 1.0, x.astype(object), y)
refuses(TypeError, "`x` has elements of type int64", kern.range, np.arange(3))
refuses(TypeError, "`x` is of type list, and is to be an array of float64", kern.axpy, 1.0, [1.0], y)
refuses(TypeError, "`y` is of type NoneType", kern.axpy, 1.0, x, None)
refuses(TypeError, "`y` has elements of type 'B'", kern.axpy, 1.0, x, bytearray(8000))
refuses(ValueError, "`x` has a stride of 16 bytes, and is to be dense", kern.axpy, 1.0, x[::2], y[:500])
refuses(ValueError, "`x` has a stride of -8 bytes", kern.axpy, 1.0, x[::-1], y)
refuses(ValueError, "`x` has 2 axes, and is to have 1", kern.axpy, 1.0, m, y)
refuses(ValueError, "`y` is written, and may only be read", kern.axpy, 1.0, x, ro)
refuses(ValueError, "`y` is written and overlaps `x`, by 8000 bytes", kern.axpy, 1.0, x, x)
refuses(ValueError, "`y` is written and overlaps `x`, by 7200 bytes", kern.axpy, 1.0, x[:900], x[:900])
refuses(ValueError, "by 80 bytes", kern.axpy, 1.0, x[:20], x[10:30])
refuses(ValueError, "`x` is at 0x", kern.dot, unaligned, unaligned)
refuses(ValueError, "`x` is at 0x", kern.total, unaligned)
refuses(tenfold.Error, "axpy: lengths of 1000 and 999 do not go together", kern.axpy, 1.0, x, y[:999])
refuses(tenfold.Error, "range: there is no least element of nothing", kern.range, np.zeros(0, "i4"))
refuses(RuntimeError, "panicked: index out of bounds: the len is 1000 but the index is 5000", kern.fail_at, x, 5000)
refuses(OverflowError, "fail_at: `index`: ", kern.fail_at, x, -1)
refuses(OverflowError, "fail_at: `index`: ", kern.fail_at, x, 2**64)
refuses(OverflowError, "count_bytes: `byte`: ", kern.count_bytes, b"", 256)
refuses(TypeError, "fail_at: `index`: ", kern.fail_at, x, 1.5)
refuses(TypeError, "fail_at: `index`: ", kern.fail_at, x, decimal.Decimal("1.5"))
refuses(TypeError, "fail_at: `index`: ", kern.fail_at, x, np.float32(1.5))
refuses(OverflowError, "turn: `back`: ", kern.turn, z, 1j, 2)
refuses(TypeError, "turn: `by`: ", kern.turn, z, "i", True)
refuses(TypeError, "turn: `by`: ", kern.turn, z, None, True)
refuses(TypeError, "turn: `z` has elements of type complex64", kern.turn, z.astype("c8"), 1j, True)
refuses(ValueError, "letters: `text` is not UTF-8: ", kern.letters, "\ud800")
refuses(ValueError, "letters: `text` has a zero at byte 1", kern.letters, "a\0b")
refuses(ValueError, "letters: `text` is not UTF-8, from byte 0 on", kern.letters, b"\xff")
refuses(TypeError, "letters: `text` is of type int", kern.letters, 3)
refuses(ValueError, "`x` has 1 axes, and is to have 2", kern.column_sums, x, y)
refuses(ValueError, "`sums` is written, and may only be read", kern.column_sums, m, ro[:8])
refuses(ValueError, "its stride of 0 bytes in axis 0", kern.column_sums, m, as_strided(np.zeros(1), (8,), (0,)))
refuses(ValueError, "its stride of 8 bytes in axis", kern.evolve, as_strided(np.zeros(9), (3, 3), (8, 8)), m, 1, 1.0, 1.0, 1.0, 1.0)
refuses(ValueError, "a stride of 12 bytes", kern.column_sums, as_strided(m, (2, 8), (12, 8)), y[:8])
refuses(ValueError, "`sums` is written and overlaps `x`", kern.column_sums, m, m[2])
refuses(ValueError, "`u` is written and overlaps `u_previous`, by 384 bytes", kern.evolve, m, m, 1, 1.0, 1.0, 1.0, 1.0)
refuses(tenfold.Error, "column_sums: lengths of 8 and 7", kern.column_sums, m, y[:7])
refuses(TypeError, "missing 1 required positional argument: 'y'", kern.axpy, 1.0, x)
refuses(TypeError, "unexpected keyword argument", lambda: kern.axpy(1.0, x, z=y))
refuses(ImportError, "write tenfold_ffi::exports!(NAME);", tenfold.load, "libm.so.6")
refuses(OSError, "libnone.so", tenfold.load, "./libnone.so")

# Each thread has its own message.
def fails(length, found):
    for _ in range(200):
        try:
            kern.axpy(1.0, np.zeros(length), np.zeros(length + 1))
        except tenfold.Error as error:
            found.append(f"lengths of {length} and {length + 1} " in str(error))

found = []
threads = [threading.Thread(target=fails, args=(length, found)) for length in range(1, 5)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert len(found) == 800 and all(found)

print(f"{right} right, {refused} refused")
