"""Dask's threaded scheduler on the array workloads of benches/micro/array.rs.

    python3 benches/peers/dask_arrays.py FILE.npy THREADS
    python3 benches/peers/dask_arrays.py FOLDER THREADS

FILE.npy holds a square array of float64; FOLDER holds the same as two Zarr arrays, `blocks` and `rows`. Reads names of
workloads, one a line, and answers each by a line: processor seconds, seconds, the most memory it took in MiB, and the
answer. `unknown` for what it does not know.
"""

import os
import resource
import sys
import time

import dask
import dask.array as da
import numpy as np


def cpu():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def status(field):
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith(field))


def arrays(path):
    """The array in blocks, and in rows, and what it is read by."""
    if os.path.isdir(path):
        import zarr

        blocks, rows = (da.from_zarr(f"{path}/{chunks}") for chunks in ("blocks", "rows"))
        return blocks, rows, f"zarr {zarr.__version__}"
    # What is mapped is no memory of its own, and copied into chunks by nobody: the fastest that Dask can read.
    mapped = np.load(path, mmap_mode="r")
    n = mapped.shape[0]
    blocks, rows = (da.from_array(mapped, chunks) for chunks in ((1024, 1024), (max(1, (1 << 20) // n), n)))
    return blocks, rows, "mapped"


def delayed_pi():
    def draw(chunk):
        return np.random.default_rng([2026, chunk]).random((2, 100_000))

    def inside(points):
        return int(((points**2).sum(axis=0) <= 1).sum())

    counts = [dask.delayed(inside)(dask.delayed(draw)(chunk)) for chunk in range(100)]
    while len(counts) > 1:
        pairs = [counts[i : i + 2] for i in range(0, len(counts), 2)]
        counts = [dask.delayed(sum)(pair) if len(pair) == 2 else pair[0] for pair in pairs]
    return counts[0] * (4 / 1e7)


def workloads(x, rows):
    n = x.shape[0]
    slim = da.from_array(np.arange(n * 64, dtype=float).reshape(n, 64) / n, chunks=(1024, 64))
    random = da.random.default_rng(1).random((n, n), chunks=(1024, 1024))
    points = da.random.default_rng(2).random((2, n * n // 4), chunks=(2, 1 << 20))

    def stencil(block):
        return block[:-2, 1:-1] + block[2:, 1:-1] + block[1:-1, :-2] + block[1:-1, 2:]

    def around():
        padded = da.overlap.overlap(x, depth=1, boundary="periodic")
        return padded.map_blocks(stencil, dtype=float).sum()

    # NumPy alone, one array after another in memory.
    memory = np.linspace(0, 1, n * n // 4)

    def chain():
        return (((memory + 1) * 2 - memory) / 3) * memory

    def eight():
        return np.maximum(np.abs((memory + 1) * 2 - memory - 1.5), memory) * memory + 2

    # What an operation is told to write to is there, and cleared by nobody.
    there = np.zeros_like(memory)

    def chain_there():
        return np.multiply(((memory + 1) * 2 - memory) / 3, memory, out=there)

    def eight_there():
        return np.add(np.maximum(np.abs((memory + 1) * 2 - memory - 1.5), memory) * memory, 2, out=there)

    return {
        "NumPy: chain": lambda: chain()[-1],
        "NumPy: chain, there": lambda: chain_there()[-1],
        "NumPy: eight, there": lambda: eight_there()[-1],
        "NumPy: chain, summed": lambda: chain().sum(),
        "NumPy: eight": lambda: eight()[-1],
        "NumPy: eight, summed": lambda: eight().sum(),
        "sum": lambda: x.sum(),
        "mean of columns": lambda: x.mean(axis=0).sum(),
        "mean of rows": lambda: x.mean(axis=1).sum(),
        "x + x.T": lambda: (x + x.T).mean(axis=0).sum(),
        "anomaly by blocks": lambda: abs(x - x.mean(axis=0)).sum(),
        "anomaly by rows": lambda: abs(rows - rows.mean(axis=0)).sum(),
        "squared deviation": lambda: ((x - x.mean()) ** 2).sum(),
        "rows to columns": lambda: rows.rechunk((n, max(1, (1 << 20) // n))).max(axis=1).sum(),
        "stencil": around,
        "tensordot": lambda: da.tensordot(x, slim, axes=1).sum(),
        "chain": lambda: ((((x + 1) * 2 - x) / 3) * x).sum(),
        "diagonal difference": lambda: abs(x[1:, 1:] - x[:-1, :-1]).sum(),
        "every second, backwards": lambda: x[::2, ::-1].max(axis=0).sum(),
        "min, max, mean": lambda: x.min() + x.max() + x.mean(),
        "exp": lambda: da.exp(x).sum(),
        "clip": lambda: da.clip(x, 0.25, 0.75).sum(),
        "where": lambda: da.where(x > 0.5, x, 0).sum(),
        "standard deviation": lambda: x.std(axis=0).sum(),
        "argmax": lambda: x.argmax(axis=1).sum(),
        "cumsum": lambda: da.cumsum(x, axis=0).max(),
        "count": lambda: (x > 0.5).sum(),
        "arange": lambda: da.arange(n * n, chunks=1 << 20, dtype=np.int64).sum(),
        "random sums": lambda: random.mean(),
        "pi": lambda: ((points**2).sum(axis=0) <= 1).mean() * 4,
        "delayed pi": delayed_pi,
        "outer": lambda: (slim[:, :1] * slim[:, 1:2].T).rechunk((1024, 1024)).max(),
        "reshape": lambda: x.reshape(n * n)[: n * n // 2].max(),
        "concatenate": lambda: da.concatenate([x, x[: n // 2]]).sum(),
    }


def main():
    path, threads = sys.argv[1], int(sys.argv[2])
    x, rows, read_by = arrays(path)
    known = workloads(x, rows)
    print(f"dask {dask.__version__}, numpy {np.__version__}, {read_by}", flush=True)
    for line in sys.stdin:
        name = line.strip()
        make = known.get(name)
        if make is None:
            print("unknown", flush=True)
            continue
        with open("/proc/self/clear_refs", "w") as peak:
            peak.write("5")
        before, cpu_before, begin = status("VmRSS"), cpu(), time.perf_counter()
        made = make()
        if not isinstance(made, np.generic):
            made = made.compute(scheduler="threads", num_workers=threads)
        # Random numbers are others on either side, so that answers are rounded to what they share.
        answer = round(float(made), 1) if name in ("random sums", "pi", "delayed pi") else float(made)
        wall, used = time.perf_counter() - begin, cpu() - cpu_before
        print(used, wall, (status("VmHWM") - before) / 1024, repr(answer), flush=True)


main()
