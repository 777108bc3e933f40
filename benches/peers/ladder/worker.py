"""The ladder's workloads in Python and its companions, behind the requests of the harness (benches/harness/worker.rs).

    python3 worker.py PEER worker

One JSON request a line on stdin, one reply a line on stdout:

    "about"            -> {"about": {"words": "NumPy 2.4.6, Python 3.11.2", "written": {"numpy": ["heat", ..]}}}
    {"open": {"workload": "pi", "size": "course", "nth": 0, "input": null}} -> {"opened": LABEL}
    {"answer": {"rung": "numba", "threads": 1}}                             -> {"answered": [..]}
    {"sample": {"rung": "numba", "threads": 1, "loops": 0, "min_sample_ms": 20}}
                -> {"sampled": {"loops": N, "ns": T, "clean": true, "clocks": {"wall_ns": ..}}}

A peer is a module `with_PEER`: `ABOUT` says what it is, `RUNGS` under which names it is asked for and for which
workloads, and `make(rung, workload)` gives a function of a problem's arguments. It may have `take`, which makes of them
what the function is given; `set_threads`; `NANOSECONDS` of an operation, of a workload or of any (`""`), for what takes too
long to be tried; `SHARED`, if other threads compute than the one that calls; `begin` and `rest` around runs, and `end`.
"""

import os
import sys

# Before anything starts threads of its own: a peer that is on one core has one.
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import contextlib
import importlib
import json
import math
import platform
import time

import problems

# The names of the ladder's own rungs, for `cargo xtask bench --against`.
ALIASES = {"kernel": "numba", "kernel+threads": "numba+threads"}


class Worker:
    """A problem, and the peer's programs for it as they are asked for."""

    def __init__(self, peer):
        self.peer = peer
        self.workload = None
        self.made = {}

    def about(self):
        words = f"{self.peer.ABOUT}, Python {platform.python_version()}"
        written = {rung: list(workloads) for rung, workloads in self.peer.RUNGS.items()}
        return {"about": {"words": words, "written": written}}

    def open(self, workload, size, nth, input):
        self.workload = None
        if workload not in problems.WORKLOADS:
            raise ValueError(f"{workload} is not written for the peers")
        if input is not None:
            raise ValueError("the peers read no input files")
        draw, self.digest, sizes = problems.WORKLOADS[workload]
        label, self.arguments, self.operations = draw(*sizes[size][nth])
        self.workload = workload
        return {"opened": label}

    def run(self, rung, threads):
        """A function without arguments that computes the answer."""
        if self.workload is None:
            raise ValueError("no problem is open")
        rung = ALIASES.get(rung, rung)
        if rung not in self.peer.RUNGS:
            raise ValueError(f"there is no rung {rung} here")
        if self.workload not in self.peer.RUNGS[rung]:
            raise ValueError(f"{self.workload} is not written in {rung}")
        known = getattr(self.peer, "NANOSECONDS", {}).get(rung, {})
        seconds = self.operations * 1e-9 * known.get(self.workload, known.get("", 0))
        if seconds > 5:
            raise ValueError(f"a run takes about {seconds:.0f} s")
        key = rung, self.workload
        if key not in self.made:
            self.made[key] = self.peer.make(rung, self.workload)
        function = self.made[key]
        if hasattr(self.peer, "set_threads"):
            self.peer.set_threads(threads)
        arguments = self.peer.take(self.arguments) if hasattr(self.peer, "take") else self.arguments
        return lambda: function(*arguments)

    def answer(self, rung, threads):
        run = self.run(rung, threads)
        with self.running():
            numbers = self.digest(run())
        if not all(math.isfinite(number) for number in numbers):
            raise ValueError(f"the answer of {rung} has {numbers} as its digest")
        return {"answered": numbers}

    def sample(self, rung, threads, loops, min_sample_ms):
        run = self.run(rung, threads)
        with self.running():
            return self.timed(run, threads, loops, min_sample_ms)

    @contextlib.contextmanager
    def running(self):
        """Around runs, which are not timed with it: wakes those that share the work, and has them sleep again."""
        if hasattr(self.peer, "begin"):
            self.peer.begin()
        try:
            yield
        finally:
            if hasattr(self.peer, "rest"):
                self.peer.rest()

    def timed(self, run, threads, loops, min_sample_ms):
        one = threads == 1 and not getattr(self.peer, "SHARED", False)
        if loops == 0:
            loops = 1
            while True:
                start = time.perf_counter_ns()
                for _ in range(loops):
                    run()
                if time.perf_counter_ns() - start >= min_sample_ms * 1_000_000:
                    break
                loops *= 2
        processor = time.thread_time_ns if one else time.process_time_ns
        waited, before, start = waiting(one), processor(), time.perf_counter_ns()
        for _ in range(loops):
            run()
        wall, cpu, waited = time.perf_counter_ns() - start, processor() - before, waiting(one) - waited
        waited = max(waited, 0)
        return {
            "sampled": {
                "loops": loops,
                "ns": (cpu if one else wall) / loops,
                "clean": waited <= wall / 100,
                "clocks": {"wall_ns": wall, "cpu_ns": cpu, "run_delay_ns": waited},
            }
        }


def waiting(one):
    """Nanoseconds for which this thread, or all of this process, were ready and had no core."""
    if one:
        return delay("/proc/thread-self")
    return sum(delay(f"/proc/self/task/{task}") for task in os.listdir("/proc/self/task"))


def delay(task):
    try:
        with open(f"{task}/schedstat", encoding="ascii") as file:
            return int(file.read().split()[1])
    except (FileNotFoundError, ProcessLookupError):
        # The thread has ended.
        return 0


def serve(peer):
    """Answers requests; with the reason, where `peer` is why there is none."""
    worker = Worker(peer)
    # What a library prints must not be taken for a reply.
    replies, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        try:
            if isinstance(peer, str):
                raise ValueError(peer)
            request = json.loads(line)
            ((name, arguments),) = request.items() if isinstance(request, dict) else [(request, {})]
            if name not in ("about", "open", "answer", "sample"):
                raise ValueError(f"unknown variant {name}")
            reply = getattr(worker, name)(**arguments)
        except Exception as error:
            plain = isinstance(error, ValueError)
            reply = {"failed": str(error) if plain else f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), file=replies, flush=True)
    if hasattr(peer, "end"):
        peer.end()


if __name__ == "__main__":
    if len(sys.argv) != 3 or sys.argv[2] != "worker":
        sys.exit("usage: worker.py PEER worker (see benches/peers/peer)")
    try:
        lacks = os.environ.get("PEERS_LACKS")
        peer = lacks or importlib.import_module(f"with_{sys.argv[1]}")
    except Exception as error:
        plain = isinstance(error, ValueError)
        peer = str(error) if plain else f"{type(error).__name__}: {error}"
    if getattr(peer, "rank", 0) == 0:
        serve(peer)
    else:
        peer.follow()
