"""Writes the golden files, with the NumPy that is there: python3 make.py FOLDER."""

import pathlib
import sys

import numpy as np

TYPES = [
    "bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
    "float32", "float64", "complex64", "complex128",
]


def numbers(dtype, *shape):
    """Element k, counted in row-major order, is of k alone."""
    k = np.arange(int(np.prod(shape)), dtype="int64")
    if dtype == "bool":
        values = k % 3 == 0
    elif dtype.startswith("complex"):
        values = k * 1.5 - 0.25j * k
    else:
        values = k * 7 % 100 + (0.5 if dtype.startswith("float") else 0)
    return values.astype(dtype).reshape(shape)


def main(folder):
    for dtype in TYPES:
        np.save(folder / f"{dtype}.npy", numbers(dtype, 2, 3))
    np.save(folder / "fortran.npy", np.asfortranarray(numbers("float64", 2, 3)))
    np.save(folder / "big.npy", numbers("complex64", 2, 3).astype(">c8"))
    np.save(folder / "scalar.npy", numbers("float64"))
    np.save(folder / "line.npy", numbers("int32", 5))
    np.save(folder / "empty.npy", numbers("uint8", 0, 3))
    for version in (2, 3):
        with open(folder / f"version{version}.npy", "wb") as file:
            np.lib.format.write_array(file, numbers("int16", 2, 3), version=(version, 0))
    members = {"x": numbers("float64", 2, 3), "y": numbers("uint8", 40)}
    np.savez(folder / "stored.npz", **members)
    np.savez_compressed(folder / "deflated.npz", **members)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
