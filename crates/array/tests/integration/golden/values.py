"""Records what NumPy makes of edge cases, and NumPy and Dask of arrays of several axes, for `golden.rs`:

    python values.py > numpy.txt
"""

import warnings

import dask.array as da
import numpy as np

from record import case, versions

warnings.simplefilter("ignore")
np.seterr(all="ignore")

nan, inf = np.nan, np.inf
FLOATS = np.array([0.0, -0.0, 0.5, -0.5, 1.5, 2.5, -2.5, 3.7, -3.7, 1e300, inf, -inf, nan])
OTHERS = np.array([2.0, -2.0, 0.0, -0.0, 1.5, -0.7, inf, -inf, nan, 3.0, 2.0, -1.0, 1.0])
INTS = np.array([0, 1, -1, 7, -7, 127, -128, 100], dtype=np.int8)
BY = np.array([3, 0, -1, -3, 3, 2, -1, 9], dtype=np.int8)
WIDE = np.array([0, 1, -1, 300, -300, 2**31, -(2**40), 2**62], dtype=np.int64)
SMALL = np.array([0.0, -0.0, 1.9, -1.9, 100.5, 0.999, -0.5], dtype=np.float64)
HOLES = np.array([[1.0, nan, 3.0], [nan, nan, nan], [-2.0, 5.0, 5.0]])


def both(name, of):
    """What Dask makes of the chunks of an array, which has to be what NumPy makes of the array."""
    plain, chunked = of(np, X), of(da, da.from_array(X, chunks=2)).compute()
    np.testing.assert_array_equal(plain, chunked)
    case(name, plain)


versions()
for name in ["floor", "ceil", "trunc", "rint", "sign", "abs", "square", "reciprocal", "sqrt", "nan_to_num"]:
    case(name, getattr(np, name)(FLOATS))
for name in ["isnan", "isfinite", "isinf"]:
    case(name, getattr(np, name)(FLOATS))
for decimals in [1, -1]:
    case(f"round{decimals}", np.round(np.array([0.25, 0.35, -0.25, 15.0, 25.0, 1e300, nan]), decimals))
for name in ["minimum", "maximum", "fmin", "fmax", "less", "less_equal", "greater", "greater_equal", "equal",
             "not_equal", "mod", "fmod", "floor_divide", "arctan2", "hypot", "power"]:
    case(name, getattr(np, name)(FLOATS, OTHERS))
case("clip", np.clip(FLOATS, -1.0, 2.0))
case("clip_crossed", np.clip(FLOATS, 2.0, -1.0))
for name in ["add", "subtract", "multiply", "floor_divide", "mod", "fmod", "bitwise_and", "bitwise_or",
             "bitwise_xor", "left_shift", "right_shift"]:
    case("i8_" + name, getattr(np, name)(INTS, BY))
for name in ["abs", "sign", "negative", "invert", "square"]:
    case("i8_" + name, getattr(np, name)(INTS))
for to in ["bool", "int8", "int16", "int32", "uint8", "uint16", "uint32", "uint64", "float32", "float64"]:
    case("from_int64_" + to, WIDE.astype(to))
    if not to.startswith("u"):
        case("from_float64_" + to, SMALL.astype(to))
    case("from_bool_" + to, np.array([False, True]).astype(to))
for name in ["sum", "prod", "mean", "min", "max", "argmin", "argmax", "any", "all"]:
    case("i8_" + name, getattr(np, name)(INTS))
    case("holes_" + name, getattr(np, name)(HOLES, axis=0))
for name in ["nansum", "nanprod", "nanmin", "nanmax", "nanmean", "nanvar", "nanstd"]:
    case("holes_" + name, getattr(np, name)(HOLES, axis=1))
case("holes_nanargmin", np.nanargmin(HOLES[[0, 2]], axis=1))
case("holes_nanargmax", np.nanargmax(HOLES[[0, 2]], axis=1))
case("var_of_ints", np.var(WIDE[:5]))
case("var_ddof_all", np.var(np.array([1.0, 2.0]), ddof=2))
case("std_offset", np.std(np.arange(1000.0) + 1e8, ddof=1))
for name in ["sum", "prod", "mean", "any", "all", "var"]:
    case("empty_" + name, getattr(np, name)(np.zeros((0, 2)), axis=0))
