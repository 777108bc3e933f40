"""The kinds of parameters: how each is passed, and what can be wrong with it."""

import functools
import operator
import sys

import cffi

# By their names in Rust: the name in C, the formats of a buffer, and the name in NumPy.
NUMBERS = {
    "f32": ("float", ("f",), "float32"),
    "f64": ("double", ("d",), "float64"),
    "i8": ("int8_t", ("b",), "int8"),
    "i16": ("int16_t", ("h",), "int16"),
    "i32": ("int32_t", ("i",), "int32"),
    "i64": ("int64_t", ("l", "q"), "int64"),
    "isize": ("ptrdiff_t", ("l", "q", "n"), "intp"),
    "u8": ("uint8_t", ("B", "c"), "uint8"),
    "u16": ("uint16_t", ("H",), "uint16"),
    "u32": ("uint32_t", ("I",), "uint32"),
    "u64": ("uint64_t", ("L", "Q"), "uint64"),
    "usize": ("size_t", ("L", "Q", "N"), "uintp"),
    "bool": ("bool", ("?",), "bool"),
    "Complex<f32>": ("tenfold_complex64", ("Zf",), "complex64"),
    "Complex<f64>": ("tenfold_complex128", ("Zd",), "complex128"),
}

# What says of a format that it is the machine's, where the size says the rest.
_NATIVE = "@=^<" if sys.byteorder == "little" else "@=^>"

_FFI = cffi.FFI()


@functools.lru_cache(maxsize=1024)
def _list(ctype, numbers):
    """Lengths or strides for C, which many calls have in common."""
    return _FFI.new(ctype, numbers)


def of(ffi, function, name, rust):
    """The parameter with this type of Rust."""
    if rust in ("&str", "&CStr"):
        return Text(function, name, rust)
    if rust.startswith("&"):
        return Slice(ffi, function, name, rust, rust.partition("[")[2][:-1])
    if rust.startswith("ArrayView"):
        return View(ffi, function, name, rust, rust.partition("<")[2][:-1])
    return Value(ffi, function, name, rust)


class Value:
    """A number."""

    def __init__(self, ffi, function, name, rust):
        self.function, self.name, self.rust = function, name, rust
        self.is_complex = rust.startswith("Complex")
        # CFFI takes whatever has an `__int__`, and cuts the rest off.
        self.is_whole = rust[0] in "iu"
        # Of one, and not a pointer: a pointer to `None` would be one to 0.
        self.one = ffi.typeof(NUMBERS[rust][0] + "[1]")
        self.new = ffi.new

    def before(self, own, scope):
        scope["øindex"] = operator.index
        if not self.is_complex:
            return []
        scope[f"{own}type"] = self.one
        return [f"{own} = ønew({own}type, [{self.name}])"]

    def passed(self, own):
        if self.is_whole:
            return [f"øindex({self.name})"]
        return [own if self.is_complex else self.name]

    def check(self, value):
        try:
            self.new(self.one, [operator.index(value) if self.is_whole else value])
        except (TypeError, ValueError, OverflowError) as error:
            raise type(error)(f"{self.function}: `{self.name}`: {error}") from None


class Text:
    """A text that ends with a zero."""

    def __init__(self, function, name, rust):
        self.function, self.name, self.rust = function, name, rust

    def before(self, own, scope):
        scope[f"{own}check"] = self.check
        return [f"{own} = {own}check({self.name})"]

    def passed(self, own):
        return [own]

    def check(self, value):
        try:
            text = value.encode() if isinstance(value, str) else value
        except UnicodeEncodeError as error:
            raise ValueError(f"{self.function}: `{self.name}` is not UTF-8: {error}") from None
        if not isinstance(text, bytes):
            raise TypeError(f"{self.function}: `{self.name}` is of type {type(value).__name__}, and is to be a str")
        if b"\0" in text:
            raise ValueError(f"{self.function}: `{self.name}` has a zero at byte {text.index(0)}, where C would end it")
        return text


