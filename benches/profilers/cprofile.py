"""What one call costs under cProfile, over what it costs without."""

import cProfile
import time

CALLS = 20000


def leaf():
    pass


def batch():
    start = time.perf_counter_ns()
    for _ in range(CALLS):
        leaf()
    return (time.perf_counter_ns() - start) / CALLS


def profiled():
    profile = cProfile.Profile()
    profile.enable()
    found = batch()
    profile.disable()
    return found


bare = min(batch() for _ in range(100))
under = min(profiled() for _ in range(100))
print(f"cProfile                   {under:7.2f} ns a call, {under - bare:7.2f} over the bare one")