for name in ["cumsum", "cumprod"]:
    case("i8_" + name, getattr(np, name)(INTS))
case("cummax", np.maximum.accumulate(FLOATS))
case("cummin", np.minimum.accumulate(FLOATS))
case("diff", np.diff(INTS))

# Numbers of two parts, also such whose squares are infinite, or 0.
Z = np.array([1 + 2j, -0.5j, 3, 1e200 + 1e200j, 1e-200 - 3e-200j, 0, -2 + 0.25j, 1e300j, 2 - 1j])
W = np.array([2 - 1j, 4, -0.25j, 2e200 - 1e200j, 1e-200 + 1e-200j, 1 + 1j, 0, 1e300 + 1e300j, 0.5 + 8j])
for name in ["add", "subtract", "divide"]:
    case("c_" + name, getattr(np, name)(Z, W))
# Where both terms of a part are infinite, NumPy takes them together in one instruction, or not.
KEEP = [0, 1, 2, 4, 5, 6, 7, 8]
case("c_multiply", Z[KEEP] * W[KEEP])
case("c_square", np.square(Z[KEEP]))
for name in ["abs", "angle", "conj", "real", "imag", "negative"]:
    case("c_" + name, getattr(np, name)(Z))
case("c_reciprocal", np.reciprocal(Z[Z != 0]))
for name in ["sum", "prod", "mean", "cumsum"]:
    case("c_" + name, getattr(np, name)(Z[[0, 1, 2, 6, 8]]))
case("c_to_complex64", Z[[0, 1, 2, 6]].astype("complex64"))

# One element, zeros of either sign, NaN on the way, and sums that wrap.
case("one_std", np.std(np.array([5.0])))
case("one_std_ddof", np.std(np.array([5.0]), ddof=1))
for name in ["sum", "nansum", "mean"]:
    case("minus_zero_" + name, getattr(np, name)(np.array([-0.0, -0.0])))
case("minus_zero_prod", np.prod(np.array([-0.0, 3.0])))
case("nan_cumsum", np.cumsum(np.array([1.0, nan, 2.0, inf])))
case("nan_cumprod", np.cumprod(np.array([2.0, 0.0, inf, 2.0])))
case("clip_nan", np.clip(np.array([1.0, nan, -3.0]), nan, 2.0))
case("wraps_sum", np.sum(np.array([2**63 - 1, 1, 5], dtype="int64")))
case("wraps_usum", np.sum(np.array([2**64 - 1, 3], dtype="uint64")))
case("wraps_prod", np.prod(np.array([2**62, 2, 3], dtype="int64")))
case("mean_of_u8", np.mean(np.array([255, 255, 254], dtype="uint8")))
LEAST = np.array([-(2**63), 2**63 - 1, 7, -7], dtype="int64")
BYS = np.array([-1, 0, 64, 63], dtype="int64")
for name in ["floor_divide", "mod", "left_shift", "right_shift", "multiply"]:
    case("i64_" + name, getattr(np, name)(LEAST, BYS))

