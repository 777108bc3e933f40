"""Reads files that tenfold-array wrote with the NumPy that is there: python3 check.py FOLDER."""

import pathlib
import sys

import numpy as np
from make import TYPES, numbers


def main(folder):
    right = 0
    for dtype in TYPES:
        found = np.load(folder / f"{dtype}.npy", mmap_mode="r")
        assert found.dtype == dtype, (dtype, found.dtype)
        np.testing.assert_array_equal(found, numbers(dtype, 2, 3))
        right += 1
    for name, shape in (("scalar", ()), ("line", (5,)), ("empty", (0, 3))):
        found = np.load(folder / f"{name}.npy")
        np.testing.assert_array_equal(found, numbers("float64", *shape))
        assert found.shape == shape
        right += 1
    with np.load(folder / "all.npz") as archive:
        assert archive.zip.testzip() is None
        assert archive.files == TYPES, archive.files
        for dtype in TYPES:
            found = archive[dtype]
            assert found.dtype == dtype, (dtype, found.dtype)
            np.testing.assert_array_equal(found, numbers(dtype, 2, 3))
            right += 1
    print(right, "right")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
