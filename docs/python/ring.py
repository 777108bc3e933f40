# needs: numpy, mpi4py
"""A sum around a ring, on any number of ranks."""

# ANCHOR: ring
import numpy as np
from mpi4py import MPI

world = MPI.COMM_WORLD
rank, size = world.Get_rank(), world.Get_size()
left, right = (rank - 1) % size, (rank + 1) % size

passed, heard, total = np.array([rank]), np.empty(1, int), 0
for _ in range(size):
    sending = world.Issend(passed, dest=right, tag=17)
    world.Recv(heard, source=left, tag=17)
    sending.Wait()
    passed[:] = heard
    total += heard[0]
# ANCHOR_END: ring

# ANCHOR: allreduce
by_allreduce = world.allreduce(rank, op=MPI.SUM)
assert total == by_allreduce == size * (size - 1) // 2
# ANCHOR_END: allreduce

# ANCHOR: split
color = int(rank > (size - 1) // 3)
group = world.Split(color, 0)
sum_a = group.allreduce(rank)
sum_b = group.allreduce(group.Get_rank())
# ANCHOR_END: split
assert size != 12 or (sum_a, sum_b) == ((6, 6), (60, 28))[color]
