"""Where what the peers compile goes, and how: once for a text and its flags."""

import hashlib
import os
import pathlib
import shlex
import subprocess

HERE = pathlib.Path(__file__).parent

# Answers of the ladder are compared to 1e-6: a compiler may order sums as it likes.
FLAGS = ["-O3", "-march=native", "-ffast-math"]
# Without -fopenmp its pragmas mean nothing.
QUIET = ["-Wno-unknown-pragmas"]


def folder():
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", HERE / "../../../target"))
    made = (target / "tenfold/compared").resolve()
    made.mkdir(parents=True, exist_ok=True)
    return made


def run(command):
    ended = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if ended.returncode:
        words = (ended.stderr or ended.stdout).strip().splitlines()
        raise ValueError(f"{shlex.join(map(str, command[:1]))} failed: {words[-1] if words else 'no reason given'}")
    return ended.stdout


def compiler():
    return shlex.split(os.environ.get("CC", "cc"))


def version():
    return run([*compiler(), "--version"]).splitlines()[0]


def library(*flags):
    """loops.c as a shared library."""
    text = (HERE / "loops.c").read_bytes() + repr((version(), flags, cpu())).encode()
    file = folder() / f"loops-{hashlib.sha256(text).hexdigest()[:16]}.so"
    if not file.exists():
        made = file.with_suffix(f".{os.getpid()}")
        shared = ["-fPIC", "-shared", "-o", made]
        run([*compiler(), *FLAGS, *QUIET, *flags, *shared, HERE / "loops.c", "-lm"])
        made.rename(file)
    return file


def cpu():
    """What -march=native means here."""
    with open("/proc/cpuinfo", encoding="ascii") as file:
        return [line for line in file if line.startswith(("flags", "Features"))][:1]
