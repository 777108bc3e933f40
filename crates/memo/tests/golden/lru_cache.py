"""What CPython's functools.lru_cache does with random calls, in lines that a test of ours makes too.

    python3 lru_cache.py SEED > lru_cache.txt

100 000 operations at each maxsize. Every 1000, a line: the maxsize, hits, misses, currsize, a hash of
which calls computed, and a hash of the keys that are there. No results of ours are in it.
"""

import functools
import gc
import sys

MASK = (1 << 64) - 1
OPERATIONS = 100_000
# maxsize, and how many keys there are to ask for
CASES = [(0, 5), (1, 3), (2, 5), (128, 200), (None, 2000)]


def splitmix(seed, i):
    z = (seed + (i + 1) * 0x9E3779B97F4A7C15) & MASK
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
    return z ^ (z >> 31)


def feed(hash, number):
    """FNV-1a, a whole number at once."""
    return ((hash ^ number) * 0x100000001B3) & MASK


def live(cached):
    """The keys that a cached function holds: its C code shows them to the garbage collector alone."""
    dicts = [x for x in gc.get_referents(cached) if type(x) is dict and x is not cached.__dict__]
    keys = sorted(key for d in dicts for key in d if type(key) is int)
    hash = 0xCBF29CE484222325
    for key in keys:
        hash = feed(hash, key)
    return hash


def main():
    seed = int(sys.argv[1])
    version = ".".join(map(str, sys.version_info[:3]))
    print(f"# {sys.implementation.name} {version}, lru_cache.py {seed}")
    for maxsize, keys in CASES:
        computed = 0

        @functools.lru_cache(maxsize=maxsize)
        def f(n):
            nonlocal computed
            computed = 1
            return n * n

        trace = 0xCBF29CE484222325
        for i in range(OPERATIONS):
            draw = splitmix(seed, i)
            if draw >> 32 < 500_000:  # one in 8590
                f.cache_clear()
            # The product of two numbers: some keys are asked for more often than others.
            key = (draw & 0xFFFF) % keys * ((draw >> 16) & 0xFFFF) % keys
            computed = 0
            f(key)
            trace = feed(trace, computed)
            if (i + 1) % 1000 == 0:
                info = f.cache_info()
                print(maxsize, *info[:2], info.currsize, f"{trace:016x}", f"{live(f):016x}")


main()
