//! The threads that work.

use std::thread;

/// More threads than this are not started: a process that has no room for one more may abort.
pub(super) const MOST: usize = 1024;

/// Runs `work` on so many workers, numbered from 0: on this thread, and on others that end with it.
///
/// Threads of its own, not rayon's: a task may compute another graph, or use rayon itself. With both on one
/// pool a worker that sleeps would keep a thread that the inner one waits for. Starting them takes some 20 µs each,
/// once for a computation.
pub(super) fn crew(workers: usize, work: impl Fn(usize) + Sync) {
    thread::scope(|scope| {
        let work = &work;
        for worker in 1..workers.min(MOST) {
            let thread = thread::Builder::new().name(format!("tenfold {worker}"));
            if thread.spawn_scoped(scope, move || work(worker)).is_err() {
                // No more threads are to be had: those that there are do it all.
                break;
            }
        }
        work(0);
    });
}

/// How many threads somebody means who says `threads`: 0 for as many as this process may run on.
pub(crate) fn workers(threads: usize) -> usize {
    let threads = match threads {
        0 => thread::available_parallelism().map_or(1, usize::from),
        some => some,
    };
    threads.min(MOST)
}
