"""How long messages take with mpi4py: the same rounds as crates/comm-mpi/examples/latency.rs.

With the argument `message` it measures messages of 8 bytes alone. Two ranks; prints a line `NAME BYTES MICROSECONDS`, the median of the batches, for each case. Memory is
malloc's on both sides: numpy would ask for huge pages.
"""

import statistics
import sys
import time

import numpy as np
from mpi4py import MPI

SIZES = [8, 1 << 10, 3 << 10, 8 << 10, 64 << 10, 1 << 20, 4 << 20]
OBJECTS = [1 << 10, 64 << 10, 1 << 20]
BATCHES = 21
BATCH_BYTES = 16 << 20

comm = MPI.COMM_WORLD
rank, other = comm.rank, 1 - comm.rank


def array(size):
    values = np.frombuffer(bytearray(size), dtype=np.float64)
    values[:] = 1.0
    return values


def one_way(size):
    buffer = [array(size), MPI.DOUBLE]

    def run(rounds):
        for _ in range(rounds):
            if rank == 0:
                comm.Send(buffer, other)
                comm.Recv(buffer, other)
            else:
                comm.Recv(buffer, other)
                comm.Send(buffer, other)

    return run, 2


def allreduce(size):
    mine, total = [array(size), MPI.DOUBLE], [array(size), MPI.DOUBLE]

    def run(rounds):
        for _ in range(rounds):
            comm.Allreduce(mine, total, MPI.SUM)

    return run, 1


def ping(value):
    def run(rounds):
        for _ in range(rounds):
            if rank == 0:
                comm.send(value, other)
                comm.recv(source=other)
            else:
                comm.recv(source=other)
                comm.send(value, other)

    return run, 2


def records(size):
    """A number, a float and a word each: about 24 bytes."""
    return ping([(n, n * 0.5, "word%04d" % (n % 10000)) for n in range(size // 24)])


def floats(size):
    """A list of floats, as a program has that does not use arrays."""
    return ping([n * 0.5 for n in range(size // 8)])


def array_object(size):
    """An array that is sent as an object."""
    return ping(array(size))


def measure(name, sizes, case):
    for size in sizes:
        run, per_round = case(size)
        rounds = max(4, min(2000, BATCH_BYTES // size // (1 if case in (one_way, allreduce) else 50)))
        times = []
        for _ in range(BATCHES):
            comm.Barrier()
            start = time.perf_counter()
            run(rounds)
            times.append((time.perf_counter() - start) * 1e6 / rounds / per_round)
        if rank == 0:
            print(name, size, statistics.median(times), flush=True)


if comm.size != 2:
    sys.exit("this is for two ranks, there are %d" % comm.size)
measure("one_way", SIZES[:1] if sys.argv[1:] == ["message"] else SIZES, one_way)
if sys.argv[1:] == ["message"]:
    sys.exit()
measure("allreduce", SIZES, allreduce)
measure("records", OBJECTS, records)
measure("floats", OBJECTS, floats)
measure("array", OBJECTS, array_object)