# The operations that are used most, of several axes.
X = (np.arange(24) * 7 % 11 - 4).reshape(4, 6) * 0.5
both("x_sum", lambda m, x: x.sum(axis=0))
both("x_mean", lambda m, x: x.mean(axis=1))
both("x_std", lambda m, x: x.std())
both("x_var", lambda m, x: x.var(axis=0, ddof=1))
both("x_min", lambda m, x: x.min(axis=1))
both("x_max", lambda m, x: x.max(axis=(0, 1)))
both("x_any", lambda m, x: (x > 2.5).any(axis=0))
both("x_all", lambda m, x: (x > -2).all(axis=1))
both("x_argmin", lambda m, x: x.argmin(axis=1))
both("x_argmax", lambda m, x: x.argmax(axis=0))
both("x_argmax_of_all", lambda m, x: x.argmax())
both("x_cumsum", lambda m, x: x.cumsum(axis=0))
both("x_cumprod", lambda m, x: x.cumprod(axis=1))
both("x_where", lambda m, x: m.where(x < 0, -x, x + 1))
both("x_select", lambda m, x: m.select([x < 0, x > 2], [x * 0, x * 2], 7))
both("x_clip", lambda m, x: m.clip(x, -1, 1.5))
both("x_astype", lambda m, x: x.astype("int32"))
both("x_round", lambda m, x: x.round())
both("x_reshape", lambda m, x: x.reshape(2, 2, 6))
both("x_ravel", lambda m, x: x.ravel())
both("x_transpose", lambda m, x: x.T)
both("x_moveaxis", lambda m, x: m.moveaxis(x.reshape(2, 2, 6), 0, 2))
both("x_squeeze", lambda m, x: m.squeeze(x[:, None, 1:3]))
both("x_slice", lambda m, x: x[::-2, 1:5])
both("x_row", lambda m, x: x[-1])
both("x_take", lambda m, x: m.take(x, [5, 0, 0, -2], axis=1))
both("x_compress", lambda m, x: m.compress([True, False, False, True], x, axis=0))
both("x_flip", lambda m, x: m.flip(x, 1))
both("x_roll", lambda m, x: m.roll(x, -2, axis=1))
both("x_repeat", lambda m, x: m.repeat(x, 2, axis=0))
both("x_tile", lambda m, x: m.tile(x[:2, :3], (2, 1)))
both("x_stack", lambda m, x: m.stack([x, -x], axis=1))
both("x_hstack", lambda m, x: m.hstack([x, x[:, :1]]))
both("x_vstack", lambda m, x: m.vstack([x, x[:1]]))
both("x_concatenate", lambda m, x: m.concatenate([x[:2], x[1:]], axis=0))
both("x_broadcast", lambda m, x: x[:, :1] - x[:1])
both("x_diff", lambda m, x: m.diff(x, n=2, axis=1))
both("x_dot", lambda m, x: x.dot(x.T))
both("x_tensordot", lambda m, x: m.tensordot(x, x[:, :2], axes=([0], [0])))
both("x_outer", lambda m, x: m.outer(x[0, :3], x[1, :2]))
both("x_tril", lambda m, x: m.tril(x, 1))
both("x_triu", lambda m, x: m.triu(x, -1))
both("x_diagonal", lambda m, x: m.diagonal(x))
both("x_pad_constant", lambda m, x: m.pad(x[:2, :3], ((1, 0), (2, 1)), mode="constant", constant_values=9))
both("x_pad_edge", lambda m, x: m.pad(x[:2, :3], ((1, 0), (2, 1)), mode="edge"))
both("x_pad_wrap", lambda m, x: m.pad(x[:2, :3], ((1, 0), (2, 1)), mode="wrap"))
both("x_pad_reflect", lambda m, x: m.pad(x[:2, :3], ((1, 0), (2, 1)), mode="reflect"))
for name, made in [
    ("zeros", lambda m: m.zeros((2, 3))),
    ("ones", lambda m: m.ones((2, 3), dtype="int16")),
    ("full", lambda m: m.full((3,), 2.5)),
    ("arange", lambda m: m.arange(3, 8)),
    ("linspace", lambda m: m.linspace(-1, 2, 7)),
    ("eye", lambda m: m.eye(4, k=1)),
    ("indices", lambda m: m.indices((2, 3))),
]:
    np.testing.assert_array_equal(made(np), made(da).compute())
    case("made_" + name, made(np))
# What NumPy does not have.
D = da.from_array(X, chunks=(2, 3))
case("dask_coarsen", da.coarsen(np.max, D, {0: 2, 1: 3}).compute())
case("dask_map_blocks", D.map_blocks(lambda block: block - block.max()).compute())
for boundary in ["periodic", "nearest", 4.0]:
    around = lambda x: np.roll(x, 1, 0) + np.roll(x, -1, 1)
    case(f"dask_overlap_{boundary}", D.map_overlap(around, depth=1, boundary=boundary).compute())
