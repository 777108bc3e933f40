"""Records what NumPy makes of arrays in order, of quantiles, counts and so on, for `tail.rs`, and Dask where NumPy has no
such function:

    python tail.py > tail.txt
"""

import warnings

import dask.array as da
import numpy as np

from record import case, versions

warnings.simplefilter("ignore")
np.seterr(all="ignore")

nan, inf = np.nan, np.inf
X = 0.5 * (np.arange(24).reshape(4, 6) * 7 % 11 - 4.0)
HOLES = np.array([[1.0, nan, 3.0], [nan, nan, nan], [-2.0, 5.0, 5.0], [inf, 0.25, -inf]])
FLOATS = np.array([0.0, -0.0, 0.5, -0.5, 1.5, 2.5, -2.5, 3.7, -3.7, 1e300, inf, -inf, nan, 5e-324])
OTHERS = np.array([2.0, -2.0, 0.0, -0.0, 1.5, -0.7, inf, -inf, nan, 3.0, 2.0, -inf, 1.0, -0.0])
INTS = np.array([5, 1, 3, 1, 9, 3, 3, 0], dtype=np.int32)
WEIGHTS = np.array([0.5, 2.0, 1.0, 0.25, 4.0, 1.0, 3.0, 8.0])

versions()
# In order.
case("sort0", np.sort(X, axis=0))
case("sort1", np.sort(HOLES, axis=1))
case("sort_ints", np.sort(INTS))
case("argsort0", np.argsort(X, axis=0, kind="stable"))
case("argsort1", np.argsort(HOLES, axis=1, kind="stable"))
case("argsort_ints", np.argsort(INTS, kind="stable"))
case("take_along0", np.take_along_axis(X, np.argsort(X, axis=0, kind="stable"), axis=0))
case("take_along1", np.take_along_axis(X, np.array([[0], [-1], [2], [-6]]), axis=1))
case("topk1", da.topk(da.from_array(X, chunks=2), 3, axis=1).compute())
case("topk_least", da.topk(da.from_array(X, chunks=2), -2, axis=0).compute())
case("apply_along", np.apply_along_axis(lambda lane: lane[:2] + lane[-1], 0, X))

# Quantiles.
METHODS = ["linear", "lower", "higher", "midpoint", "nearest", "inverted_cdf", "averaged_inverted_cdf",
           "closest_observation", "interpolated_inverted_cdf", "hazen", "weibull", "median_unbiased",
           "normal_unbiased"]
QS = [0.0, 0.05, 0.125, 0.25, 0.3, 0.5, 0.625, 0.7, 0.875, 0.99, 1.0]
for method in METHODS:
    case("quantile_" + method, np.quantile(X, QS, axis=1, method=method))
    case("quantile_all_" + method, np.quantile(X, 0.3, method=method))
case("median0", np.median(X, axis=0))
case("median_holes", np.median(HOLES[:3], axis=1))
case("nanmedian", np.nanmedian(HOLES[:3], axis=1))
case("nanquantile", np.nanquantile(HOLES[:3], 0.3, axis=1))
case("percentile", np.percentile(X, 30, axis=0))
case("nanpercentile", np.nanpercentile(HOLES[:3], 70, axis=0))
case("median_ints", np.median(INTS))

