"""What CuPy (cuBLAS, CUB) takes for what `cargo run --release -p tenfold-gpu --example throughput` does.

    python3 benches/peers/cupy_throughput.py elements=16777216 side=1024 repeat=10

Times are those of CUDA's events over `repeat` runs, the best of three, after one that compiles. The
names of the lines are those of the example. CuPy takes its fastest ways: CUB, and cuBLAS without TF32.
"""

import os
import sys

os.environ.setdefault("CUPY_ACCELERATORS", "cub")
os.environ.setdefault("NVIDIA_TF32_OVERRIDE", "0")

import cupy as cp  # noqa: E402


def options(arguments):
    values = {"elements": 1 << 24, "side": 1024, "repeat": 10}
    for argument in arguments:
        name, value = argument.split("=")
        values[name] = int(value)
    return values


def line(name, amount, unit, repeat, run):
    run()
    cp.cuda.Device().synchronize()
    best = float("inf")
    for _ in range(3):
        start, end = cp.cuda.Event(), cp.cuda.Event()
        start.record()
        for _ in range(repeat):
            run()
        end.record()
        end.synchronize()
        best = min(best, cp.cuda.get_elapsed_time(start, end) * 1e-3 / repeat)
    print(f"{name:28} device {best * 1e6:12.2f} us  {amount / best / 1e9:12.2f} G{unit}/s", flush=True)


def main():
    values = options(sys.argv[1:])
    n, side, repeat = values["elements"], values["side"], values["repeat"]
    name = cp.cuda.runtime.getDeviceProperties(0)["name"].decode()
    print(f"{name}, cupy {cp.__version__}, CUDA {cp.cuda.runtime.runtimeGetVersion()}")
    print(f"elements {n}, side {side}, repeat {repeat}")
    random = cp.random.default_rng(1)
    x = random.random(n, dtype=cp.float32)
    y = random.random(n, dtype=cp.float32)
    u = random.integers(0, 1 << 32, n, dtype=cp.uint32)
    out = cp.empty_like(x)
    line("copy f32", 8 * n, "B", repeat, lambda: cp.copyto(out, x))
    saxpy = cp.ElementwiseKernel("float32 a, float32 x, float32 y", "float32 z", "z = a * x + y", "saxpy")
    line("saxpy f32", 12 * n, "B", repeat, lambda: saxpy(2.0, x, y, out))
    line("add f32", 12 * n, "B", repeat, lambda: cp.add(x, y, out=out))
    line("reduce sum f32", 4 * n, "B", repeat, lambda: x.sum())
    line("reduce max f32", 4 * n, "B", repeat, lambda: x.max())
    line("reduce argmax f32", 4 * n, "B", repeat, lambda: x.argmax())
    columns = min(1024, n)
    matrix = x[: n // columns * columns].reshape(-1, columns)
    line("reduce sum columns f32", 4 * matrix.size, "B", repeat, lambda: matrix.sum(axis=0))
    line("reduce sum rows f32", 4 * matrix.size, "B", repeat, lambda: matrix.sum(axis=1))
    d = x[: n // 2].astype(cp.float64)
    line("reduce sum f64", 8 * d.size, "B", repeat, lambda: d.sum())
    a = random.random((side, side), dtype=cp.float32)
    b = random.random((side, side), dtype=cp.float32)
    line("matmul f32", 2 * side**3, "FLOP", repeat, lambda: a @ b)
    a, b = a.astype(cp.float64), b.astype(cp.float64)
    line("matmul f64", 2 * side**3, "FLOP", repeat, lambda: a @ b)
    line("scan u32", n, "elem", repeat, lambda: cp.cumsum(u, dtype=cp.uint32))
    line("scan f32", n, "elem", repeat, lambda: cp.cumsum(x))
    line("sort u32", n, "elem", repeat, lambda: cp.sort(u))
    line("sort places u32", n, "elem", repeat, lambda: cp.argsort(u))
    line("sort f32", n, "elem", repeat, lambda: cp.sort(x))
    line("random f32", 4 * n, "B", repeat, lambda: random.random(n, dtype=cp.float32))
    line("random normal f32", 4 * n, "B", repeat, lambda: random.standard_normal(n, dtype=cp.float32))


if __name__ == "__main__":
    main()