class Array:
    """What slices and views have in common.

    The usual case is told without a look into a buffer: an array of NumPy whose dtype is the one object that
    NumPy has for it, and that is dense. For all others there is a function that looks closely.
    """

    def __init__(self, ffi, function, name, rust, number):
        self.function, self.name, self.rust = function, name, rust
        ctype, self.formats, self.numpy = NUMBERS[number]
        self.writes = rust.startswith(("&mut", "ArrayViewMut"))
        self.bytes = ffi.sizeof(ctype)
        self.dense = ffi.typeof(ctype + "[]")
        self.pointer = ffi.typeof(ctype + " *")
        self.from_buffer, self.cast = ffi.from_buffer, ffi.cast

    def look_for_numpy(self, own, scope):
        """NumPy is not imported for those who have no arrays of it, and may be later."""
        numpy = sys.modules.get("numpy")
        self.own, self.scope = own, scope
        scope["øarray"] = numpy and numpy.ndarray
        scope[f"{own}dtype"] = numpy and numpy.dtype(self.numpy)

    def usual(self, own, scope, look):
        """Say when and how an array is passed in the usual case, and how else."""
        self.look_for_numpy(own, scope)
        scope.update({"øfrom": self.from_buffer, f"{own}type": self.dense, f"{own}look": look})
        when = f"{self.name}.__class__ is øarray and {self.name}.dtype is {own}dtype"
        return when, f"øfrom({own}type, {self.name}, {self.writes})", f"{own}look({self.name})"

    def wrong(self, kind, what):
        return kind(f"{self.function}: `{self.name}` {what}")

    def buffer(self, value, axes):
        """The buffer of an array of the right type and the right number of axes."""
        if self.scope[f"{self.own}dtype"] is None:
            self.look_for_numpy(self.own, self.scope)
        try:
            buffer = memoryview(value)
        except (TypeError, ValueError, BufferError):
            what = f"is of type {type(value).__name__}, and is to be an array of {self.numpy}"
            raise self.wrong(TypeError, what) from None
        # NumPy says by `=` that an array is not aligned, which Rust has a word for.
        if buffer.format.lstrip(_NATIVE) not in self.formats or buffer.itemsize != self.bytes:
            has = getattr(value, "dtype", repr(buffer.format))
            raise self.wrong(TypeError, f"has elements of type {has}, and is to have {self.numpy}")
        if axes is not None and buffer.ndim != axes:
            raise self.wrong(ValueError, f"has {buffer.ndim} axes, and is to have {axes}")
        if self.writes and buffer.readonly:
            raise self.wrong(ValueError, "is written, and may only be read")
        return buffer


class Slice(Array):
    """One dense axis."""

    def before(self, own, scope):
        when, usual, look = self.usual(own, scope, self.check)
        return [f"{own} = {usual} if {when} and {self.name}.ndim == 1 else {look}"]

    def passed(self, own):
        return [own, f"ølen({own})"]

    def check(self, value):
        """The elements."""
        buffer = self.buffer(value, 1)
        if not buffer.c_contiguous:
            raise self.wrong(ValueError, f"has a stride of {buffer.strides[0]} bytes, and is to be dense")
        return self.from_buffer(self.dense, buffer, self.writes)


class View(Array):
    """Axes with strides."""

    def __init__(self, *words):
        super().__init__(*words)
        axes = self.rust.partition("<")[0][-1]
        self.axes = None if axes == "D" else int(axes)

    def before(self, own, scope):
        when, usual, look = self.usual(own, scope, self.check)
        scope.update(ølist=_list, øNULL=_FFI.NULL)
        if self.axes is not None:
            when += f" and {self.name}.ndim == {self.axes}"
        return [
            f"if {when} and {self.name}.flags.c_contiguous:",
            f"    {own}, {own}strides = {usual}, øNULL",
            f"    {own}shape = ølist('size_t[]', {self.name}.shape)",
            "else:",
            f"    {own}, {own}shape, {own}strides = {look}",
        ]

    def passed(self, own):
        ndim = [f"ølen({own}shape)"] if self.axes is None else []
        return [own, *ndim, f"{own}shape", f"{own}strides"]

    def check(self, value):
        """The pointer, the lengths and the strides."""
        buffer = self.buffer(value, self.axes)
        shape = _list("size_t[]", buffer.shape)
        if buffer.c_contiguous:
            return self.from_buffer(self.dense, buffer, self.writes), shape, _FFI.NULL
        # Only NumPy says where the first element of others lies.
        interface = getattr(value, "__array_interface__", None)
        if interface is None:
            raise self.wrong(ValueError, "is not dense, which only an array of NumPy may be")
        address = self.cast(self.pointer, interface["data"][0])
        return address, shape, _list("ptrdiff_t[]", buffer.strides)