# Counts.
case("bincount", np.bincount(INTS, minlength=12))
case("bincount_weights", np.bincount(INTS, WEIGHTS))
case("histogram", np.histogram(X, bins=7, range=(-1.75, 3.0))[0])
case("histogram_edges", np.histogram(X, bins=7, range=(-1.75, 3.0))[1])
case("histogram_own", np.histogram(X, bins=[-2.0, -1.0, -1.0, 0.5, 3.0])[0])
case("histogram_density", np.histogram(X, bins=[-2.0, -1.0, 0.5, 3.0], density=True)[0])
case("histogram_weights", np.histogram(INTS, bins=4, range=(0, 8), weights=WEIGHTS)[0])
case("histogram2d", np.histogram2d(X.ravel(), -X.ravel(), bins=[[-2.0, 0.0, 3.0], [-3.0, 0.0, 1.0, 2.0]])[0].astype(np.int64))
EDGES = np.array([-2.5, -0.5, 0.0, 0.5, 2.5])
case("digitize", np.digitize(FLOATS, EDGES))
case("digitize_right", np.digitize(FLOATS, EDGES, right=True))
case("digitize_falling", np.digitize(FLOATS, EDGES[::-1]))
case("digitize_falling_right", np.digitize(FLOATS, EDGES[::-1], right=True))
case("searchsorted", np.searchsorted(np.sort(FLOATS), OTHERS))
case("searchsorted_right", np.searchsorted(np.sort(FLOATS), OTHERS, side="right"))
values, counts = np.unique(np.concatenate([FLOATS, OTHERS[:6]]) + 0.0, return_counts=True)
case("unique", values)
case("unique_counts", counts)
case("unique_ints", np.unique(INTS))
case("argwhere", np.argwhere(X > 1.0))
case("flatnonzero", np.flatnonzero(FLOATS))
case("extract", X[X > 1.0])
case("isin", np.isin(FLOATS, [0.0, 2.5, nan, inf]))

# Functions of elements.
for name in ["sinc", "spacing", "signbit"]:
    case(name, getattr(np, name)(FLOATS))
# Of what is so large that it is infinite, NumPy has NaN.
case("i0", np.i0(FLOATS[:9]))
for name in ["copysign", "nextafter", "logaddexp", "logaddexp2"]:
    case(name, getattr(np, name)(FLOATS, OTHERS))
case("modf_part", np.modf(FLOATS)[0])
case("modf_whole", np.modf(FLOATS)[1])
case("frexp_part", np.frexp(FLOATS)[0])
case("frexp_power", np.frexp(FLOATS)[1])
case("ldexp", np.ldexp(FLOATS, np.arange(-7, 7, dtype=np.int32) * 300))
case("isclose", np.isclose(np.array([1.0, 1.0, 1.0, nan, inf, inf]), np.array([1.00001, 1.0001, nan, nan, inf, -inf])))
case("isclose_nan", np.isclose(FLOATS, FLOATS, equal_nan=True))
case("interp", np.interp(FLOATS, [-2.5, 0.0, 0.5, 0.5, 3.0], [1.0, inf, inf, 2.0, -7.0]))
case("interp_plain", np.interp(X, [-2.0, -0.25, 0.5, 2.0], [1.0, 10.0, -3.0, 0.5]))

# Along an axis.
case("nancumsum", np.nancumsum(HOLES, axis=1))
case("nancumprod", np.nancumprod(HOLES[:3], axis=0))
case("gradient0", np.gradient(X, 0.5, axis=0))
case("gradient1", np.gradient(X, axis=1))
case("ediff1d", np.ediff1d(X))
case("cov", np.cov(X))
case("corrcoef", np.corrcoef(X))
for mode in ["full", "same", "valid"]:
    case("convolve_" + mode, np.convolve(X.ravel(), [0.5, -1.0, 2.0, 0.25], mode))
    case("convolve_long_" + mode, np.convolve(X[0], np.arange(9.0), mode))
case("delete", np.delete(X, [1, -1, 3], axis=1))
case("insert", np.insert(X, 2, X[:1], axis=0))
case("append", np.append(X, X[:, :2], axis=1))
for mode in ["symmetric", "maximum", "minimum", "mean", "median"]:
    case("pad_" + mode, np.pad(X, [(1, 2), (9, 0)], mode))
case("pad_linear_ramp", np.pad(X, [(1, 2), (4, 0)], "linear_ramp", end_values=-3.0))
case("unravel_index", np.unravel_index(np.array([0, 7, 23, 11]), (2, 3, 4))[1])
case("ravel_multi_index", np.ravel_multi_index([np.array([0, 1, 1]), np.array([2, 0, 1]), np.array([3, 0, 2])], (2, 3, 4)))
for times in [1, 2, 3, -3]:
    case(f"rot90_{times}", np.rot90(X, times))
