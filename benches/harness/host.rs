//! The machine: what it is, what it can do, and whether it gives what it promises.

use std::fs;
use std::hint::black_box;
use std::thread;
use std::time::{Duration, Instant};

use tenfold_profile::Stats;

use crate::document::{Host, Peaks};

/// Reads what the system tells; what it does not tell stays empty.
pub(crate) fn host() -> Host {
    let mut host = Host {
        cpu: proc_field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown".to_owned()),
        cores: cores(),
        isa: isa(),
        memory_bytes: memory_bytes().unwrap_or_default(),
        os: os(),
        load: load(),
        cpu_pressure: cpu_pressure(),
        ..Host::default()
    };
    host.fingerprint = fingerprint(&host);
    host.cores_granted = Some(cores_granted(host.cores));
    host
}

/// Threads that may run at once.
pub(crate) fn cores() -> usize {
    thread::available_parallelism().map_or(1, Into::into)
}

/// What must be equal for two figures to be comparable, in words, so that it stays the same
/// whatever compiles us. The memory is rounded, because the kernel keeps a little for itself, and
/// not always the same.
fn fingerprint(host: &Host) -> String {
    let gib = (host.memory_bytes as f64 / f64::from(1 << 30)).round();
    format!("{}, {} cores, {}, {gib} GiB, {}", host.cpu, host.cores, host.isa, std::env::consts::OS)
}

/// The value of the first `name : value` line.
fn proc_field(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

fn memory_bytes() -> Option<u64> {
    let kib = proc_field("/proc/meminfo", "MemTotal")?;
    Some(kib.split_whitespace().next()?.parse::<u64>().ok()? << 10)
}

fn os() -> String {
    let name = fs::read_to_string("/etc/os-release").ok().and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("PRETTY_NAME="))?;
        Some(line.trim_start_matches("PRETTY_NAME=").trim_matches('"').to_owned())
    });
    let name = name.unwrap_or_else(|| std::env::consts::OS.to_owned());
    match fs::read_to_string("/proc/sys/kernel/osrelease") {
        Ok(kernel) => format!("{name}, kernel {}", kernel.trim()),
        Err(_) => name,
    }
}

fn load() -> Option<f64> {
    fs::read_to_string("/proc/loadavg").ok()?.split_whitespace().next()?.parse().ok()
}

fn cpu_pressure() -> Option<f64> {
    let text = fs::read_to_string("/proc/pressure/cpu").ok()?;
    let average = text.split_whitespace().find_map(|word| word.strip_prefix("avg10="))?;
    Some(average.parse::<f64>().ok()? / 100.0)
}

#[cfg(target_arch = "x86_64")]
fn isa() -> String {
    let known = [
        ("avx2", is_x86_feature_detected!("avx2")),
        ("fma", is_x86_feature_detected!("fma")),
        ("avx512f", is_x86_feature_detected!("avx512f")),
    ];
    let names: Vec<&str> = known.iter().filter(|(_, has)| *has).map(|(name, _)| *name).collect();
    format!("x86-64 {}", names.join(" ")).trim_end().to_owned()
}

#[cfg(not(target_arch = "x86_64"))]
fn isa() -> String {
    std::env::consts::ARCH.to_owned()
}

/// How many of `threads` cores a fixed piece of work on each of them really gets: `threads` times
/// the time of one alone, by the time of all together. The fastest of one alone, because that is
/// what a core can do, and the median of all together, because that is what one gets.
pub(crate) fn cores_granted(threads: usize) -> f64 {
    const TRIES: usize = 5;
    let seconds = |n| (0..TRIES).map(move |_| together(n, spin).as_secs_f64()).collect::<Vec<_>>();
    let (one, all) = (Stats::of(&seconds(1)), Stats::of(&seconds(threads)));
    let all = all.map_or(f64::INFINITY, |all| all.median);
    (threads as f64 * one.map_or(0.0, |one| one.min) / all).min(threads as f64)
}

