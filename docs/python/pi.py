"""Monte-Carlo pi in two versions, timed and profiled."""

# ANCHOR: versions
import random
import timeit


def by_lists(n):
    points = [(random.random(), random.random()) for _ in range(n)]
    return 4 * len([p for p in points if p[0] ** 2 + p[1] ** 2 <= 1]) / n


def by_loop(n):
    inside = 0
    for _ in range(n):
        inside += random.random() ** 2 + random.random() ** 2 <= 1
    return 4 * inside / n
# ANCHOR_END: versions


# ANCHOR: timeit
n = 10_000
for version in by_lists, by_loop:
    times = timeit.repeat(lambda: version(n), number=5)
    print(version.__name__, version(n), min(times) / 5)
    assert abs(version(n) - 3.14159) < 0.1
# ANCHOR_END: timeit
