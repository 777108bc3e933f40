# needs: numpy, dask
"""Pi as one task, and as five."""

import numpy as np


def calculate_pi(size):
    x, y = np.random.random((2, size // 16))
    return 4 * np.mean(x * x + y * y < 1)


# ANCHOR: one
import dask

pi = dask.delayed(calculate_pi)(10_000)
print(pi.compute())
# ANCHOR_END: one

# ANCHOR: five
tasks = [dask.delayed(calculate_pi)(100_000 * i) for i in range(1, 6)]
values = dask.compute(*tasks)
# ANCHOR_END: five
assert len(values) == 5 and abs(values[4] - 3.14159) < 0.2