/// Some 14 ms of multiply-adds: long enough for the kernel to move a thread off a core that it
/// shares, which it looks into every few milliseconds.
fn spin() {
    black_box(multiply_adds(black_box(8_000_000)));
}

/// From the moment all threads have started until the last has ended.
fn together(threads: usize, work: fn()) -> Duration {
    let barrier = std::sync::Barrier::new(threads);
    thread::scope(|scope| {
        let run = || {
            barrier.wait();
            let start = Instant::now();
            work();
            (start, Instant::now())
        };
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(run)).collect();
        let (mut first, mut last) = run();
        for (start, end) in others.into_iter().filter_map(|other| other.join().ok()) {
            first = first.min(start);
            last = last.max(end);
        }
        last - first
    })
}

/// What one core and all cores can do, with the instructions that any build may use.
pub(crate) fn peaks(threads: usize) -> Peaks {
    Peaks {
        bytes_per_s: bandwidth(1),
        flops_per_s: flops(1),
        bytes_per_s_all: bandwidth(threads),
        flops_per_s_all: flops(threads),
    }
}

/// Independent multiply-adds in flight, two in a register: as many as the compiler keeps in
/// registers. (Of 8 to 32, it spills all but 8 and 16, to half the rate or less.)
const LANES: usize = 16;

/// `n` rounds of `LANES` independent multiply-adds, 2 flops each.
fn multiply_adds(n: u64) -> f64 {
    let mut lanes = [1.0; LANES];
    let (a, b) = (black_box(0.999_999), black_box(1e-6));
    for _ in 0..n {
        for lane in &mut lanes {
            *lane = *lane * a + b;
        }
    }
    lanes.iter().sum()
}

fn flops(threads: usize) -> f64 {
    const ROUNDS: u64 = 2_000_000;
    let work = || {
        black_box(multiply_adds(black_box(ROUNDS)));
    };
    let best = (0..5).map(|_| together(threads, work)).min().unwrap_or(Duration::MAX);
    threads as f64 * (2 * LANES as u64 * ROUNDS) as f64 / best.as_secs_f64()
}

/// The triad `a = b + s c`; 24 bytes an element, as STREAM counts.
fn bandwidth(threads: usize) -> f64 {
    // 3 x 32 MiB a thread: past any last-level cache that a core has for itself.
    const N: usize = 4 << 20;
    let barrier = std::sync::Barrier::new(threads);
    let work = || {
        let mut a = vec![0.0_f64; N];
        let (b, c) = (vec![1.0_f64; N], vec![2.0_f64; N]);
        let s = black_box(3.0);
        let sweep = |a: &mut [f64]| {
            barrier.wait();
            let start = Instant::now();
            for ((a, b), c) in a.iter_mut().zip(&b).zip(&c) {
                *a = b + s * c;
            }
            black_box(a.first());
            start.elapsed()
        };
        // The first sweep meets fresh pages.
        (0..5).map(|_| sweep(&mut a)).min().unwrap_or(Duration::MAX)
    };
    let slowest = thread::scope(|scope| {
        let all: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        all.into_iter().filter_map(|one| one.join().ok()).max().unwrap_or(Duration::MAX)
    });
    (threads * N * 24) as f64 / slowest.as_secs_f64()
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_host_has_what_the_report_shows() {
        let host = super::host();
        assert!(host.cores >= 1);
        assert_eq!(host.fingerprint, super::fingerprint(&host));
        let granted = host.cores_granted.unwrap();
        assert!(granted > 0.0 && granted <= host.cores as f64);
    }

    #[test]
    fn peaks_are_of_this_world() {
        let peaks = super::peaks(1);
        assert!((1e7..1e13).contains(&peaks.bytes_per_s), "{peaks:?}");
        assert!((1e7..1e13).contains(&peaks.flops_per_s), "{peaks:?}");
    }
}
