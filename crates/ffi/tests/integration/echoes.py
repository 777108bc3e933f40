"""Passes numbers of each type, alone and in arrays, and gets them back."""

import array
import sys

import numpy as np

import tenfold

library = tenfold.load(sys.argv[1])
assert library.shallow.__doc__ == "One\fline.\n\nshallow() -> f64", library.shallow.__doc__
types = {"i8": "b", "i16": "h", "i32": "i", "i64": "q", "isize": "l", "f32": "f", "f64": "d"}
types |= {"u8": "B", "u16": "H", "u32": "I", "u64": "Q", "usize": "L"}

for rust, code in types.items():
    call = getattr(library, f"echo_{rust}")
    limits = np.finfo(code) if code in "fd" else np.iinfo(code)
    least, most = (np.array(limit, code).item() for limit in (limits.min, limits.max))
    for list_ in (np.array([most, least], code), array.array(code, [most, least])):
        assert call(most, list_) == (most, least), rust
        assert call(least, list_[:1]) == (least, most), rust
        assert call(least, list_[:0]) == (least, least), rust
    # `long` and `long long` are one type where they have one size.
    for other in set(types.values()) - {code}:
        same = np.dtype(other) == np.dtype(code)
        try:
            call(1, np.ones(2, other))
        except TypeError as error:
            assert "`list` has elements of type" in str(error) and not same, (rust, other)
        else:
            assert same, (rust, other)
    if code not in "fd":
        for wrong in (least - 1, most + 1):
            try:
                call(wrong, np.zeros(1, code))
            except OverflowError as error:
                assert "`x`: " in str(error), error
            else:
                raise AssertionError((rust, wrong))

print(len(types), "types")
