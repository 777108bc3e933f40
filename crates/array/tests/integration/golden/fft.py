"""Records Fourier transforms of NumPy, for `fft.rs`:

    python fft.py > fft.txt

A line is a case: its name, the shape, and the elements; complex ones as `re,im`.
"""

import sys

import numpy as np

X = (np.arange(24).reshape(4, 6) * 7 % 11 - 4) / 2
Y = (np.arange(24).reshape(4, 6) * 5 % 13 - 6) / 4
Z = X + 1j * Y
CUBE = ((np.arange(60) * 17 % 23 - 11) / 4).reshape(3, 4, 5)


def show(v):
    return f"{v.real!r},{v.imag!r}" if np.iscomplexobj(v) else repr(v)


def case(name, result):
    flat = np.ravel(result)
    flat = flat.astype(complex if np.iscomplexobj(flat) else float).tolist()
    print(name, "x".join(map(str, np.shape(result))), *map(show, flat))


print(f"# NumPy {np.__version__}, Python {sys.version.split()[0]}")
for norm in ["backward", "ortho", "forward"]:
    for name in ["fft", "ifft", "irfft", "hfft"]:
        for axis in [0, 1]:
            for n in [None, 1, 3, 8, 9]:
                case(f"{name}_{axis}_{n or 0}_{norm}", getattr(np.fft, name)(Z, n, axis, norm))
    for name in ["fft", "rfft", "ihfft"]:
        for axis in [0, 1]:
            for n in [None, 1, 3, 8, 9]:
                case(f"real_{name}_{axis}_{n or 0}_{norm}", getattr(np.fft, name)(X, n, axis, norm))
    for name in ["fft2", "ifft2", "irfft2"]:
        case(f"{name}_{norm}", getattr(np.fft, name)(Z, norm=norm))
        case(f"{name}_3x7_{norm}", getattr(np.fft, name)(Z, (3, 7), norm=norm))
    case(f"rfft2_{norm}", np.fft.rfft2(X, norm=norm))
    for name in ["fftn", "ifftn", "rfftn", "irfftn"]:
        case(f"{name}_{norm}", getattr(np.fft, name)(CUBE, (2, 5, 4), (2, 0, 1), norm))
for n in [1, 2, 3, 4, 9]:
    case(f"fftfreq_{n}", np.fft.fftfreq(n, 0.1))
    case(f"rfftfreq_{n}", np.fft.rfftfreq(n, 0.1))
case("fftshift", np.fft.fftshift(CUBE))
case("ifftshift", np.fft.ifftshift(CUBE, (0, 2)))
