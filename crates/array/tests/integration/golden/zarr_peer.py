"""Writes Zarr arrays with Python's zarr, and reads those of tenfold-array: python3 zarr_peer.py make|check FOLDER."""

import os
import sys

import numpy
import zarr
from zarr.codecs import BloscCodec, BytesCodec, Crc32cCodec, GzipCodec, TransposeCodec, ZstdCodec

TYPES = "bool int8 int16 int32 int64 uint8 uint16 uint32 uint64 float32 float64 complex64 complex128".split()


def numbers(dtype, shape):
    """The array whose elements are counted, as `Number::of` in number.rs does."""
    k = numpy.arange(int(numpy.prod(shape)))
    if dtype == "bool":
        flat = k % 3 == 0
    elif dtype.startswith("complex"):
        flat = 1.5 * k - 0.25j * k
    elif dtype.startswith("float"):
        flat = k * 7 % 100 + 0.5
    else:
        flat = k * 7 % 100
    return flat.astype(dtype).reshape(shape)


def put(group, name, x, **options):
    array = group.create_array(name, shape=x.shape, dtype=options.pop("dtype", x.dtype), **options)
    if x.ndim:
        array[:] = x
    else:
        array[()] = x


def make(folder):
    import numcodecs

    for version in (2, 3):
        group = zarr.open_group(f"{folder}/v{version}", mode="w", zarr_format=version)
        group.attrs["title"] = "golden"
        group.create_group("inner")
        for name in TYPES:
            x, fill = numbers(name, (7, 5)), numbers(name, (4,))[3]
            common = dict(chunks=(3, 2), fill_value=fill)
            if version == 2:
                kinds = {
                    "none": dict(compressors=None),
                    "zstd": dict(compressors=numcodecs.Zstd(level=3)),
                    "zlib": dict(compressors=numcodecs.Zlib(level=3)),
                    "gzip": dict(compressors=numcodecs.GZip(level=3)),
                    "blosc": dict(compressors=numcodecs.Blosc(cname="zstd", shuffle=numcodecs.Blosc.BITSHUFFLE)),
                    "fortran": dict(compressors=numcodecs.Blosc(), order="F"),
                    "slash": dict(compressors=None, chunk_key_encoding={"name": "v2", "separator": "/"}),
                }
                if x.dtype.itemsize > 1:
                    kinds["big"] = dict(compressors=None, dtype=x.dtype.newbyteorder(">"))
            else:
                kinds = {
                    "none": dict(compressors=None),
                    "zstd": dict(compressors=ZstdCodec(level=3, checksum=True)),
                    "gzip": dict(compressors=GzipCodec(level=3)),
                    "blosc": dict(compressors=BloscCodec(cname="lz4", shuffle="bitshuffle")),
                    "crc": dict(compressors=[ZstdCodec(), Crc32cCodec()]),
                    "transpose": dict(compressors=ZstdCodec(), filters=[TransposeCodec(order=(1, 0))]),
                    "shard": dict(compressors=BloscCodec(cname="zstd"), shards=(6, 4)),
                    "plain-shard": dict(compressors=None, shards=(6, 4)),
                    "v2-keys": dict(compressors=None, chunk_key_encoding={"name": "v2", "separator": "."}),
                }
                if x.dtype.itemsize > 1:
                    kinds["big"] = dict(compressors=ZstdCodec(), serializer=BytesCodec(endian="big"))
            for kind, options in kinds.items():
                put(group, f"{name}-{kind}", x, **common, **options)
        put(group, "scalar", numpy.float64(2.5).reshape(()), fill_value=float("nan"))
        group.create_array(
            "complex", shape=(2,), chunks=(2,), dtype="complex128", fill_value=complex(float("inf"), float("nan"))
        )
        zarr.consolidate_metadata(f"{folder}/v{version}", zarr_format=version)
    print("zarr", zarr.__version__)


def check(folder):
    right = 0
    for name in sorted(os.listdir(folder)):
        array = zarr.open_array(f"{folder}/{name}", mode="r")
        dtype, _, kind = name.partition("-")
        assert array.dtype == dtype, (name, array.dtype)
        shape = {"scalar": (), "empty": (0, 3)}.get(kind, (7, 5))
        assert array.shape == shape, (name, array.shape)
        assert numpy.array_equal(array[...], numbers(dtype, shape)), (name, array[...])
        if kind == "scalar":
            assert numpy.isnan(array.fill_value)
        elif kind == "empty":
            assert numpy.isinf(array.fill_value)
        else:
            assert array.fill_value == numbers(dtype, (4,))[3], (name, array.fill_value)
        if kind.endswith("-1"):
            assert array.metadata.dimension_names == ("a", "b")
            assert array.attrs["units"] == "m"
        right += 1
    print(right, "right")


{"make": make, "check": check}[sys.argv[1]](sys.argv[2])
