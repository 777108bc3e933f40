"""Records what NumPy makes of what is at the edge: the greatest integers, infinities, -0, nothing, one number, bools and
complex numbers, for `edges.rs`:

    python edges.py > edges.txt
"""

import warnings

import numpy as np

from record import case, versions

warnings.simplefilter("ignore")
np.seterr(all="ignore")

nan, inf, most = np.nan, np.inf, 1.7e308
I64 = np.array([0, np.iinfo(np.int64).min, -1, np.iinfo(np.int64).max, 1, np.iinfo(np.int64).min])
U64 = np.array([2**64 - 1, 0, 2**63, 1, 2**63 - 1], dtype=np.uint64)
I8 = np.array([-128, 127, 0, -1, 127, 5], dtype=np.int8)
BOOL = np.array([True, False, True, True])
ZEROS = np.array([0.0, -0.0, nan, -inf, 5e-324, inf, -0.0, -5e-324])
Z = np.array([1 + 2j, 0, complex(nan, 1), complex(0, -1), -0.5])
NONE = np.array([], dtype=np.float64)
FLAT = np.zeros((0, 3))

versions()
# The mean of two that are far apart, or infinite.
for number, two in enumerate([[inf, inf], [-inf, inf], [1.0, inf], [-inf, 1.0], [-most, most], [-inf, -inf]]):
    case(f"median_{number}", np.median([two], axis=1))
    case(f"nanmedian_{number}", np.nanmedian([two + [nan]], axis=1))
case("quantile_far", np.quantile([most, most / 2], [0.0, 0.3, 0.5, 0.7, 1.0]))
case("median_i64", np.median(I64))
case("median_u64", np.median(U64))
case("median_i8", np.median(I8))
case("median_of_one", np.median(np.array([7.5])))
case("median_0d", np.median(np.array(7.5)))
case("median_none", np.median(NONE))
case("quantile_i8", np.quantile(I8, [0.0, 0.1, 0.5, 0.9, 1.0]))

# In order.
for name, x in [("i64", I64), ("u64", U64), ("i8", I8), ("bool", BOOL), ("none", NONE)]:
    case("sort_" + name, np.sort(x))
    case("argsort_" + name, np.argsort(x, kind="stable"))
    case("unique_" + name, np.unique(x))
    case("flatnonzero_" + name, np.flatnonzero(x))
    case("argwhere_" + name, np.argwhere(x))
case("argsort_zeros", np.argsort(ZEROS, kind="stable"))
case("flatnonzero_zeros", np.flatnonzero(ZEROS))
case("flatnonzero_complex", np.flatnonzero(Z))
case("sort_flat", np.sort(FLAT, axis=0))
case("searchsorted_i64", np.searchsorted(np.sort(I64), I64))
case("searchsorted_u64", np.searchsorted(np.sort(U64), U64, side="right"))
case("isin_i64", np.isin(I64, [np.iinfo(np.int64).min, 1]))

# Counts.
case("bincount_bool", np.bincount(BOOL, minlength=3))
case("bincount_none", np.bincount(np.array([], dtype=np.int64), minlength=3))
case("histogram_none", np.histogram(NONE, bins=3, range=(0, 1))[0])
case("histogram_zeros", np.histogram(ZEROS[np.isfinite(ZEROS)], bins=[-1.0, -0.0, 1.0])[0])
case("histogram_i64", np.histogram(I64, bins=[-1e19, -1.0, 0.0, 1.0, 1e19])[0])
case("digitize_zeros", np.digitize(ZEROS, [-inf, -0.0, inf]))
case("digitize_zeros_right", np.digitize(ZEROS, [-inf, -0.0, inf], right=True))

# Along an axis: integers wrap.
case("diff_i64", np.diff(I64))
case("diff_u64", np.diff(U64))
case("diff_i8", np.diff(I8))
case("diff_complex", np.diff(Z))
case("diff_none", np.diff(NONE))
case("diff_twice", np.diff(I64, 2))
case("ediff1d_i64", np.ediff1d(I64))
case("cumsum_i64", np.cumsum(I64))
case("cumprod_i8", np.cumprod(I8))
case("gradient_zeros", np.gradient(np.array([0.0, -0.0, inf, 1.0, nan])))
case("convolve_complex", np.convolve(Z[[0, 1, 3, 4]], np.array([1j, 2.0])))
case("convolve_i64", np.convolve(I64, np.array([2, -1])))
case("cumsum_none", np.cumsum(NONE))
case("nancumsum_zeros", np.nancumsum(np.array([nan, -0.0, nan, inf, -inf])))

# Places.
case("delete_complex", np.delete(Z, [0, -1]))
case("insert_i64", np.insert(I64, 6, [3]))
case("append_bool", np.append(BOOL, BOOL[:1]))
case("pad_bool", np.pad(BOOL, (1, 2), "symmetric"))
case("pad_zeros", np.pad(ZEROS, (1, 1), "maximum"))
case("roll_none", np.roll(NONE, 3))
case("diag_zeros", np.diag(ZEROS[:3]))
case("diag_above", np.diag(Z, 2))
case("diag_below", np.diag(I64[:2], -1))
case("diag_none", np.diag(NONE, 1))
case("atleast_0d", np.atleast_3d(np.float64(2.5)))
case("atleast_1d", np.atleast_3d(BOOL))
case("atleast_2d", np.atleast_3d(np.arange(6).reshape(2, 3)))
case("atleast_row", np.atleast_2d(BOOL))
case("dstack", np.dstack([I8[:3], I8[3:]]))
case("dstack_2d", np.dstack([np.arange(4).reshape(2, 2), np.ones((2, 2), dtype=np.int64)]))
case("rollaxis", np.rollaxis(np.arange(24).reshape(2, 3, 4), 0, 2))
case("rollaxis_back", np.rollaxis(np.arange(24).reshape(2, 3, 4), 2, 1))
case("ma_average", np.ma.average(np.ma.array([1.0, nan, inf, 4.0], mask=[0, 1, 1, 0]), weights=[1.0, 5.0, 7.0, 3.0]))
