"""mpi4py with Numba in each rank: heat and pi on ranks that are processes; rank 0 answers the harness."""

import time

import mpi4py
import numba
import numpy as np
from mpi4py import MPI
from numba import njit

import with_numba

ABOUT = f"mpi4py {mpi4py.__version__}, Numba {numba.__version__}, {MPI.Get_library_version().split(',')[0].strip()}"

comm = MPI.COMM_WORLD
rank, size = comm.rank, comm.size

# The tag of what wakes a rank, and tells it whether there is more.
BEGIN = 1


def set_threads(threads):
    if threads != size:
        raise ValueError(f"there are {size} ranks here, not {threads}: give --threads {size}")


def begin():
    """Wakes the others, which sleep: a rank that waits for a broadcast takes all of a core."""
    for other in range(1, size):
        comm.send(True, other, BEGIN)


def rest():
    comm.bcast(None)


def share(n, of=None):
    """The first and the last but one of what a rank has of `n`."""
    of = rank if of is None else of
    return of * n // size, (of + 1) * n // size


# On one thread, as there is a rank for each.
evolve, inside = njit(fastmath=True)(with_numba.evolve), njit(fastmath=True)(with_numba.inside)


def heat(field, steps):
    n = len(field)
    counts = [n * (last - first) for first, last in (share(n, of) for of in range(size))]
    first, last = share(n)
    # A row of each neighbour, which the border of the plate lacks.
    top, bottom = int(rank > 0), int(rank < size - 1)
    u = np.empty((last - first + top + bottom, n))
    mine = slice(top, len(u) - bottom)
    comm.Scatterv([field, counts, MPI.DOUBLE] if rank == 0 else None, u[mine])
    v = u.copy()
    above = rank - 1 if top else MPI.PROC_NULL
    below = rank + 1 if bottom else MPI.PROC_NULL
    for step in range(steps):
        comm.Sendrecv(u[top], above, recvbuf=u[-1] if bottom else None, source=below)
        comm.Sendrecv(u[-1 - bottom], below, recvbuf=u[0] if top else None, source=above)
        if step == 0:
            v[:] = u
        evolve(u, v)
        u, v = v, u
    whole = np.empty_like(field) if rank == 0 else None
    comm.Gatherv(u[mine], [whole, counts, MPI.DOUBLE] if rank == 0 else None)
    return whole


def pi(seed, n):
    return comm.reduce(inside(seed, *share(n)))


WORKLOADS = {"heat": heat, "pi": pi}


RUNGS = {"mpi4py": WORKLOADS}


def make(rung, workload):
    function = WORKLOADS[workload]

    def run(*arguments):
        if workload == "heat" and size > len(arguments[0]):
            raise ValueError(f"{size} ranks for {len(arguments[0])} rows")
        # The others have nothing of the field but its shape until it is scattered.
        others = arguments if workload == "pi" else (Shape(arguments[0].shape), *arguments[1:])
        comm.bcast((workload, others))
        return function(*arguments)

    return run


class Shape:
    """Of an array that only rank 0 has."""

    def __init__(self, shape):
        self.shape = shape

    def __len__(self):
        return self.shape[0]


def follow():
    """What the ranks above 0 do: their part of each run, and between runs they sleep, until rank 0 has no more."""
    while True:
        while not comm.Iprobe(0, BEGIN):
            time.sleep(0.001)
        if not comm.recv(source=0, tag=BEGIN):
            return
        while (asked := comm.bcast(None)) is not None:
            workload, arguments = asked
            WORKLOADS[workload](*arguments)


def end():
    for other in range(1, size):
        comm.send(False, other, BEGIN)
