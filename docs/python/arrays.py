# needs: numpy, dask
"""First arrays of Dask, and pi as tasks."""

# ANCHOR: squares
import dask.array as da

a = da.arange(1, 50, 3, chunks=5)
print(a)
squares = a ** 2
print(squares.compute())
# ANCHOR_END: squares
assert squares.compute()[-1] == 2401

# ANCHOR: sums
x = da.random.random(20, chunks=5)
print(x.sum().compute())

x = da.random.random((15, 15), chunks=(10, 5))
print((x + x.T).sum().compute())
# ANCHOR_END: sums

# ANCHOR: pi
points = 2_000_000
x = da.random.random(points, chunks=2**17)
y = da.random.random(points, chunks=2**17)
inside = x * x + y * y <= 1
pi = 4 * inside.sum().compute() / points
# ANCHOR_END: pi
assert abs(pi - 3.14159) < 0.02
