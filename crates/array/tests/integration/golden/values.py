"""Records what NumPy makes of edge cases, for `golden.rs`: python values.py > numpy.txt

A line is a case: its name, the type of its result, and the elements; floats by their bits, NaN as `nan`.
"""

import sys
import warnings

import numpy as np

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


def show(x):
    if x.dtype.kind == "f":
        bits = x.view(np.uint64 if x.dtype.itemsize == 8 else np.uint32)
        return " ".join("nan" if np.isnan(v) else f"{b:x}" for v, b in zip(x, bits))
    return " ".join(str(int(v)) for v in x)


def case(name, result):
    result = np.atleast_1d(np.asarray(result)).ravel()
    print(name, result.dtype, show(result))


print(f"# NumPy {np.__version__}, Python {sys.version.split()[0]}")
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
