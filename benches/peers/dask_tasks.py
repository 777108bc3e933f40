"""What a task costs in Dask's threaded scheduler: the same graphs as benches/micro/array_executor.rs.

    python3 benches/peers/dask_tasks.py THREADS [LEAVES]

Prints a line for each: the wall and the CPU time of a task in ns, the least of three runs. Results are checked.
"""

import sys
import time
from concurrent.futures import ThreadPoolExecutor

import dask
import dask.threaded


def one():
    return 1


def add(a, b):
    return a + b


def independent(count):
    """Tasks that need nothing, and one that counts them, since only what is asked for is run."""
    graph = {("task", i): (one,) for i in range(count)}
    graph["sum"] = (sum, list(graph))
    return graph, "sum", count


def tree(leaves):
    graph = {("task", 0, i): (one,) for i in range(leaves)}
    level, width = 0, leaves
    while width > 1:
        width //= 2
        for i in range(width):
            graph["task", level + 1, i] = (add, ("task", level, 2 * i), ("task", level, 2 * i + 1))
        level += 1
    return graph, ("task", level, 0), leaves


def least(graph, key, expected, pool):
    wall = cpu = float("inf")
    for _ in range(3):
        begin, begin_cpu = time.perf_counter_ns(), time.process_time_ns()
        result = dask.threaded.get(graph, key, pool=pool)
        wall = min(wall, time.perf_counter_ns() - begin)
        cpu = min(cpu, time.process_time_ns() - begin_cpu)
        assert result == expected, result
    return wall / len(graph), cpu / len(graph)


def main():
    threads = int(sys.argv[1])
    leaves = int(sys.argv[2]) if len(sys.argv) > 2 else 1 << 14
    with ThreadPoolExecutor(threads) as pool:
        for name, (graph, key, expected) in [("independent", independent(2 * leaves - 1)), ("tree", tree(leaves))]:
            wall, cpu = least(graph, key, expected, pool)
            label = f"dask {dask.__version__}: {name}, {threads} threads"
            print(f"{label:<38} {wall:>9.0f} {cpu:>9.0f}   of {len(graph)} tasks")


main()
