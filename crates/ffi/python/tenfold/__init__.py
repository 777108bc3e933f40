"""Functions of Rust for Python: what `#[tenfold_ffi::export(c)]` has put into a library.

    import tenfold
    kern = tenfold.load("./libkern.so")
    kern.axpy(2.0, x, y)

Arrays are NumPy's, or anything with a buffer: array.array, bytes, memoryview. Their elements are of the
type that Rust says, they are used where they lie, and nothing is copied. `&[f64]` takes one dense axis,
`ArrayView2<f64>` two with any strides of NumPy's; `&mut` and `ArrayViewMut` write into them. Other threads
run during a call.

A wrong argument is a TypeError, an OverflowError or a ValueError that names it, an `Err` of Rust a
tenfold.Error, and a panic a RuntimeError.
"""

import functools
import keyword
import os
import re

import cffi

from . import _parameter

__all__ = ["Error", "Library", "load"]

# A comment, whose last line has the types of Rust, and the prototype.
_RECORD = re.compile(r"/\*\*\n((?: \*.*\n)+?) \*/\nint32_t (\w+)\(")
_SIGNATURE = re.compile(r"\w+\(([^()]*)\)(?: -> (.*))?")
_ERROR = re.compile(r"^const char \*(\w+)\(void\);", re.MULTILINE)


class Error(Exception):
    """A function of Rust returned an `Err`, whose text this has."""


class Library:
    """The exported functions of a library, by their names."""

    def __init__(self, path):
        # The loader looks for a name without a folder where the system has its libraries.
        self._path = os.path.abspath(path) if os.path.exists(path) else os.fspath(path)
        text = _cdef(self._path)
        error = _ERROR.search(text)
        if error is None:
            raise ImportError(f"{self._path} holds no declarations: only libraries for Linux do")
        self._ffi = cffi.FFI()
        self._ffi.cdef(text)
        self._calls = self._ffi.dlopen(self._path)
        fail = functools.partial(_fail, self._ffi, getattr(self._calls, error[1]))
        for comment, name in _RECORD.findall(text):
            # Not `splitlines`, which ends lines at form feeds too.
            lines = [line[3:] for line in comment[:-1].split("\n")]
            setattr(self, name, _function(self._ffi, getattr(self._calls, name), fail, name, lines))

    def __repr__(self):
        return f"<tenfold.Library {self._path!r}>"


def load(path):
    """Load a library. Its functions are attributes of what is returned."""
    return Library(path)


def _cdef(path):
    """What a library says of itself."""
    ffi = cffi.FFI()
    ffi.cdef("const char *tenfold_cdef(void);")
    library = ffi.dlopen(path)
    try:
        return ffi.string(library.tenfold_cdef()).decode()
    except AttributeError:
        message = f"{path} has no tenfold_cdef: write tenfold_ffi::exports!(NAME); in its lib.rs"
        raise ImportError(message) from None


def _fail(ffi, last_error, status):
    """Raise what a status says."""
    kind = {1: Error, 2: RuntimeError}.get(status, ValueError)
    raise kind(ffi.string(last_error()).decode()) from None


def _explain(parameters, values):
    """Raise what is wrong with an argument, if it is one of those."""
    try:
        for parameter, value in zip(parameters, values):
            parameter.check(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise error from None


def _function(ffi, call, fail, name, lines):
    """Write a function of Python that does all it can before it is called.

    Names of ours begin with a letter that names of C cannot have.
    """
    arguments, results = _SIGNATURE.fullmatch(lines[-1]).groups()
    parts = [part.split(": ") for part in arguments.split(", ") if part]
    parameters = [_parameter.of(ffi, name, _python(own), rust) for own, rust in parts]
    scope = {"øcall": call, "øfail": fail, "øexplain": functools.partial(_explain, parameters)}
    scope.update(ølen=len, ønew=ffi.new, øexcept=Exception)
    before, passed = [], []
    for number, parameter in enumerate(parameters):
        before += parameter.before(f"ø{number}", scope)
        passed += parameter.passed(f"ø{number}")
    places, value = _results(results)
    for number, place in enumerate(places):
        scope[f"øtype{number}"] = ffi.typeof(place)
        before.append(f"øresult{number} = ønew(øtype{number})")
        passed.append(f"øresult{number}")
    names = ", ".join(parameter.name for parameter in parameters)
    source = [
        f"def {_python(name)}({names}):",
        "    try:",
        *(f"        {line}" for line in before),
        f"        østatus = øcall({', '.join(passed)})",
        "    except øexcept:",
        f"        øexplain([{names}])",
        "        raise",
        "    if østatus:",
        "        øfail(østatus)",
        f"    return {value}",
    ]
    exec("\n".join(source), scope)
    function = scope[_python(name)]
    function.__doc__ = "\n".join(lines)
    function.__module__ = __name__
    function.__annotations__ = {parameter.name: parameter.rust for parameter in parameters}
    if results:
        function.__annotations__["return"] = results
    return function


def _python(name):
    return name + "_" if keyword.iskeyword(name) else name


def _results(results):
    """The types of the places for results, and what Python makes of them."""
    if results is None:
        return [], None
    if results.startswith("["):
        number, count = results[1:-1].split("; ")
        return [f"{_parameter.NUMBERS[number][0]}[{count}]"], "[*øresult0]"
    numbers = results.strip("(,)").split(", ")
    values = [f"øresult{number}[0]" for number in range(len(numbers))]
    value = f"({', '.join(values)},)" if results.startswith("(") else values[0]
    return [f"{_parameter.NUMBERS[number][0]} *" for number in numbers], value
