"""What one line costs under line_profiler, over what it costs without."""

import sys
import time

# This file has the package's name, and lies where Python looks first.
sys.path.pop(0)
try:
    from line_profiler import LineProfiler
except ImportError:
    print("line_profiler: not available")
    sys.exit()

TURNS = 20000


def turns():
    a = 1
    for i in range(TURNS):
        a ^= i
        a += 1
        a &= 255


def batch(call):
    start = time.perf_counter_ns()
    call()
    # A turn is four lines.
    return (time.perf_counter_ns() - start) / (4 * TURNS)


bare = min(batch(turns) for _ in range(30))
under = min(batch(LineProfiler(turns).wrap_callable(turns)) for _ in range(30))
print(f"line_profiler              {under:7.2f} ns a line, {under - bare:7.2f} over the bare one")
