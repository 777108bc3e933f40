"""Fibonacci's numbers, remembered."""

# ANCHOR: fib
from functools import lru_cache


def plain_fib(n):
    return n if n < 2 else plain_fib(n - 1) + plain_fib(n - 2)


@lru_cache(maxsize=100)
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
# ANCHOR_END: fib


@lru_cache(maxsize=100)
def steps_to(stair):
    if stair < 4:
        return (1, 2, 4)[stair - 1]
    return steps_to(stair - 3) + steps_to(stair - 2) + steps_to(stair - 1)


# ANCHOR: info
print(fib(40), fib.cache_info())
print(steps_to(40), steps_to.cache_info())
# ANCHOR_END: info

assert plain_fib(15) == fib(15)
assert fib(40) == 102_334_155
assert steps_to.cache_info()[:2] == (72, 40)
