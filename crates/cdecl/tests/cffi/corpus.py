"""What CFFI makes of the declarations in its own tests: `corpus.py TESTS` prints them.

TESTS is the folder `testing` of CFFI's sources. Each literal string that is given to `cdef` is one
record, which ends in 0x1e; its parts end in 0x1f: `accepted` or `rejected`, file and line, the bound of
`packed` or `pack`, the text, and a line for each structure, union and type name whose size CFFI knows:
the name, size, alignment, and of each field its name, offset and, of bit-fields, shift and width.
"""

import ast
import pathlib
import sys
import warnings

import cffi

warnings.simplefilter("ignore")


def texts(folder):
    seen = set()
    for path in sorted(pathlib.Path(folder).rglob("*.py")):
        try:
            tree = ast.parse(path.read_text())
        except SyntaxError:
            continue
        for node in ast.walk(tree):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            is_text = node.args and isinstance(node.args[0], ast.Constant)
            if node.func.attr != "cdef" or not is_text or not isinstance(node.args[0].value, str):
                continue
            options = {
                word.arg: word.value.value
                for word in node.keywords
                if isinstance(word.value, ast.Constant)
            }
            key = (node.args[0].value, tuple(sorted(options.items())))
            if key not in seen:
                seen.add(key)
                yield f"{path.name}:{node.lineno}", node.args[0].value, options


def layouts(ffi):
    for key in list(ffi._parser._declarations):
        kind, name = key.split(" ", 1)
        if kind not in ("struct", "union", "typedef"):
            continue
        name = name if kind == "typedef" else key
        try:
            kind = ffi.typeof(name)
            line = [name, str(ffi.sizeof(kind)), str(ffi.alignof(kind))]
        except Exception:
            continue
        if kind.kind in ("struct", "union"):
            for field, at in kind.fields or ():
                shift = "" if at.bitsize < 0 else f"+{at.bitshift}:{at.bitsize}"
                line.append(f"{field}@{at.offset}{shift}")
        yield "\t".join(line)


for place, text, options in texts(sys.argv[1]):
    ffi = cffi.FFI()
    lines = []
    try:
        ffi.cdef(text, **options)
        verdict = "accepted"
        lines = list(layouts(ffi))
    except Exception:
        verdict = "rejected"
    pack = options.get("pack") or int(bool(options.get("packed")))
    sys.stdout.write("\x1f".join([verdict, place, str(pack), text, "\n".join(lines)]) + "\x1e")
