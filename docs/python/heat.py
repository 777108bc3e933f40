"""The heat equation under cProfile."""

import os
import tempfile

# ANCHOR: evolve
def evolve(u, previous):
    for i in range(1, len(u) - 1):
        for j in range(1, len(u) - 1):
            around = (previous[i - 1][j] + previous[i + 1][j]
                      + previous[i][j - 1] + previous[i][j + 1])
            u[i][j] = previous[i][j] + 0.125 * (around - 4 * previous[i][j])
# ANCHOR_END: evolve


def initialise(n):
    return [[65.0 if i == n // 2 else 20.0 for _ in range(n)] for i in range(n)]


heat_prof = os.path.join(tempfile.gettempdir(), "heat-of-the-book.prof")
# ANCHOR: session
import cProfile
import pstats

profiler = cProfile.Profile()
profiler.enable()
u = initialise(100)
for _ in range(200):
    evolve(u, [row[:] for row in u])
profiler.disable()
profiler.dump_stats(heat_prof)
stats = pstats.Stats(heat_prof)
stats.sort_stats("time").print_stats(10)
# ANCHOR_END: session

of_evolve = [value for key, value in stats.stats.items() if key[2] == "evolve"]
assert of_evolve[0][0] == 200
assert of_evolve[0][2] == max(value[2] for value in stats.stats.values())
