# needs: a GPU
"""Two vectors added on a device, by CuPy."""

# ANCHOR: arithmetic
import cupy as cp

host = (cp.arange(60_000) % 1000).astype(cp.float32).get()
a, b = cp.asarray(host), cp.asarray(2 * host)
c = a + b
# ANCHOR_END: arithmetic

# ANCHOR: kernel
add = cp.ElementwiseKernel("float32 a, float32 b", "float32 c", "c = a + b", "add")
by_kernel = add(a, b)
# ANCHOR_END: kernel

# ANCHOR: source
raw = cp.RawKernel(r"""
extern "C" __global__ void add(const float* a, const float* b, float* c, int n) {
    int i = blockDim.x * blockIdx.x + threadIdx.x;
    if (i < n) c[i] = a[i] + b[i];
}
""", "add")
by_source = cp.empty_like(a)
raw((235,), (256,), (a, b, by_source, a.size))
# ANCHOR_END: source
assert (by_kernel == c).all() and (by_source == c).all()
