"""Nanoseconds of a hit and of a miss of CPython's lru_cache, for `benches/micro/memo.rs`.

    python3 lru_cache.py hit|miss|bare CALLS
"""

import functools
import sys
import time


def main():
    kind, calls = sys.argv[1], int(sys.argv[2])

    def f(n):
        return n + 1

    cached = functools.lru_cache(maxsize=10_000 if kind == "hit" else 1024)(f)
    called = f if kind == "bare" else cached
    keys = [i % 512 if kind == "hit" else i for i in range(calls)]
    for key in range(512):
        called(key)
    begin = time.perf_counter_ns()
    for key in keys:
        called(key)
    print(time.perf_counter_ns() - begin)


main()
